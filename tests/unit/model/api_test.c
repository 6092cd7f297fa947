// SPDX-License-Identifier: GPL-2.0-only
/* The model beyond interleavings: sizes, paths, counts unseen, the verdict. */
#include <stdlib.h>

#include "util/hist.h"
#include "rows.h"
#include "test.h"

static struct reclog reclog;
static char seen_path[64];

static void keep_path(void *ctx, const struct ovl_record *rec)
{
	reclog__emit(ctx, rec);
	if (rec->type == RECORD_REBUILD)
		snprintf(seen_path, sizeof(seen_path), "%s",
			 rec->rebuild.dir.path ? rec->rebuild.dir.path : "(none)");
}

static struct model *new_model(bool complete, bool sees)
{
	struct model_opts opts = {
		.emit = keep_path,
		.emit_ctx = &reclog,
		.complete = complete,
		.sees_windows = sees,
		.sees_stores = sees,
		.sees_frees = sees,
		.sees_clears = sees,
	};

	memset(&reclog, 0, sizeof(reclog));
	return model__new(&opts);
}

static const struct row one_rebuild[] = {
	{ BEGIN(1, A, 5) },
	{ DROP(1, A, 5) },
	{ REACQUIRE(1, A, 5) },
	{ SET(1, A, 5, 0, C1, 5) },
	{ 0 },
};

static const struct row one_stale[] = {
	{ BEGIN(1, A, 5) },
	{ DROP(1, A, 5) },
	{ REACQUIRE(1, A, 6) },
	{ SET(1, A, 6, 0, C1, 6) },
	{ 0 },
};

static const struct row one_inconsistency[] = {
	{ BEGIN(1, A, 5), .pure = true },
	{ SET(1, A, 5, 0, C1, 5) },
	{ 0 },
};

static void hundred_windows(void)
{
	struct model *m = new_model(true, true);
	struct row rows[204] = { { BEGIN(1, A, 5) } };
	struct rec_counts c;
	int i, n = 1;

	for (i = 0; i < 100; i++) {
		rows[n++] = (struct row){ DROP(1, A, 5 + i / 10) };
		rows[n++] = (struct row){ REACQUIRE(1, A, 5 + (i + 1) / 10) };
	}
	rows[n] = (struct row){ SET(1, A, 15, 0, C1, 5) };
	rows__play(m, rows);
	model__counts(m, &c);
	CHECK_STR(reclog.text, "rebuild A t1 stored 5/15/5 w100 m10\n");
	CHECK_EQ(c.windows, 100);
	CHECK_EQ(c.mods, 10);
	CHECK_EQ(c.superseded_stores, 1);
	model__free(m);
}

/* More modifications than evidence has room for. */
static void hundred_modifications(void)
{
	struct model *m = new_model(true, true);
	struct row rows[106] = { { BEGIN(1, A, 5) }, { DROP(1, A, 5) } };
	int i, n = 2;

	for (i = 0; i < 100; i++)
		rows[n++] = (struct row){ MODIFY(2, A, 6 + i) };
	rows[n++] = (struct row){ REACQUIRE(1, A, 105) };
	rows[n] = (struct row){ SET(1, A, 105, 0, C1, 105) };
	rows__play(m, rows);
	CHECK_EQ(reclog.kinds[FINDING_STALE_STORE], 1);
	CHECK(strstr(reclog.text, "rebuild A t1 stored 5/105/105 w1 m100\n") != NULL);
	/* the rebuild itself is among the evidence: 100 modifications, then it */
	CHECK(strstr(reclog.text, ",101]\n") != NULL);
	model__free(m);
}

/* Each size of each event, in memory of just that size. */
static void short_events(void)
{
	struct model *m = new_model(true, true);
	struct row row = { BEGIN(1, A, 5), .cache = C1, .stamp = 5 };
	size_t size, full;
	union wire w;
	int type;

	for (type = 0; type <= OVLW_PATH_NAME + 2; type++) {
		row.type = type;
		full = wire__make(&w, &row, 1000, 0);
		for (size = 0; size <= full; size++) {
			void *exact = malloc(size ? size : 1);

			memcpy(exact, &w, size);
			if (type != OVLW_PATH_NAME || size < sizeof(struct ovlw_event))
				model__event(m, exact, size);
			free(exact);
		}
	}
	model__judge_open(m, 2000);
	CHECK(reclog.rebuilds <= 1);
	model__free(m);
}

