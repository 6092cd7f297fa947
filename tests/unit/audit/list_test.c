// SPDX-License-Identifier: GPL-2.0-only
/* The audit's lists, and the parser of its program's records. */
#include <errno.h>
#include <stdlib.h>

#include "audit/audit.h"
#include "test.h"

static struct audit_item *put(struct audit_list *l, const char *name, uint64_t ino)
{
	struct audit_item *item = audit_list__add(l, name, strlen(name));

	item->ino = ino;
	return item;
}

static void finding_names(void)
{
	static const char *const names[] = { "b", "ab", "a", "\xff", "", "abc", "\n" };
	struct audit_list l = { 0 };
	size_t i, n = sizeof(names) / sizeof(names[0]);

	for (i = 0; i < n; i++)
		put(&l, names[i], i);
	audit_list__sort(&l);
	for (i = 0; i < n; i++) {
		const struct audit_item *item = audit_list__find(&l, names[i], strlen(names[i]));

		CHECK(item && item->ino == i);
	}
	CHECK(!audit_list__find(&l, "abcd", 4));
	CHECK(!audit_list__find(&l, "A", 1));
	audit_list__deinit(&l);
}

/* All lists together have a bound, and give back what they took. */
static void bounded(void)
{
	static char name[255];
	struct audit_list l[3] = { 0 };
	size_t i;

	memset(name, 'n', sizeof(name));
	CHECK_EQ(audit_list__bytes(), 0);
	for (i = 0; i < 1 << 22; i++)
		if (!audit_list__add(&l[i % 3], name, sizeof(name)))
			break;
	CHECK(i > 500000 && i < 1 << 22);
	CHECK(audit_list__bytes() <= AUDIT_LISTS_BYTES);
	CHECK(l[i % 3].failed);
	for (i = 0; i < 3; i++)
		audit_list__deinit(&l[i]);
	CHECK_EQ(audit_list__bytes(), 0);
}

struct records {
	uint8_t buf[4096];
	size_t len;
};

static void rec(struct records *r, const void *data, size_t len)
{
	memcpy(r->buf + r->len, data, len);
	r->len += len;
}

static void rec_entry(struct records *r, const char *name, uint32_t len, uint32_t name_len)
{
	struct ovla_entry e = { .ino = 5, .real_ino = 6, .len = len, .name_len = name_len };

	rec(r, &e, sizeof(e));
	rec(r, name, strlen(name) + 1);
}

/* A buffer of its own size, for the sanitizer to see what is read beyond. */
static int parse_entries(struct audit_list *l, const struct records *r)
{
	uint8_t *buf = malloc(r->len ? r->len : 1);
	int err;

	memcpy(buf, r->buf, r->len);
	err = audit__parse_entries(l, buf, r->len);
	free(buf);
	return err;
}

static void entry_records(void)
{
	struct audit_list l = { 0 };
	struct records r = { 0 };

	rec_entry(&r, ".", 1, 1);
	rec_entry(&r, "..", 2, 2);
	rec_entry(&r, "...", 3, 3);
	rec_entry(&r, "a", 1, 1);
	CHECK_EQ(parse_entries(&l, &r), 0);
	if (CHECK_EQ(l.n, 2)) {
		CHECK_STR(audit_list__name(&l, &l.v[0]), "...");
		CHECK_EQ(l.v[1].ino, 5);
		CHECK_EQ(l.v[1].real_ino, 6);
	}
	audit_list__deinit(&l);
}

/* Freed memory that looks like an entry. */
static void entry_records_that_lie(void)
{
	static const struct {
		const char *name;
		uint32_t len, name_len;
	} rows[] = {
		{ "abc", 2, 3 }, { "abc", 4, 3 }, { "abc", 3, 4 },     { "abc", 2, 2 },
		{ "", 0, 0 },	 { "a/b", 3, 3 }, { "abc", 300, 300 }, { "abc", 0, ~0U },
	};
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct audit_list l = { 0 };
		struct records r = { 0 };

		rec_entry(&r, rows[i].name, rows[i].len, rows[i].name_len);
		CHECK_EQ(parse_entries(&l, &r), -EBADMSG);
		CHECK_EQ(l.n, 0);
		audit_list__deinit(&l);
	}
	for (n = 1; n < sizeof(struct ovla_entry) + 4; n++) {
		struct audit_list l = { 0 };
		struct records r = { 0 };

		rec_entry(&r, "abc", 3, 3);
		r.len = n;
		CHECK_EQ(parse_entries(&l, &r), -EBADMSG);
		audit_list__deinit(&l);
	}
}

