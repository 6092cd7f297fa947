// SPDX-License-Identifier: GPL-2.0-only
/* The model of the cache, and the schedules that are enumerated. */
#include "explore/schedule.h"

#include <stdlib.h>

#include "test.h"

static const struct cache_form *form(const char *name)
{
	size_t i;

	for (i = 0; i < CACHE_FORMS; i++)
		if (!strcmp(cache_forms[i].name, name))
			return &cache_forms[i];
	abort();
}

static struct schedule parsed(const char *text)
{
	struct schedule s;
	const char *why = "";
	size_t at;

	if (!CHECK(!schedule__parse(text, &s, &why, &at)))
		printf("# %s: %s\n", text, why);
	return s;
}

static void text_is_read_and_written(void)
{
	static const char text[] = "R1<; rename-out y; R2; R1>; rename a c";
	struct schedule s;
	char again[SCHEDULE_TEXT];

	s = parsed("R1<;rename-in a ; R2;R1> ; rename a c;");
	CHECK_STR(schedule__print(&s, again), "R1<; rename-in a; R2; R1>; rename a c");
	CHECK_EQ(s.n, 5);
	CHECK(s.piece[2].kind == PIECE_WHOLE && s.piece[2].reader == 1);
	/* a is not there yet */
	const char *why;
	size_t at;
	CHECK_EQ(schedule__parse(text, &s, &why, &at), -1);
	CHECK_STR(why, "that modification is not possible there");
	CHECK_EQ(at, 28);
}

/* A list fills the cache: the next reader has no window, until a modification. */
static void a_history_may_come_first(void)
{
	bool in_window[SCHEDULE_PIECES];
	struct cache_state end;
	struct schedule s = parsed("list; R1<; R1>");

	schedule__predict(&s, form("racy"), &end, in_window);
	CHECK(!in_window[1]);
	s = parsed("list; drop; R1<; R1>");
	schedule__predict(&s, form("racy"), &end, in_window);
	CHECK(in_window[2]);
	s = parsed("list; unlink y; R1<; rename-in a; R1>");
	schedule__predict(&s, form("fixed"), &end, in_window);
	CHECK(in_window[2] && !in_window[4]);
	CHECK_EQ(end.defects.stale_impure_clears, 1);
	/* the known defect: a link raises no version */
	s = parsed("list; link y a; R1");
	schedule__predict(&s, form("held"), &end, in_window);
	CHECK(end.defects.wrong_listing);
}

static void wrong_text_is_refused(void)
{
	static const struct {
		const char *text, *why;
	} wrong[] = {
		{ "", "a piece is missing" },
		{ "R1<;;R1>", "a piece is missing" },
		{ "R1>", "that reader has not been started" },
		{ "R1<; R1<", "that reader was started before" },
		{ "R1; R1>", "that reader has not been started" },
		{ "R5<", "there is no such operation" },
		{ "R1; list", "no such modification in a schedule" },
		{ "open 1", "no such modification in a schedule" },
		{ "unlink x", "no such modification in a schedule" },
		{ "mkdir d", "no such modification in a schedule" },
		{ "rename-out a", "that modification is not possible there" },
	};
	struct schedule s;
	const char *why;
	size_t i, at;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK_EQ(schedule__parse(wrong[i].text, &s, &why, &at), -1);
		CHECK_STR(why, wrong[i].why);
	}
}

/* ---- the specification, by hand ---------------------------------------------------- */

struct expected {
	const char *schedule, *form;
	int stale_stores, unfreed_caches, stale_impure_clears, wrong;
};

