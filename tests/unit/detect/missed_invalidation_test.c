// SPDX-License-Identifier: GPL-2.0-only
/* An entry changed, the version did not: the sentence, the model, the replay. */
#include "detect/detect.h"
#include "recording.h"
#include "rows.h"
#include "test.h"

#define LEFT_BEHIND(t, d, o, n) \
	INCIDENT(t, d, OVLW_MISSED_INVALIDATION), .op = OVLW_OP_##o, .name = (n), .cache = C1

static const struct model_case cases[] = {
	{
		.name = "a link into a fresh directory",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ LEFT_BEHIND(2, A, LINK, "k") },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "incident missed_invalidation A t2 0x1000 r0 link 'k'\n"
			   "finding missed_invalidation A t2 exact [2]\n",
		.want = { .rebuilds = 1, .stores = 1, .found[FINDING_MISSED_INVALIDATION] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "each operation, and both directories of a rename",
		.rows = {
			{ LEFT_BEHIND(1, A, UNLINK, "a") },
			{ LEFT_BEHIND(1, A, RMDIR, "b") },
			{ LEFT_BEHIND(2, A, RENAME, "c") },
			{ LEFT_BEHIND(2, B, RENAME, "d") },
		},
		.records = "incident missed_invalidation A t1 0x1000 r0 unlink 'a'\n"
			   "finding missed_invalidation A t1 exact [1]\n"
			   "incident missed_invalidation A t1 0x1000 r0 rmdir 'b'\n"
			   "finding missed_invalidation A t1 exact [3]\n"
			   "incident missed_invalidation A t2 0x1000 r0 rename 'c'\n"
			   "finding missed_invalidation A t2 exact [5]\n"
			   "incident missed_invalidation B t2 0x1000 r0 rename 'd'\n"
			   "finding missed_invalidation B t2 exact [7]\n",
		.want = { .found[FINDING_MISSED_INVALIDATION] = 4 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "--pid: not of other processes",
		.rows = { { LEFT_BEHIND(1, A, LINK, "k") } },
		.pid = 9,
	},
};

static void ignore(void *ctx, const struct ovl_record *rec)
{
	(void)ctx;
	(void)rec;
}

/* What was found counts; that there was none is known only where all are seen. */
static void unseen(void)
{
	static const struct row found[] = { { LEFT_BEHIND(1, A, LINK, "k") }, { 0 } };
	struct model_opts opts = { .emit = ignore };
	struct model *m = model__new(&opts);
	struct rec_counts c;

	if (!CHECK(m))
		return;
	model__counts(m, &c);
	CHECK(c.finding[FINDING_MISSED_INVALIDATION] == COUNT_UNSEEN);
	rows__play(m, found);
	model__counts(m, &c);
	CHECK_EQ(c.finding[FINDING_MISSED_INVALIDATION], 1);
	model__free(m);
}

static void keep_text(void *ctx, const struct detected *d)
{
	CHECK_EQ(d->kind, FINDING_MISSED_INVALIDATION);
	CHECK(d->exact);
	snprintf(ctx, DETECT_TEXT, "%s", d->text);
}

static void sentence(void)
{
	struct rec_incident in = {
		.dir = { .ino = 7 },
		.task = { .pid = 5, .tid = 5, .comm = "ln" },
		.what = OVLW_MISSED_INVALIDATION,
		.cache = 0x1000,
		.op = OVLW_OP_LINK,
		.name = "k",
	};
	struct detect_subject subject = { .incident = &in };
	char text[DETECT_TEXT] = "";

	detect__run(&subject, keep_text, text);
	CHECK_STR(text, "tid 5 (ln) changed 'k' (link) and did not raise the directory's version: "
			"the fresh cache 0x1000 lacks the change and continues to be served.");
	in.name = "";
	detect__run(&subject, keep_text, text);
	CHECK(strstr(text, " changed an entry (link) "));
}

static void replayed(void)
{
	static struct recording_text t;
	static struct outcome out;

	recording__incident(
		&t,
		"\"incident\":\"missed_invalidation\",\"cache\":\"0x10\",\"refcount\":0,"
		"\"op\":\"link\",\"name\":\"k\"",
		"missed_invalidation", "missed_invalidations");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_FINDINGS);
	CHECK_STR(out.remarks, "");
	CHECK_EQ(out.counts.finding[FINDING_MISSED_INVALIDATION], 1);
	recording__clean(&t);
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
	CHECK(out.counts.finding[FINDING_MISSED_INVALIDATION] == COUNT_UNSEEN);
}

int main(void)
{
	RUN_CASES("missed_invalidation", cases);
	TEST(unseen);
	TEST(sentence);
	TEST(replayed);
	return test_done();
}