static void path_case(const char *bytes, uint32_t said, size_t sent, bool cut, const char *want)
{
	struct model *m = new_model(true, true);
	struct ovlw_path *p;
	union wire w;
	struct row row = { BEGIN(1, A, 5) };
	size_t size = offsetof(struct ovlw_path, path) + sent;

	p = calloc(1, size > sizeof(union wire) ? size : sizeof(union wire));
	wire__make(&w, &row, 1000, 0);
	memcpy(p, &w, offsetof(struct ovlw_path, len));
	p->hdr.type = OVLW_PATH_NAME;
	p->len = said;
	p->truncated = cut;
	memcpy(p->path, bytes, sent);
	p = realloc(p, size);
	model__event(m, &p->hdr, size);
	free(p);
	rows__play(m, one_rebuild);
	CHECK_STR(seen_path, want);
	model__free(m);
}

static void paths(void)
{
	path_case("c\0b\0a", 6, 6, false, "/a/b/c");
	path_case("one", 4, 4, false, "/one");
	path_case("", 0, 0, false, "/");
	path_case("", 0, 0, true, "/...");
	path_case("c\0b", 4, 4, true, "/.../b/c");
	path_case("a\nb\033", 5, 5, false, "/a\nb\033");
	/* it says more than it has: not believed */
	path_case("c\0b", 5, 4, false, "(none)");
	path_case("c\0b", UINT32_MAX, 4, false, "(none)");
}

/* Not by the writer's rules: no more than "no crash" is asked for. */
static void odd_paths(void)
{
	static const char odd[][6] = { "\0\0\0\0\0", "abcde", "a\0\0\0b", "\0abc", "ab\0cd" };
	size_t i, n;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		for (n = 0; n <= 6; n++) {
			struct model *m = new_model(true, true);
			struct ovlw_path *p = calloc(1, offsetof(struct ovlw_path, path) + n);

			p->hdr.type = OVLW_PATH_NAME;
			p->dir.inode = 4096;
			p->len = n;
			p->truncated = n & 1;
			memcpy(p->path, odd[i], n);
			model__event(m, &p->hdr, offsetof(struct ovlw_path, path) + n);
			free(p);
			CHECK_EQ(reclog.seq, 0);
			model__free(m);
		}
}

static void check_verdict(bool complete, uint64_t lost, const struct row *rows, enum verdict want)
{
	struct model *m = new_model(complete, true);

	rows__play(m, rows);
	if (lost)
		model__lost(m, 9000, "ring", lost);
	CHECK_EQ(model__verdict(m), want);
	model__free(m);
}

static void verdicts(void)
{
	check_verdict(true, 0, one_rebuild, VERDICT_CLEAN);
	check_verdict(true, 1, one_rebuild, VERDICT_INCONCLUSIVE);
	check_verdict(false, 0, one_rebuild, VERDICT_INCONCLUSIVE);
	check_verdict(false, 1, one_rebuild, VERDICT_INCONCLUSIVE);
	check_verdict(true, 0, one_inconsistency, VERDICT_INCONCLUSIVE);
	check_verdict(true, 0, one_stale, VERDICT_FINDINGS);
	check_verdict(true, 1, one_stale, VERDICT_FINDINGS);
	check_verdict(false, 0, one_stale, VERDICT_FINDINGS);
	check_verdict(true, 0, one_rebuild + 4, VERDICT_CLEAN);
}

static void whole_sequence(void)
{
	struct model *m = new_model(true, true);
	struct rec_counts c;

	model__session(m, 500, &(struct rec_session){ 0 });
	rows__play(m, one_stale);
	model__lost(m, 100, "ring", 7);
	model__lost(m, 6000, "tasks", 2);
	model__summary(m, 7000, &(struct rec_summary){ 0 });
	model__counts(m, &c);
	CHECK_EQ(c.lost, 9);
	CHECK_STR(reclog.text, "session\n"
			       "rebuild A t1 stored 5/6/6 w1 m1\n"
			       "finding stale_store A t1 exact [2]\n"
			       "stale_end 3 trace\n"
			       "lost 7 ring\n"
			       "lost 2 tasks\n"
			       "summary\n");
	CHECK_EQ(reclog.ts_ns, 7000);
	model__free(m);
}