static const struct expected by_hand[] = {
	/* y is gone: what is left in the cache is never looked at */
	{ "R1<; rename-out y; R1>", "racy", 1, 0, 0, 0 },
	{ "R1<; rename-in a; R1>", "racy", 1, 0, 0, 1 },
	{ "R1<; rename-in a; R1>", "half-free", 1, 0, 0, 1 },
	{ "R1<; rename-in a; R1>", "half-version", 0, 0, 0, 0 },
	{ "R1<; rename-in a; R1>", "fixed", 0, 0, 0, 0 },
	/* without a modification, two readers with an empty slot */
	{ "R1<; R2<; R1>; R2>", "racy", 0, 1, 0, 0 },
	{ "R1<; R2<; R1>; R2>", "half-version", 0, 1, 0, 0 },
	{ "R1<; R2<; R1>; R2>", "half-free", 0, 0, 0, 0 },
	{ "R1<; R1>; R2", "racy", 0, 0, 0, 0 },
	/* a later reader frees the outdated cache before it reads */
	{ "R1<; rename-in a; R1>; R2", "half-version", 0, 0, 0, 0 },
	{ "R1<; rename-in a; R1>; rename-out a; R2", "racy", 1, 0, 0, 0 },
	/* what is created raises no version */
	{ "R1<; create a; R1>", "racy", 0, 0, 0, 0 },
	/* nothing is translated at the read, and something is at the clear */
	{ "rename-out y; R1<; rename-in a; R1>", "racy", 0, 0, 1, 1 },
	{ "rename-out y; R1<; rename-in a; R1>", "fixed", 0, 0, 1, 1 },
	{ "rename-out y; R1<; rename-in a; R1>", "noclear", 0, 0, 0, 0 },
	{ "unlink y; R1<; rename-in a; rename-out a; R1>", "fixed", 0, 0, 1, 0 },
	/* coming from another directory sets the flag again */
	{ "unlink y; R1<; rename-in a; R1>; rename-in b", "fixed", 0, 0, 1, 0 },
	{ "unlink y; R1<; rename-in a; R1>; rename a c", "fixed", 0, 0, 1, 1 },
	/* reads again: the second window, and then the lock is kept */
	{ "R1<; rename-in a; R1>; R1>", "retry", 0, 0, 0, 0 },
	{ "unlink y; R1<; rename-in a; R1>; rename-in b; R1>", "retry", 0, 0, 0, 0 },
	{ "R1; rename-in a", "held", 0, 0, 0, 0 },
};

static void the_specification_by_hand(void)
{
	size_t i;

	for (i = 0; i < sizeof(by_hand) / sizeof(by_hand[0]); i++) {
		const struct expected *e = &by_hand[i];
		struct schedule s = parsed(e->schedule);
		bool in_window[SCHEDULE_PIECES], good = true;
		struct cache_state end;

		schedule__predict(&s, form(e->form), &end, in_window);
		good &= CHECK_EQ(end.defects.stale_stores, e->stale_stores);
		good &= CHECK_EQ(end.defects.unfreed_caches, e->unfreed_caches);
		good &= CHECK_EQ(end.defects.stale_impure_clears, e->stale_impure_clears);
		good &= CHECK_EQ(end.defects.wrong_listing, e->wrong);
		if (!good)
			printf("# %s on %s\n", e->schedule, e->form);
	}
}

static void a_form_is_recognized(void)
{
	struct schedule s = parsed("R1<; rename-in a; R1>");
	struct schedule_seen seen = { .in_window = { true } };

	CHECK(schedule__fits(&s, &seen, form("fixed"), false));
	CHECK(schedule__fits(&s, &seen, form("half-version"), false));
	CHECK(!schedule__fits(&s, &seen, form("racy"), false));
	CHECK(!schedule__fits(&s, &seen, form("held"), false));
	/* it would read again */
	CHECK(!schedule__fits(&s, &seen, form("retry"), false));
	seen.defects.wrong_listing = true;
	CHECK(!schedule__fits(&s, &seen, form("fixed"), true));
	CHECK(!schedule__fits(&s, &seen, form("racy"), false));
	CHECK(schedule__fits(&s, &seen, form("racy"), true));
}

static void a_timeline(void)
{
	struct schedule s = parsed("R1<; create a; rename y c; R1>");
	static const char *const want[] = {
		"R1<: reader 1 lists D at version 0, and drops the lock",
		"create a: version 0, as before",
		"rename y c: version 2",
		"R1>: reader 1 takes the lock again at version 2, and ends",
	};
	char line[SCHEDULE_LINE];
	unsigned int version = 0;
	struct model dir;
	int i;

	model__init(&dir, &schedule_config);
	for (i = 0; i < s.n; i++) {
		schedule__describe(&s.piece[i], !i, &dir, &version, line);
		CHECK_STR(line, want[i]);
	}
}

