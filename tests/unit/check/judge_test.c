// SPDX-License-Identifier: GPL-2.0-only
/* The judge of `check`, and its three forms, with names and text that are hostile. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "check/turns.h"
#include "test.h"
#include "util/exit_status.h"

static struct scenario_state state[CHECK_MAX_SCENARIOS];
static struct check_facts facts;
static struct check_report report;

/* All is well. */
static void good(void)
{
	size_t i;

	memset(state, 0, sizeof(state));
	memset(&facts, 0, sizeof(facts));
	memset(&report, 0, sizeof(report));
	facts.state = state;
	for (i = 0; i < nscenarios; i++) {
		facts.selected[i] = !scenarios[i].explores;
		state[i].phase = SCENARIO_DONE;
		state[i].calls = state[i].entries = 7;
	}
	facts.traced = facts.complete = true;
	facts.rebuilds[0] = 23;
	facts.copy_ups = 5;
	facts.copy_up_order = facts.hazard = TRISTATE_NO;
	report.version = "1";
	report.kernel = "k";
	report.arch = "x86_64";
}

static int judge(void)
{
	check__judge(&facts, &report);
	return report.status;
}

static enum check_state result(enum check_id id)
{
	return report.result[id].state;
}

static void all_is_well(void)
{
	int id;

	good();
	CHECK_EQ(judge(), EXIT_CLEAN);
	for (id = 0; id < CHECK_RESULTS; id++)
		CHECK_EQ(result(id), CHECK_OK);
}

static void each_defect_fails_alone(void)
{
	int id, failed;

	for (id = 0; id < CHECK_RESULTS; id++) {
		if (id == CHECK_COVERAGE || id == CHECK_LOST)
			continue;
		good();
		if (id == CHECK_STALE_STORE)
			facts.findings[0][FINDING_STALE_STORE] = 1;
		if (id == CHECK_UNFREED_CACHE)
			facts.findings[0][FINDING_UNFREED_CACHE] = 1;
		if (id == CHECK_STALE_IMPURE_CLEAR)
			facts.findings[0][FINDING_STALE_IMPURE_CLEAR] = 1;
		if (id == CHECK_KIND_MIX)
			facts.copy_ups_wrong = 5;
		if (id == CHECK_BAD_RETURN)
			state[2].bad_returns = 1;
		if (id == CHECK_LOCK_HAZARD)
			facts.hazard = TRISTATE_YES;
		if (id == CHECK_D_INO)
			state[0].wrong_ino = 1;
		if (id == CHECK_MISSED_INVALIDATION) {
			facts.findings[0][FINDING_MISSED_INVALIDATION] = 1;
			facts.strict = true;
		}
		CHECK_EQ(judge(), EXIT_FINDINGS);
		for (failed = 0; failed < CHECK_RESULTS; failed++)
			CHECK_EQ(result(failed), failed == id ? CHECK_FAIL : CHECK_OK);
	}
}

/* Seen only by the trace, not by listings: the result fails, too. */
static void by_records_alone(void)
{
	static const struct {
		enum finding_kind kind;
		enum check_id id;
	} all[] = {
		{ FINDING_KIND_MIX, CHECK_KIND_MIX },
		{ FINDING_BAD_RETURN, CHECK_BAD_RETURN },
		{ FINDING_LOCK_HAZARD, CHECK_LOCK_HAZARD },
	};
	size_t i;
	int id;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		good();
		facts.findings[0][all[i].kind] = 3;
		CHECK_EQ(judge(), EXIT_FINDINGS);
		for (id = 0; id < CHECK_RESULTS; id++)
			CHECK_EQ(result(id), id == (int)all[i].id ? CHECK_FAIL : CHECK_OK);
	}
}

/* What all released kernels fail is reported, and fails the check only if that is asked for. */
static void known_defect(void)
{
	good();
	facts.findings[0][FINDING_MISSED_INVALIDATION] = 8;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(result(CHECK_MISSED_INVALIDATION), CHECK_FAIL);
	CHECK(report.result[CHECK_MISSED_INVALIDATION].todo);
	facts.strict = true;
	CHECK_EQ(judge(), EXIT_FINDINGS);
	CHECK(!report.result[CHECK_MISSED_INVALIDATION].todo);
	/* beside it any other defect counts as ever */
	facts.strict = false;
	facts.findings[0][FINDING_STALE_STORE] = 1;
	CHECK_EQ(judge(), EXIT_FINDINGS);
	CHECK(!report.result[CHECK_STALE_STORE].todo);
}

/* Where it cannot be seen it never passes; the other results stand. */
static void known_defect_unseen(void)
{
	good();
	facts.counts.finding[FINDING_MISSED_INVALIDATION] = COUNT_UNSEEN;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(result(CHECK_MISSED_INVALIDATION), CHECK_SKIP);
	facts.strict = true;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
}

static void a_gap_never_passes(void)
{
	good();
	facts.complete = false;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(result(CHECK_COVERAGE), CHECK_FAIL);
	good();
	facts.counts.lost = 1;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(result(CHECK_LOST), CHECK_FAIL);
	good();
	strcpy(facts.inconsistencies, "x");
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	good();
	state[1].phase = SCENARIO_HUNG;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	good();
	facts.timed_out = true;
	facts.traced = false;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	/* nothing was rebuilt: nothing was shown */
	good();
	facts.rebuilds[0] = 0;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(result(CHECK_STALE_STORE), CHECK_SKIP);
	good();
	facts.copy_up_order = TRISTATE_UNKNOWN;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(result(CHECK_KIND_MIX), CHECK_SKIP);
	good();
	facts.hazard = TRISTATE_UNKNOWN;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(result(CHECK_LOCK_HAZARD), CHECK_SKIP);
}

