// SPDX-License-Identifier: GPL-2.0-only
/* Histories as text, what the model makes of them, and which are enumerated. */
#include "explore/enumerate.h"
#include "explore/shrink.h"

#include <stdlib.h>

#include "test.h"

static struct explore_history parsed(const char *text)
{
	struct explore_history h;
	const char *why;
	size_t at;

	CHECK(!history__parse(text, &h, &why, &at));
	return h;
}

static void text_is_read_and_written(void)
{
	static const char text[] = "rename-in a; list; link a b; open 1; read-all 2; chown-dir";
	struct explore_history h = parsed(text);
	char again[EXPLORE_TEXT];

	CHECK_EQ(h.n, 6);
	CHECK_STR(history__print(&h, again), text);
	h = parsed("  list ;drop;");
	CHECK_STR(history__print(&h, again), "list; drop");
}

static void wrong_text_is_refused(void)
{
	static const struct {
		const char *text, *why;
		size_t at;
	} wrong[] = {
		{ "", "an operation is missing", 0 },
		{ "list;; list", "an operation is missing", 5 },
		{ "list; jump", "there is no such operation", 6 },
		{ "open 3", "a stream is 1 or 2", 5 },
		{ "open", "a stream is 1 or 2", 4 },
		{ "unlink q", "a name is a, b, c, x, y or d", 7 },
		{ "link a", "two names of a, b, c, x, y, d are needed", 6 },
		{ "list a", "too many operands", 5 },
		{ "list;list;list;list;list;list;list;list;list;list;drop",
		  "the history is too long", 50 },
	};
	struct explore_history h;
	const char *why;
	size_t i, at;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK_EQ(history__parse(wrong[i].text, &h, &why, &at), -1);
		CHECK_STR(why, wrong[i].why);
		CHECK_EQ(at, wrong[i].at);
	}
}

static uint8_t names_after(enum explore_config_id id, const char *text, struct model *m)
{
	struct explore_history h = parsed(text);

	CHECK_EQ(model__run(m, &explore_configs[id], &h), h.n);
	return model__names(m);
}

#define HAS(name) (1u << NAME_##name)

static void the_model_knows_names(void)
{
	struct model m;

	CHECK_EQ(names_after(CONFIG_UPPER_ONLY_PLAIN, "rename-in a; list; link a b", &m),
		 HAS(A) | HAS(B) | HAS(X));
	CHECK(m.d[NAME_B].linked && !m.d[NAME_A].linked);
	CHECK_EQ(m.d[NAME_A].object, m.d[NAME_B].object);
	CHECK_EQ(names_after(CONFIG_MERGED_PLAIN, "unlink y; rmdir d; rename x y", &m), HAS(Y));
	CHECK_EQ(names_after(CONFIG_MERGED_PLAIN, "exchange x y; unlink x", &m), HAS(Y) | HAS(D));
	CHECK(!m.d[NAME_Y].lower);
	CHECK_EQ(names_after(CONFIG_EMPTY_PLAIN, "open 1; remove; remake; create a", &m), HAS(A));
	CHECK(m.stream[0].dead);
}

static void the_model_knows_what_is_impossible(void)
{
	static const struct {
		enum explore_config_id id;
		const char *text;
		int at;
	} impossible[] = {
		{ CONFIG_UPPER_ONLY_PLAIN, "read 1", 0 },
		{ CONFIG_UPPER_ONLY_PLAIN, "open 1; open 1", 1 },
		{ CONFIG_UPPER_ONLY_PLAIN, "create x", 0 },
		{ CONFIG_UPPER_ONLY_PLAIN, "list; drop; drop", 2 },
		{ CONFIG_UPPER_ONLY_PLAIN, "open 1; remount", 1 },
		{ CONFIG_UPPER_ONLY_PLAIN, "remove", 0 },
		{ CONFIG_MERGED_PLAIN, "move", 0 },
		{ CONFIG_MERGED_PLAIN, "rename-out d", 0 },
		{ CONFIG_MERGED_PLAIN, "chown-dir", 0 },
		/* two names of one file */
		{ CONFIG_UPPER_ONLY_PLAIN, "link-in a; rename-in a", 1 },
	};
	struct explore_history h;
	struct model m;
	size_t i;

	for (i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
		h = parsed(impossible[i].text);
		CHECK_EQ(model__run(&m, &explore_configs[impossible[i].id], &h), impossible[i].at);
	}
	h = parsed("move; rename-out d; move");
	CHECK_EQ(model__run(&m, &explore_configs[CONFIG_MERGED_REDIRECT], &h), 3);
}