static void bumps_are_those_of_the_kernel(void)
{
	struct schedule s =
		parsed("rename-in a; rename a c; create a; unlink a; rename c y; unlink y");
	static const unsigned int want[] = { 1, 2, 0, 0, 2, 1 };
	struct model dir;
	int i;

	model__init(&dir, &schedule_config);
	for (i = 0; i < s.n; i++) {
		CHECK_EQ(cache__bumps(&dir, s.piece[i].step), want[i]);
		CHECK(model__apply(&dir, s.piece[i].step));
	}
}

/* ---- all of a scope ------------------------------------------------------------------ */

struct totals {
	unsigned long schedules, stale_stores, unfreed_caches, stale_impure_clears, wrong;
	char first_clear[SCHEDULE_TEXT];
};

static bool run(struct cache_state *st, struct piece p)
{
	bool held = false;

	if (p.kind == PIECE_RELEASE)
		return cache__release(st, p.reader);
	if (p.kind == PIECE_MODIFY)
		cache__modify(st, p.step);
	else
		held = cache__start(st, p.reader);
	while (held && p.kind == PIECE_WHOLE)
		held = cache__release(st, p.reader);
	return held;
}

static void add(struct totals *t, const struct cache_state *end, const struct schedule *s)
{
	t->schedules++;
	t->stale_stores += end->defects.stale_stores > 0;
	t->unfreed_caches += end->defects.unfreed_caches > 0;
	t->stale_impure_clears += end->defects.stale_impure_clears > 0;
	t->wrong += end->defects.wrong_listing;
	if (end->defects.stale_impure_clears && !*t->first_clear)
		schedule__print(s, t->first_clear);
}

static void explore_scope(const struct cache_form *f, const struct scope *scope, struct totals *t)
{
	static struct walk w;
	struct piece p;

	walk__begin(&w, scope);
	do {
		struct schedule_seen seen = { 0 };
		struct cache_state st;

		cache__init(&st, f, &schedule_config);
		while (walk__piece(&w, &p))
			walk__answer(&w, run(&st, p));
		CHECK(!w.broken);
		cache__list(&st);
		memcpy(seen.in_window, w.in_window, sizeof(seen.in_window));
		seen.defects = st.defects;
		CHECK(schedule__fits(&w.path, &seen, f, false));
		CHECK(f->windows > 1 || schedule__mods(&w.path, w.in_window) == st.mods);
		add(t, &st, &w.path);
	} while (walk__advance(&w));
}

/* All schedules of a form with so many readers and modifications at most, and `sum` together. */
static struct totals explore(const struct cache_form *f, const struct scope *most, unsigned int sum)
{
	struct scope s = { .held = most->held };
	struct totals t = { 0 };

	for (s.readers = 1; s.readers <= most->readers; s.readers++)
		for (s.modifications = 0; s.modifications <= most->modifications; s.modifications++)
			if (s.readers + s.modifications <= sum)
				explore_scope(f, &s, &t);
	return t;
}

static unsigned long count(const char *name, unsigned int readers, unsigned int modifications)
{
	const struct scope most = { readers, modifications, 0 };

	return explore(form(name), &most, readers + modifications).schedules;
}

static void small_scopes_are_complete(void)
{
	/* R1 alone; it and each of rename-in a, rename-out y, unlink y, create a, rename y a */
	CHECK_EQ(count("fixed", 1, 0), 1);
	CHECK_EQ(count("fixed", 1, 1), 1 + 3 * 5);
	/* no window: only before and after */
	CHECK_EQ(count("held", 1, 1), 1 + 2 * 5);
	/* orders of R1<, R1>, R2<, R2> in which R1 begins first, but R1<; R1>; R2, which is fresh */
	CHECK_EQ(count("fixed", 2, 0), 1 + 3);
}

#define FIRST_CLEAR "unlink y; R1<; rename-in a; R1>"

