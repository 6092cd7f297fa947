// SPDX-License-Identifier: GPL-2.0-only
/* What must never happen: the model's records and findings, and the replay's. */
#include <stdlib.h>

#include "recording.h"
#include "rows.h"
#include "test.h"

static const struct model_case cases[] = {
	{
		.name = "an impure cache on a merged directory",
		.rows = {
			{ BEGIN(1, A, 5), .whiteouts = true },
			{ SET(1, A, 5, 0, C1, 5), .whiteouts = true },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n"
			   "incident impure_cache_stored A t1 0x1000 r0\n"
			   "finding kind_mix A t1 exact [1,2]\n",
		.want = { .rebuilds = 1, .stores = 1, .found[FINDING_KIND_MIX] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "the same, of a rebuild that began before the trace",
		.rows = { { SET(1, A, 5, 0, C1, 5), .whiteouts = true } },
		.records = "incident impure_cache_stored A t1 0x1000 r0\n"
			   "finding kind_mix A t1 exact [1]\n",
		.want = { .stores = 1, .partial = 1, .found[FINDING_KIND_MIX] = 1 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a refcounted cache freed, served, one that is none served",
		.rows = {
			{ INCIDENT(1, A, OVLW_MERGED_FREE), .cache = C1, .refcount = 2 },
			{ INCIDENT(2, A, OVLW_MERGED_SERVED), .cache = C2, .refcount = 1 },
			{ INCIDENT(3, B, OVLW_IMPURE_SERVED), .cache = C3 },
		},
		.records = "incident merged_cache_freed A t1 0x1000 r2\n"
			   "finding kind_mix A t1 exact [1]\n"
			   "incident merged_cache_served A t2 0x2000 r1\n"
			   "finding kind_mix A t2 exact [3]\n"
			   "incident impure_cache_served B t3 0x3000 r0\n"
			   "finding kind_mix B t3 exact [5]\n",
		.want = { .found[FINDING_KIND_MIX] = 3 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "a free whose directory is not known, and what may heal: inferred",
		.rows = {
			{ INCIDENT(1, 0, OVLW_MERGED_FREE), .cache = C1, .refcount = 2 },
			{ INCIDENT(1, A, OVLW_REAL_LISTING) },
		},
		.records = "incident merged_cache_freed ? t1 0x1000 r2\n"
			   "finding kind_mix ? t1 inferred [1]\n"
			   "incident listed_as_real A t1\n"
			   "finding kind_mix A t1 inferred [3]\n",
		.want = { .found[FINDING_KIND_MIX] = 2 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "values that are no errno",
		.rows = {
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = 1 },
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = -4096 },
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = -4095 },
		},
		.records = "incident bad_return A t1 1\n"
			   "finding bad_return A t1 exact [1]\n"
			   "incident bad_return A t1 -4096\n"
			   "finding bad_return A t1 exact [3]\n",
		.want = { .found[FINDING_BAD_RETURN] = 2 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "EIO of the disk is none of the rebuild's",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ SET(1, A, 5, 0, C1, 5) },
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = -5 },
		},
		.records = "rebuild A t1 stored 5/5/5 w0 m0\n",
		.want = { .rebuilds = 1, .stores = 1 },
	},
	{
		.name = "EIO of a rebuild, reported once",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 5), .err = -5 },
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = -5 },
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 5), .err = -5, .guessed = true },
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = -5 },
		},
		.records = "rebuild A t1 error 5/5 w0 m0 -5\n"
			   "finding bad_return A t1 exact [1]\n"
			   "rebuild A t1 error 5/5 w0 m0 -5?\n"
			   "finding bad_return A t1 inferred [3]\n",
		.want = { .rebuilds = 2, .found[FINDING_BAD_RETURN] = 2 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "EIO of a rebuild whose error was not seen",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 5) },
			{ INCIDENT(2, A, OVLW_BAD_RETURN), .value = -5 }, /* another task's */
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = -5 },
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = -5 },
		},
		.records = "rebuild A t1 empty 5/5 w0 m0\n"
			   "incident bad_return A t1 -5\n"
			   "finding bad_return A t1 exact [1,2]\n",
		.want = { .rebuilds = 1, .found[FINDING_BAD_RETURN] = 1 },
		.inconsistencies = INCONSISTENT(KEPT_FLAG),
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "any other error is right",
		.rows = {
			{ BEGIN(1, A, 5) },
			{ FREE_NEW(1, A, 5), .err = -12 },
		},
		.records = "rebuild A t1 error 5/5 w0 m0 -12\n",
		.want = { .rebuilds = 1 },
	},
	{
		.name = "a lookup under the lock that it takes",
		.rows = {
			{ INCIDENT(1, A, OVLW_LOCKED_LOOKUP), .name = "f1" },
			{ INCIDENT(1, A, OVLW_LOCKED_LOOKUP) },
		},
		.records = "incident locked_lookup A t1 'f1'\n"
			   "finding lock_hazard A t1 exact [1]\n"
			   "incident locked_lookup A t1\n"
			   "finding lock_hazard A t1 exact [3]\n",
		.want = { .found[FINDING_LOCK_HAZARD] = 2 },
		.verdict = VERDICT_FINDINGS,
	},
	{
		.name = "--pid: other processes are not reported",
		.rows = {
			{ INCIDENT(1, A, OVLW_BAD_RETURN), .value = 1 },
			{ INCIDENT(2, A, OVLW_LOCKED_LOOKUP) },
			{ SET(3, A, 5, 0, C1, 5), .whiteouts = true },
		},
		.pid = 9,
	},
	{
		.name = "a newer program's event",
		.rows = { { INCIDENT(1, A, OVLW_WHATS) } },
	},
};