static void rec_dir(struct records *r, const char *names, size_t len, bool no_name)
{
	struct ovla_dir d = { .inode = 1, .cache = 2, .path_len = len, .no_name = no_name };

	rec(r, &d, sizeof(d));
	rec(r, names, len);
}

#define NAMES(s) s, sizeof(s)

static void walk_records(void)
{
	struct audit_founds f = { 0 };
	struct records r = { 0 };

	/* the mount shows the overlay's directory "root" */
	rec(&r, NAMES("root"));
	rec_dir(&r, NAMES("c\0b\0a\0root"), false);
	rec_dir(&r, NAMES("root"), false);
	rec_dir(&r, "", 0, false);
	rec_dir(&r, NAMES("other"), false);
	rec_dir(&r, NAMES("xroot"), false);
	rec_dir(&r, NAMES("a\0root"), true);
	CHECK_EQ(audit__parse_walk(&f, r.buf, r.len, 5), 0);
	if (CHECK_EQ(f.n, 6)) {
		CHECK_STR(f.v[0].path ? f.v[0].path : "(none)", "a/b/c");
		CHECK_STR(f.v[1].path ? f.v[1].path : "(none)", "");
		CHECK(!f.v[2].path && !f.v[3].path && !f.v[4].path && !f.v[5].path);
	}
	audit_founds__deinit(&f);
}

static void walk_records_of_a_whole_mount(void)
{
	struct audit_founds f = { 0 };
	struct records r = { 0 };

	rec_dir(&r, "", 0, false);
	rec_dir(&r, NAMES("b\0a"), false);
	CHECK_EQ(audit__parse_walk(&f, r.buf, r.len, 0), 0);
	if (CHECK_EQ(f.n, 2)) {
		CHECK_STR(f.v[0].path ? f.v[0].path : "(none)", "");
		CHECK_STR(f.v[1].path ? f.v[1].path : "(none)", "a/b");
	}
	audit_founds__deinit(&f);
}

static void walk_records_that_lie(void)
{
	size_t n;

	for (n = 1; n < sizeof(struct ovla_dir) + 4; n++) {
		struct audit_founds f = { 0 };
		struct records r = { 0 };
		uint8_t *buf = malloc(n);

		rec_dir(&r, NAMES("b\0a"), false);
		memcpy(buf, r.buf, n);
		CHECK_EQ(audit__parse_walk(&f, buf, n, 0), -EBADMSG);
		CHECK_EQ(audit__parse_walk(&f, buf, n, n + 1), -EBADMSG);
		audit_founds__deinit(&f);
		free(buf);
	}
}

/* No input is read beyond its end. */
static void any_records(void)
{
	uint8_t buf[512];
	unsigned int seed = 1, i;
	size_t j;

	for (i = 0; i < 20000; i++) {
		struct audit_founds f = { 0 };
		struct audit_list l = { 0 };

		for (j = 0; j < sizeof(buf); j++)
			buf[j] = rand_r(&seed) % 7 ? 0 : rand_r(&seed) % 40;
		audit__parse_entries(&l, buf, sizeof(buf));
		audit__parse_walk(&f, buf, sizeof(buf), rand_r(&seed) % 8);
		audit_founds__deinit(&f);
		audit_list__deinit(&l);
	}
	CHECK(i == 20000);
}

int main(void)
{
	TEST(finding_names);
	TEST(bounded);
	TEST(entry_records);
	TEST(entry_records_that_lie);
	TEST(walk_records);
	TEST(walk_records_of_a_whole_mount);
	TEST(walk_records_that_lie);
	TEST(any_records);
	return test_done();
}