/* A table in docs/cache-model.md has these numbers. */
static void check_row(const char *name, const struct totals *t)
{
	char row[160];
	FILE *f = fopen("docs/cache-model.md", "r");
	static char page[1 << 16];

	snprintf(row, sizeof(row), "| `%s` | %lu | %lu | %lu | %lu | %lu |", name, t->schedules,
		 t->stale_stores, t->unfreed_caches, t->stale_impure_clears, t->wrong);
	if (!CHECK(f != NULL))
		return;
	page[fread(page, 1, sizeof(page) - 1, f)] = 0;
	fclose(f);
	if (!CHECK(strstr(page, row) != NULL))
		printf("# no row %s\n", row);
}

struct expected_totals {
	const char *form, *first_clear;
	unsigned long schedules, stale_stores, unfreed_caches, stale_impure_clears, wrong;
};

static void check_totals(const struct expected_totals *want, const struct totals *t)
{
	CHECK_EQ(t->schedules, want->schedules);
	CHECK_EQ(t->stale_stores, want->stale_stores);
	CHECK_EQ(t->unfreed_caches, want->unfreed_caches);
	CHECK_EQ(t->stale_impure_clears, want->stale_impure_clears);
	CHECK_EQ(t->wrong, want->wrong);
	CHECK_STR(t->first_clear, want->first_clear);
}

static void check_table(const struct expected_totals want[CACHE_FORMS], unsigned int sum)
{
	const struct scope most = { 2, 2, 0 };
	int i;

	for (i = 0; i < CACHE_FORMS; i++) {
		struct totals t = explore(form(want[i].form), &most, sum);

		check_totals(&want[i], &t);
		check_row(want[i].form, &t);
	}
}

static void the_default_scope(void)
{
	static const struct expected_totals want[] = {
		{ "held", "", 351, 0, 0, 0, 0 },
		{ "racy", FIRST_CLEAR, 1770, 896, 980, 36, 455 },
		{ "half-version", FIRST_CLEAR, 1795, 0, 980, 39, 39 },
		{ "half-free", FIRST_CLEAR, 1770, 896, 0, 36, 455 },
		{ "fixed", FIRST_CLEAR, 1795, 0, 0, 39, 39 },
		{ "noclear", "", 1795, 0, 0, 0, 0 },
		{ "retry", "", 3265, 0, 0, 0, 0 },
	};

	CHECK_EQ(sizeof(want) / sizeof(want[0]), CACHE_FORMS);
	check_table(want, 4);
}

/* Those of --depth 3, and of `check` without --explore. */
static void three_together(void)
{
	static const struct expected_totals want[] = {
		{ "held", "", 135, 0, 0, 0, 0 },
		{ "racy", FIRST_CLEAR, 305, 111, 44, 3, 58 },
		{ "half-version", FIRST_CLEAR, 305, 0, 44, 3, 3 },
		{ "half-free", FIRST_CLEAR, 305, 111, 0, 3, 58 },
		{ "fixed", FIRST_CLEAR, 305, 0, 0, 3, 3 },
		{ "noclear", "", 305, 0, 0, 0, 0 },
		{ "retry", "", 358, 0, 0, 0, 0 },
	};

	check_table(want, 3);
}

/* The same where one reader at a time can be held: a processor for it, and one for the rest. */
static void three_with_one_held(void)
{
	for (int i = 0; i < CACHE_FORMS; i++) {
		struct totals t = explore(&cache_forms[i], &(struct scope){ 2, 2, 1 }, 3);

		CHECK_STR(t.first_clear, t.stale_impure_clears ? FIRST_CLEAR : "");
		check_row(cache_forms[i].name, &t);
	}
}

int main(void)
{
	TEST(text_is_read_and_written);
	TEST(a_history_may_come_first);
	TEST(wrong_text_is_refused);
	TEST(the_specification_by_hand);
	TEST(a_form_is_recognized);
	TEST(a_timeline);
	TEST(bumps_are_those_of_the_kernel);
	TEST(small_scopes_are_complete);
	TEST(the_default_scope);
	TEST(three_together);
	TEST(three_with_one_held);
	return test_done();
}