static void findings_count_in_spite_of_gaps(void)
{
	good();
	facts.counts.lost = 1;
	facts.findings[0][FINDING_STALE_STORE] = 1;
	CHECK_EQ(judge(), EXIT_FINDINGS);
}

static void untraceable(void)
{
	good();
	facts.traced = facts.complete = false;
	CHECK_EQ(judge(), EXIT_UNTRACEABLE);
	CHECK_EQ(result(CHECK_COVERAGE), CHECK_SKIP);
	CHECK_EQ(result(CHECK_STALE_STORE), CHECK_SKIP);
	/* what a user sees needs no probe */
	state[0].wrong_ino = 1;
	CHECK_EQ(judge(), EXIT_FINDINGS);
}

static void not_selected_is_skipped(void)
{
	good();
	facts.selected[0] = facts.selected[2] = false;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(result(CHECK_STALE_STORE), CHECK_SKIP);
	CHECK_EQ(result(CHECK_KIND_MIX), CHECK_OK);
}

/* A wrongly cleared flag also shows in listings. */
static void unflagged_is_a_stale_clear(void)
{
	good();
	state[0].unflagged = 2;
	CHECK_EQ(judge(), EXIT_FINDINGS);
	CHECK_EQ(result(CHECK_STALE_IMPURE_CLEAR), CHECK_FAIL);
	CHECK_EQ(result(CHECK_D_INO), CHECK_OK);
}

static void hostile(void)
{
	static struct check_finding fd = { NULL, CHECK_STALE_STORE, 0,
					   "a\nok 1 x\x1b[31m <b>&\"]]> \xff\x01",
					   "in /\xe2\x80\xae\t#\nline two\n" };

	good();
	facts.findings[0][FINDING_STALE_STORE] = 1;
	state[0].wrong_names = 1;
	strcpy(state[0].seen[CHECK_D_INO], "lists '\n\x1b]0;x\x07<&>\xc3(' #SKIP");
	report.findings = &fd;
	judge();
}

static char *written(void (*write)(FILE *, const struct check_report *))
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	hostile();
	write(f, &report);
	fclose(f);
	return text;
}

static void hostile_text_stays_text(void)
{
	void (*const all[])(FILE *, const struct check_report *) = { check_ktap__write,
								     check_junit__write,
								     check_json__write };
	size_t i;
	char *text, *p;

	for (i = 0; i < 3; i++) {
		text = written(all[i]);
		for (p = text; *p; p++)
			CHECK((unsigned char)*p >= 32 || *p == '\n' || (*p == '\t' && i == 1));
		/* XML has its lines in an element */
		CHECK(i == 1 || !strstr(text, "\nok 1 x"));
		CHECK(!strstr(text, "\xff"));
		CHECK(!strstr(text, "\xe2\x80\xae"));
		free(text);
	}
}

/* All three, with a NUL between them. */
static int write_all(void)
{
	void (*const all[])(FILE *, const struct check_report *) = { check_ktap__write,
								     check_junit__write,
								     check_json__write };
	size_t i;

	for (i = 0; i < 3; i++) {
		char *text = written(all[i]);

		if (i)
			putchar(0);
		fputs(text, stdout);
		free(text);
	}
	return 0;
}

/* A slow start leaves little: then each first turn is short, and no other one is long. */
static void time_is_shared(void)
{
	const uint64_t ms = 1000000;
	uint64_t now = 0, end = 2000 * ms;
	unsigned int left;

	CHECK_EQ(turns__first_ns(0, 10000 * ms, 9), 300 * ms);
	CHECK_EQ(turns__first_ns(5, 5, 9), 0);
	CHECK_EQ(turns__first_ns(6, 5, 9), 0);
	/* all first turns together leave a part of what there is, if each ends when it should */
	for (left = 9; left; left--)
		now += turns__first_ns(now, end, left);
	CHECK(now >= end / 2 && now < end);
	CHECK_EQ(turns__next_ns(0, 1000 * ms, 100, 20, 0), 200 * ms);
	CHECK_EQ(turns__next_ns(0, 1000 * ms, 100, 20, 50 * ms), 150 * ms);
	CHECK_EQ(turns__next_ns(0, 1000 * ms, 100, 20, 150 * ms), 0);
	CHECK_EQ(turns__next_ns(0, 1000 * ms, 100, 20, 5000 * ms), 0);
	CHECK_EQ(turns__next_ns(7, 6, 100, 20, 0), 0);
}

/* A start that takes half of the time or less changes nothing. */
static void slow_start_extends(void)
{
	const uint64_t s = 1000000000;

	CHECK_EQ(turns__extension_ns(10 * s, 0), 0);
	CHECK_EQ(turns__extension_ns(10 * s, 5 * s), 0);
	CHECK_EQ(turns__extension_ns(10 * s, 6 * s), 2 * s);
	CHECK_EQ(turns__extension_ns(10 * s, 90 * s), 170 * s);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--write"))
		return write_all();
	TEST(all_is_well);
	TEST(each_defect_fails_alone);
	TEST(by_records_alone);
	TEST(known_defect);
	TEST(known_defect_unseen);
	TEST(a_gap_never_passes);
	TEST(findings_count_in_spite_of_gaps);
	TEST(untraceable);
	TEST(not_selected_is_skipped);
	TEST(unflagged_is_a_stale_clear);
	TEST(hostile_text_stays_text);
	TEST(time_is_shared);
	TEST(slow_start_extends);
	return test_done();
}