static void unseen(void)
{
	struct model_opts opts = { .emit = reclog__emit, .emit_ctx = &reclog, .complete = true };
	int bits;

	for (bits = 0; bits < 128; bits++) {
		bool w = bits & 1, s = bits & 2, f = bits & 4, c = bits & 8;
		bool x = bits & 16, r = bits & 32, h = bits & 64;
		struct rec_counts n;
		struct model *m;

		opts.sees_windows = w;
		opts.sees_stores = s;
		opts.sees_frees = f;
		opts.sees_clears = c;
		opts.sees_mixes = x;
		opts.sees_returns = r;
		opts.sees_hazards = h;
		m = model__new(&opts);
		model__counts(m, &n);
		CHECK(n.windows == (w ? 0 : COUNT_UNSEEN));
		CHECK(n.mods == (w ? 0 : COUNT_UNSEEN));
		CHECK(n.stores == (s ? 0 : COUNT_UNSEEN));
		CHECK(n.superseded_stores == (s ? 0 : COUNT_UNSEEN));
		CHECK(n.finding[FINDING_STALE_STORE] == (s ? 0 : COUNT_UNSEEN));
		CHECK(n.finding[FINDING_UNFREED_CACHE] == (s && f ? 0 : COUNT_UNSEEN));
		CHECK(n.finding[FINDING_STALE_IMPURE_CLEAR] == (c ? 0 : COUNT_UNSEEN));
		CHECK(n.finding[FINDING_KIND_MIX] == (x ? 0 : COUNT_UNSEEN));
		CHECK(n.finding[FINDING_BAD_RETURN] == (r ? 0 : COUNT_UNSEEN));
		CHECK(n.finding[FINDING_LOCK_HAZARD] == (h ? 0 : COUNT_UNSEEN));
		CHECK_EQ(n.lost, 0);
		model__free(m);
	}
}

/* If frees cannot be seen, no cache is reported as unfreed. */
static void frees_unseen(void)
{
	static const struct row rows[] = {
		{ BEGIN(1, A, 5) },	     { SET(1, A, 5, 0, C1, 5) }, { SET_NULL(2, A, 6, C1) },
		{ BEGIN(2, A, 6) },	     { SET(2, A, 6, 0, C2, 6) }, { BEGIN(3, A, 7) },
		{ SET(3, A, 7, C2, C3, 7) }, { DESTROY(9, A, 7, 0) },	 { 0 },
	};
	struct model_opts opts = {
		.emit = reclog__emit,
		.emit_ctx = &reclog,
		.sees_windows = true,
		.sees_stores = true,
		.sees_clears = true,
	};
	struct model *m = model__new(&opts);
	struct rec_counts c;

	memset(&reclog, 0, sizeof(reclog));
	rows__play(m, rows);
	model__counts(m, &c);
	CHECK(c.finding[FINDING_UNFREED_CACHE] == COUNT_UNSEEN);
	CHECK_EQ(reclog.kinds[FINDING_UNFREED_CACHE], 0);
	CHECK_EQ(model__verdict(m), VERDICT_INCONCLUSIVE);
	model__free(m);
}

static void words(void)
{
	CHECK_STR(finding_kind__count_name(FINDING_KIND_MIX), "kind_mixes");
	CHECK_STR(finding_kind__name(FINDING_LOCK_HAZARD), "lock_hazard");
	CHECK_STR(ovlw_op__name(OVLW_OP_RENAME), "rename");
	CHECK_STR(ovlw_op__name(9999), "unknown");
	CHECK_STR(verdict__name(VERDICT_INCONCLUSIVE), "inconclusive");
}

static void histogram(void)
{
	static const struct {
		uint64_t ns;
		int bucket;
	} at[] = {
		{ 0, 0 },
		{ 999, 0 },
		{ 1000, 1 },
		{ 1999, 1 },
		{ 2000, 2 },
		{ 3999, 2 },
		{ 4000, 3 },
		{ 1024000, 11 },
		{ 1ULL << 62, HIST_BUCKETS - 1 },
		{ UINT64_MAX, HIST_BUCKETS - 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct hist h = { 0 };

		hist__add(&h, at[i].ns);
		CHECK_EQ(h.bucket[at[i].bucket], 1);
		CHECK_EQ(h.n, 1);
		CHECK(h.max_ns == at[i].ns);
	}
}

int main(void)
{
	TEST(hundred_windows);
	TEST(hundred_modifications);
	TEST(short_events);
	TEST(paths);
	TEST(odd_paths);
	TEST(verdicts);
	TEST(whole_sequence);
	TEST(unseen);
	TEST(frees_unseen);
	TEST(words);
	TEST(histogram);
	return test_done();
}