static struct recording_text t;
static struct outcome out;

static void replayed(void)
{
	static const struct {
		const char *fields, *kind, *count;
		enum finding_kind finding;
	} good[] = {
		{ "\"what\":\"merged_cache_freed\",\"cache\":\"0x10\",\"refcount\":2", "kind_mix",
		  "kind_mixes", FINDING_KIND_MIX },
		{ "\"what\":\"bad_return\",\"value\":-5000", "bad_return", "bad_returns",
		  FINDING_BAD_RETURN },
		{ "\"what\":\"locked_lookup\",\"name\":\"f\"", "lock_hazard", "lock_hazards",
		  FINDING_LOCK_HAZARD },
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		recording__incident(&t, good[i].fields, good[i].kind, good[i].count);
		recording__play(&t, &out);
		CHECK_EQ(out.verdict, VERDICT_FINDINGS);
		CHECK_STR(out.remarks, "");
		CHECK_EQ(out.counts.finding[good[i].finding], 1);
		CHECK_EQ(out.records[RECORD_INCIDENT], 1);
		CHECK_EQ(out.records[RECORD_FINDING], 1);
	}
}

static void damaged(void)
{
	static const struct {
		const char *from, *to, *say;
	} bad[] = {
		{ "\"what\":\"bad_return\"", "\"what\":\"locked_lookup\"", "without a finding" },
		{ "\"what\":\"bad_return\"", "\"what\":\"unheard_of\"", "missing or invalid" },
		{ "\"value\":-5000", "\"value\":-5000000000", "missing or invalid" },
		{ "\"value\":-5000", "\"entry\":-5000", "missing or invalid" },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		recording__incident(&t, "\"what\":\"bad_return\",\"value\":-5000", "bad_return",
				    "bad_returns");
		recording__replace(&t, t.n - 3, bad[i].from, bad[i].to);
		recording__play(&t, &out);
		if (!CHECK(strstr(out.remarks, bad[i].say)))
			printf("# %s says:\n%s", bad[i].to, out.remarks);
		CHECK(out.verdict != VERDICT_CLEAN);
	}
}

/* A recording of before there were these events has no gap. */
static void older(void)
{
	recording__clean(&t);
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
	CHECK(out.counts.finding[FINDING_KIND_MIX] == COUNT_UNSEEN);
}

int main(void)
{
	RUN_CASES("kinds", cases);
	TEST(replayed);
	TEST(damaged);
	TEST(older);
	return test_done();
}
