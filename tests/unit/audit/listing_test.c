// SPDX-License-Identifier: GPL-2.0-only
/* A listing against statx(), and the causes of differences. */
#include "audit/listing.h"

#include <dirent.h>
#include <errno.h>

#include "test.h"

static struct listing_view view;
static struct listing_diffs diffs;

static struct audit_item *put(struct audit_list *l, const char *name, uint64_t ino)
{
	struct audit_item *item = audit_list__add(l, name, strlen(name));

	item->ino = ino;
	item->type = DT_REG;
	return item;
}

/* A directory that was changed a second ago, and nothing since. */
static void begin(void)
{
	memset(&view, 0, sizeof(view));
	memset(&diffs, 0, sizeof(diffs));
	view.begin_ns = 10000000000;
	view.before = (struct listing_stamp){ 9000000000, 8000000000, 5 };
	view.after = view.before;
	put(&view.listed, "b", 2);
	put(&view.listed, "a", 1);
	put(&view.stat, "a", 1);
	put(&view.stat, "b", 2);
}

static void end(void)
{
	audit_list__deinit(&view.listed);
	audit_list__deinit(&view.stat);
	audit_list__deinit(&view.listed_again);
	listing_diffs__deinit(&diffs);
}

static void relist(void)
{
	size_t i;

	for (i = 0; i < view.listed.n; i++) {
		struct audit_item *item = put(&view.listed_again,
					      audit_list__name(&view.listed, &view.listed.v[i]),
					      view.listed.v[i].ino);

		item->type = view.listed.v[i].type;
	}
}

static void same(void)
{
	begin();
	listing__compare(&view, &diffs);
	CHECK_EQ(diffs.n, 0);
	CHECK_EQ(view.unknown, 0);
	end();
}

static void each_difference(void)
{
	static const enum listing_diff_kind want[] = { LISTING_INO, LISTING_DOUBLE, LISTING_TYPE,
						       LISTING_PHANTOM, LISTING_MISSING };
	size_t i;

	begin();
	view.listed.v[1].ino = 7; /* a */
	put(&view.listed, "b", 2);
	put(&view.listed, "c", 3)->type = DT_DIR;
	put(&view.stat, "c", 3);
	put(&view.listed, "d", 4);
	put(&view.stat, "d", 0)->err = -ENOENT;
	put(&view.stat, "e", 5);
	listing__compare(&view, &diffs);
	CHECK_EQ(diffs.n, 5);
	for (i = 0; i < diffs.n && i < 5; i++)
		CHECK_EQ(diffs.v[i].kind, want[i]);
	CHECK_EQ(diffs.v[0].listed_ino, 7);
	CHECK_EQ(diffs.v[0].stat_ino, 1);
	CHECK_STR(listing_diffs__name(&diffs, &diffs.v[4]), "e");
	CHECK(!diffs.v[4].listed && diffs.v[4].exists);
	end();
}

static void not_compared(void)
{
	begin();
	/* a mount point is listed as what is below it */
	put(&view.listed, "m", 3);
	put(&view.stat, "m", 9)->flags = AUDIT_MOUNT;
	put(&view.listed, "u", 4)->type = DT_UNKNOWN;
	put(&view.stat, "u", 4);
	put(&view.listed, "x", 4);
	put(&view.stat, "x", 0)->err = -EACCES;
	listing__compare(&view, &diffs);
	CHECK_EQ(diffs.n, 0);
	CHECK_EQ(view.unknown, 1);
	end();
}

static bool rests(void)
{
	bool rest;

	audit_list__sort(&view.listed);
	relist();
	rest = listing__at_rest(&view);
	end();
	return rest;
}

static void at_rest(void)
{
	begin();
	CHECK(rests());
	begin();
	view.after.ctime_ns++;
	CHECK(!rests());
	begin();
	view.after.mtime_ns++;
	CHECK(!rests());
	begin();
	view.after.ino++;
	CHECK(!rests());
	/* a second change in the same tick would not show */
	begin();
	view.begin_ns = view.before.ctime_ns + 1;
	CHECK(!rests());
	begin();
	view.before.mtime_ns = view.after.mtime_ns = view.begin_ns;
	CHECK(!rests());
	begin();
	view.begin_ns = view.before.ctime_ns + LISTING_REST_MS * 1000000LL;
	CHECK(rests());
	/* the clock was set back since */
	begin();
	view.begin_ns = 1000000000;
	CHECK(rests());
	begin();
	relist();
	view.listed.v[0].ino++;
	CHECK(!listing__at_rest(&view));
	end();
	begin();
	put(&view.listed_again, "a", 1);
	CHECK(!listing__at_rest(&view));
	end();
}

struct cause_case {
	enum listing_diff_kind kind;
	uint32_t type, flags; /* listed; of statx */
	struct listing_place place;
	struct layer_name layer;
	enum listing_cause want;
	bool exact;
};

#define MERGED                                          \
	{                                               \
		.merged = true, .numbers = TRISTATE_YES \
	}