static void the_model_knows_what_streams_list(void)
{
	struct model m;

	names_after(CONFIG_MERGED_PLAIN, "open 1; read 1; create a; unlink a; unlink y", &m);
	CHECK_EQ(m.stream[0].stable, HAS(X) | HAS(D));
	CHECK_EQ(m.stream[0].seen, HAS(A) | HAS(X) | HAS(Y) | HAS(D));
	names_after(CONFIG_MERGED_PLAIN, "open 1; read 1; create a; unlink y; rewind 1", &m);
	CHECK_EQ(m.stream[0].stable, HAS(A) | HAS(X) | HAS(D));
	CHECK_EQ(m.stream[0].seen, HAS(A) | HAS(X) | HAS(D));
	/* another file of that name */
	names_after(CONFIG_MERGED_PLAIN, "open 1; read 1; rename x y", &m);
	CHECK_EQ(m.stream[0].stable, HAS(D));
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}

enum {
	MANY = 20000,
};

static void each_history_is_enumerated_once(void)
{
	char(*texts)[EXPLORE_TEXT] = calloc(MANY, EXPLORE_TEXT);
	struct enumeration e;
	size_t n = 0, i;

	enumerate__begin(&e, &explore_configs[CONFIG_UPPER_ONLY_PLAIN], 3);
	while (n < MANY && enumerate__next(&e)) {
		struct explore_history h;

		history__print(&e.history, texts[n]);
		h = parsed(texts[n++]);
		CHECK(!memcmp(&h, &e.history, sizeof(h)));
	}
	CHECK(n > 1000 && n < MANY);
	CHECK_EQ(enumerate__count(&explore_configs[CONFIG_UPPER_ONLY_PLAIN], 3, MANY), n);
	CHECK_EQ(enumerate__count(&explore_configs[CONFIG_UPPER_ONLY_PLAIN], 3, 10), 10);
	qsort(texts, n, EXPLORE_TEXT, compare_texts);
	for (i = 1; i < n; i++)
		CHECK(strcmp(texts[i - 1], texts[i]));
	CHECK(bsearch("rename-in a; list; link a b", texts, n, EXPLORE_TEXT, compare_texts));
	/* only renames the one before */
	CHECK(!bsearch("rename-in b; list; link b a", texts, n, EXPLORE_TEXT, compare_texts));
	CHECK(!bsearch("open 2; read 2; list", texts, n, EXPLORE_TEXT, compare_texts));
	free(texts);
}

static void every_configuration_has_histories(void)
{
	size_t i;

	for (i = 0; i < EXPLORE_CONFIGS; i++) {
		uint64_t one = enumerate__count(&explore_configs[i], 1, MANY);
		uint64_t two = enumerate__count(&explore_configs[i], 2, MANY);

		CHECK(one > 5 && two > 5 * one);
	}
}

static bool links_after_list(void *ctx, const struct explore_history *h)
{
	struct explore_history part = parsed("rename-in a; list; link a b");

	++*(int *)ctx;
	return shrink__contains(h, &part);
}

static void a_bad_history_is_shrunk(void)
{
	struct explore_history h =
		parsed("open 1; create a; rename-in b; read 1; list; list; close 1; link b c");
	char text[EXPLORE_TEXT];
	int tries = 0;

	shrink__run(&explore_configs[CONFIG_UPPER_ONLY_PLAIN], &h, links_after_list, &tries);
	CHECK_STR(history__print(&h, text), "rename-in b; list; link b c");
	CHECK(tries < 40);
}

static void histories_contain_others(void)
{
	struct explore_history part = parsed("rename-in a; list; link a b");
	struct explore_history h = parsed("rename-in b; rename-in a; list; open 1; link b c");

	CHECK(shrink__contains(&h, &part));
	/* linked is not what was moved in */
	h = parsed("rename-in a; list; link x b");
	CHECK(!shrink__contains(&h, &part));
	h = parsed("list; rename-in a; link a b");
	CHECK(!shrink__contains(&h, &part));
	part = parsed("open 1; open 2; read 1");
	h = parsed("open 2; open 1; read 2");
	CHECK(shrink__contains(&h, &part));
	h = parsed("open 2; open 1; read 1");
	CHECK(!shrink__contains(&h, &part));
}

int main(void)
{
	TEST(text_is_read_and_written);
	TEST(wrong_text_is_refused);
	TEST(the_model_knows_names);
	TEST(the_model_knows_what_is_impossible);
	TEST(the_model_knows_what_streams_list);
	TEST(each_history_is_enumerated_once);
	TEST(every_configuration_has_histories);
	TEST(a_bad_history_is_shrunk);
	TEST(histories_contain_others);
	return test_done();
}
