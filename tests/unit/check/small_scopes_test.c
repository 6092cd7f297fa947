// SPDX-License-Identifier: GPL-2.0-only
/* What the judge of `check` makes of a scenario that explores. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

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

enum {
	SMALL = 3, /* the scenario that explores */
};

/* All of its schedules were run, and the trace has seen their windows. */
static void explored(void)
{
	good();
	facts.selected[SMALL] = true;
	facts.rebuilds[SMALL] = 9;
	state[SMALL].covered = state[SMALL].of = 4;
	state[SMALL].windows_due = facts.windows[SMALL] = 5;
	state[SMALL].mods_due = facts.mods[SMALL] = 2;
}

static const struct check_sub *small(enum check_id id)
{
	return &report.result[id].sub[SMALL];
}

static void what_was_covered_is_reported(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	explored();
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_STR(small(CHECK_COVERAGE)->why, "4 of 4 schedules");
	CHECK_EQ(small(CHECK_STALE_STORE)->state, CHECK_OK);
	check_json__write(f, &report);
	fclose(f);
	CHECK(strstr(text, "\"covered\":4,\"of\":4}"));
	free(text);
}

/* No gap, but no pass either. */
static void what_was_left_out_is_reported(void)
{
	explored();
	state[SMALL].of = 7;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_STR(small(CHECK_COVERAGE)->why, "4 of 7 schedules: the time was over");
	state[SMALL].of = 0;
	judge();
	CHECK_STR(small(CHECK_COVERAGE)->why, "4 schedules, of more: the time was over");
	state[SMALL].covered = 0;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(small(CHECK_COVERAGE)->state, CHECK_SKIP);
	explored();
	state[SMALL].phase = SCENARIO_NOT_RUN;
	state[SMALL].covered = state[SMALL].calls = state[SMALL].entries = 0;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(small(CHECK_STALE_STORE)->state, CHECK_SKIP);
}

static void nothing_to_explore_is_no_pass(void)
{
	explored();
	state[SMALL].idle = true;
	strcpy(state[SMALL].why, "no window");
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(small(CHECK_COVERAGE)->state, CHECK_SKIP);
	CHECK_EQ(small(CHECK_UNFREED_CACHE)->state, CHECK_SKIP);
	CHECK_STR(small(CHECK_UNFREED_CACHE)->why, "no window");
	CHECK_EQ(small(CHECK_D_INO)->state, CHECK_SKIP);
}

static void windows_that_were_not_seen_are_no_pass(void)
{
	explored();
	facts.mods[SMALL] = 1;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(small(CHECK_STALE_STORE)->state, CHECK_SKIP);
	explored();
	facts.windows[SMALL] = 4;
	judge();
	CHECK_EQ(small(CHECK_STALE_STORE)->state, CHECK_SKIP);
	CHECK(strstr(small(CHECK_COVERAGE)->why, "4 of 4 schedules; the trace has not seen"));
	/* what was found is found */
	facts.findings[SMALL][FINDING_STALE_STORE] = 1;
	CHECK_EQ(judge(), EXIT_FINDINGS);
}

/* One that died is a gap, as with all scenarios. */
static void explorers_must_end(void)
{
	explored();
	state[SMALL].phase = SCENARIO_DIED;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
}

static void histories_show_missed_invalidations(void)
{
	explored();
	state[SMALL].wrong_links = 2;
	strcpy(state[SMALL].seen[CHECK_MISSED_INVALIDATION], "a number");
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(small(CHECK_MISSED_INVALIDATION)->state, CHECK_FAIL);
	CHECK(report.result[CHECK_MISSED_INVALIDATION].todo);
	facts.strict = true;
	CHECK_EQ(judge(), EXIT_FINDINGS);
}

int main(void)
{
	TEST(what_was_covered_is_reported);
	TEST(what_was_left_out_is_reported);
	TEST(nothing_to_explore_is_no_pass);
	TEST(windows_that_were_not_seen_are_no_pass);
	TEST(explorers_must_end);
	TEST(histories_show_missed_invalidations);
	return test_done();
}