#define PLAIN                           \
	{                               \
		.numbers = TRISTATE_YES \
	}
#define NOT_SEEN  \
	{         \
		0 \
	}
#define SEEN .known = true, .exists = true, .upper = true, .ino = 7 /* as it is listed */

static const struct cause_case cases[] = {
	{ LISTING_PHANTOM, DT_CHR, 0, PLAIN, { SEEN, .whiteout = true }, LISTING_WHITEOUT, true },
	{ LISTING_PHANTOM, DT_CHR, 0, PLAIN, NOT_SEEN, LISTING_WHITEOUT, false },
	{ LISTING_PHANTOM, DT_REG, 0, PLAIN, NOT_SEEN, LISTING_UNKNOWN, false },
	{ LISTING_PHANTOM, DT_REG, 0, PLAIN, { SEEN }, LISTING_LAYER_CHANGED, true },
	{ LISTING_PHANTOM, DT_REG, 0, MERGED, { SEEN }, LISTING_LAYER_CHANGED, true },
	{ LISTING_PHANTOM, DT_REG, 0, MERGED, { .known = true }, LISTING_STALE_CACHE, false },
	{ LISTING_PHANTOM,
	  DT_REG,
	  0,
	  MERGED,
	  { SEEN, .whiteout = true },
	  LISTING_STALE_CACHE,
	  false },
	{ LISTING_MISSING, 0, 0, MERGED, { SEEN }, LISTING_STALE_CACHE, false },
	{ LISTING_INO, DT_REG, AUDIT_FOREIGN, PLAIN, NOT_SEEN, LISTING_XINO, true },
	{ LISTING_INO, DT_DIR, AUDIT_DIR, { .numbers = TRISTATE_NO }, NOT_SEEN, LISTING_XINO, true },
	{ LISTING_INO, DT_DIR, AUDIT_DIR, { 0 }, NOT_SEEN, LISTING_XINO, false },
	{ LISTING_INO, DT_DIR, AUDIT_DIR, PLAIN, NOT_SEEN, LISTING_UNKNOWN, false },
	{ LISTING_INO,
	  DT_REG,
	  0,
	  { .rootless = true, .numbers = TRISTATE_YES },
	  NOT_SEEN,
	  LISTING_ROOTLESS,
	  false },
	{ LISTING_INO,
	  DT_REG,
	  0,
	  { .rootless = true, .numbers = TRISTATE_YES },
	  { SEEN, .origin = true },
	  LISTING_ROOTLESS,
	  true },
	{ LISTING_INO,
	  DT_REG,
	  AUDIT_LINKS,
	  PLAIN,
	  { SEEN, .origin = true },
	  LISTING_HARD_LINK,
	  true },
	{ LISTING_INO, DT_REG, AUDIT_LINKS, PLAIN, NOT_SEEN, LISTING_HARD_LINK, false },
	{ LISTING_INO, DT_REG, 0, PLAIN, { SEEN, .origin = true }, LISTING_STALE_CACHE, false },
	{ LISTING_INO, DT_REG, 0, PLAIN, { SEEN }, LISTING_LAYER_CHANGED, true },
	{ LISTING_INO, DT_REG, AUDIT_LINKS, MERGED, { SEEN }, LISTING_RENUMBERED, false },
	{ LISTING_INO, DT_REG, 0, MERGED, NOT_SEEN, LISTING_UNKNOWN, false },
	{ LISTING_TYPE, DT_DIR, 0, PLAIN, { SEEN, .type = DT_DIR }, LISTING_LAYER_CHANGED, true },
	{ LISTING_TYPE, DT_DIR, 0, PLAIN, { SEEN, .type = DT_REG }, LISTING_UNKNOWN, false },
	{ LISTING_DOUBLE, DT_REG, 0, MERGED, { SEEN }, LISTING_UNKNOWN, false },
};

static void each_cause(void)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct cause_case *c = &cases[i];
		struct listing_diff d = { .kind = c->kind,
					  .listed_type = c->type,
					  .listed_ino = 7,
					  .stat_ino = 8,
					  .flags = c->flags };

		listing__explain(&d, &c->place, &c->layer);
		if (!CHECK_EQ(d.cause, c->want) || !CHECK_EQ(d.exact, c->exact))
			printf("# case %zu\n", i);
	}
}

static void twice(void)
{
	struct listing_diffs first;

	begin();
	view.listed.v[0].ino = 9;
	listing__compare(&view, &diffs);
	first = diffs;
	memset(&diffs, 0, sizeof(diffs));
	listing__compare(&view, &diffs);
	CHECK(listing_diffs__same(&first, &diffs));
	diffs.v[0].listed_ino++;
	CHECK(!listing_diffs__same(&first, &diffs));
	listing_diffs__deinit(&first);
	end();
}

int main(void)
{
	TEST(same);
	TEST(each_difference);
	TEST(not_compared);
	TEST(at_rest);
	TEST(each_cause);
	TEST(twice);
	return test_done();
}
