// SPDX-License-Identifier: GPL-2.0-only
/* What the runs of schedules come to, and what the report makes of it. */
#include "check/explore.h"

#include <stdlib.h>

#include "test.h"
#include "util/exit_status.h"

static struct schedules_runs runs;
static struct explore_report e;
static struct check_report report;

/* A run that went as the form does; the trace has seen it. */
static struct schedules_run *add(const char *text, int form)
{
	struct schedules_run *run = schedules_runs__add(&runs);
	struct cache_state end;
	const char *why;
	size_t at;
	int i;

	CHECK(!schedule__parse(text, &run->schedule, &why, &at));
	schedule__predict(&run->schedule, &cache_forms[form], &end, run->seen.in_window);
	run->done = true;
	for (i = 0; i < run->schedule.n; i++)
		run->windows += run->seen.in_window[i];
	run->mods = schedule__mods(&run->schedule, run->seen.in_window);
	run->seen.defects.wrong_listing = end.defects.wrong_listing;
	run->findings[CHECK_D_INO] = end.defects.wrong_listing;
	run->findings[CHECK_STALE_STORE] = end.defects.stale_stores;
	run->findings[CHECK_UNFREED_CACHE] = end.defects.unfreed_caches;
	run->findings[CHECK_STALE_IMPURE_CLEAR] = end.defects.stale_impure_clears;
	return run;
}

static void begin(void)
{
	runs.n = 0;
	memset(&e, 0, sizeof(e));
	e.schedules.selected = e.schedules.traced = true;
	e.schedules.readers = e.schedules.modifications = 2;
}

static int judge(void)
{
	schedules__judge(&runs, &e.schedules);
	explore__judge(&e, &report);
	return report.status;
}

enum {
	RACY = 1,
	FIXED = 4
};

static void a_right_kernel_passes(void)
{
	begin();
	add("R1<; R1>", FIXED);
	add("R1<; rename-in a; R1>", FIXED);
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(e.schedules.realized, 2);
	/* these two do not tell them apart */
	CHECK_STR(e.schedules.forms, "half-version, fixed, noclear");
	CHECK_EQ(report.result[CHECK_STALE_STORE].state, CHECK_OK);
	CHECK_EQ(report.result[CHECK_COVERAGE].state, CHECK_OK);
	CHECK_STR(report.result[CHECK_COVERAGE].sub[EXPLORE_SUBJECT_SCHEDULES].why,
		  "2 of 2 schedules; as the forms half-version, fixed, noclear");
}

static void defects_fail(void)
{
	struct check_finding *fd;

	begin();
	add("R1<; rename-out y; R1>; create c", RACY);
	add("R1<; rename-in a; R1>", RACY);
	add("R1<; R2<; R1>; R2>", RACY);
	CHECK_EQ(judge(), EXIT_FINDINGS);
	CHECK_STR(e.schedules.forms, "racy");
	CHECK_EQ(e.schedules.failing[CHECK_STALE_STORE], 2);
	CHECK_EQ(e.schedules.failing[CHECK_UNFREED_CACHE], 1);
	/* the shorter one */
	CHECK_STR(report.result[CHECK_STALE_STORE].why,
		  "schedules: 2 of 3 schedules, such as 'R1<; rename-in a; R1>'");
	CHECK_EQ(report.result[CHECK_STALE_IMPURE_CLEAR].state, CHECK_OK);
	fd = explore__findings(&e);
	CHECK(fd && fd->id == CHECK_STALE_STORE && fd->subject == EXPLORE_SUBJECT_SCHEDULES);
	CHECK_STR(fd->text, "old content was stamped with a later version");
	CHECK_STR(fd->story, "R1<: reader 1 lists D at version 0, and drops the lock\n"
			     "rename-in a: version 1\n"
			     "R1>: reader 1 takes the lock again at version 1, and ends\n"
			     "again: ovltrace check --schedule 'R1<; rename-in a; R1>'\n");
	explore__free_findings(fd);
}

/* What came out otherwise is no pass, and no failure either. */
static void only_what_happened_counts(void)
{
	begin();
	add("R1<; rename-in a; R1>", RACY)->mods = 0;
	add("R1<; R2<; R1>; R2>", RACY)->windows = 1;
	add("R1<; rename-out y; R1>", RACY)->done = false;
	add("R1<; R1>", RACY);
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(e.schedules.realized, 1);
	CHECK_EQ(e.schedules.of, 4);
	CHECK_STR(e.schedules.unrealized, "R1<; rename-in a; R1>");
	CHECK_EQ(e.schedules.failing[CHECK_STALE_STORE], 0);
	CHECK_EQ(report.result[CHECK_COVERAGE].state, CHECK_FAIL);
	/* without a trace the pieces' ends decide */
	begin();
	e.schedules.traced = false;
	snprintf(e.schedules.untraced, sizeof(e.schedules.untraced), "no BPF");
	add("R1<; R1>", RACY)->windows = 0;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(e.schedules.realized, 1);
	CHECK_EQ(report.result[CHECK_STALE_STORE].state, CHECK_SKIP);
	CHECK_EQ(report.result[CHECK_D_INO].state, CHECK_OK);
}

/* Fewer processors than readers: what was run passes, the whole does not. */
static void a_scope_that_was_cut(void)
{
	begin();
	add("R1<; R2; R1>", FIXED);
	e.schedules.held = 1;
	e.schedules.cut = true;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(e.schedules.realized, 1);
	CHECK_EQ(report.result[CHECK_UNFREED_CACHE].state, CHECK_OK);
	CHECK_EQ(report.result[CHECK_COVERAGE].state, CHECK_FAIL);
	CHECK(strstr(report.result[CHECK_COVERAGE].why,
		     "for lack of processors 1 of 2 readers are held at a time"));
}

/* The trace sees no windows of readers that share the lock: that is said, and is no pass. */
static void windows_that_are_not_seen(void)
{
	begin();
	runs.shares_lock = true;
	snprintf(e.schedules.untraced, sizeof(e.schedules.untraced), "windows are not seen");
	add("R1<; rename-in a; R1>", RACY)->windows = 0;
	runs.run[0].mods = 0;
	CHECK_EQ(judge(), EXIT_FINDINGS);
	CHECK_EQ(e.schedules.realized, 1);
	CHECK_EQ(e.schedules.failing[CHECK_STALE_STORE], 1);
	begin();
	add("R1<; R1>", FIXED)->windows = 0;
	snprintf(e.schedules.untraced, sizeof(e.schedules.untraced), "windows are not seen");
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_EQ(e.schedules.realized, 1);
	runs.shares_lock = false;
}

static void a_kernel_that_keeps_the_lock(void)
{
	begin();
	e.schedules.never_drops = true;
	e.config[CONFIG_IMPURE_PLAIN].selected = true;
	e.config[CONFIG_IMPURE_PLAIN].histories = 5;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(report.result[CHECK_STALE_STORE].state, CHECK_SKIP);
	CHECK_STR(report.result[CHECK_STALE_STORE].why, "no lock drop here: nothing to interleave");
	CHECK_STR(report.result[CHECK_COVERAGE].sub[EXPLORE_SUBJECT_SCHEDULES].why,
		  "no lock drop here: nothing to interleave");
	CHECK_EQ(report.result[CHECK_D_INO].state, CHECK_OK);
}

static void a_schedule_that_hangs(void)
{
	begin();
	add("R1<; R1>", FIXED);
	snprintf(e.schedules.stopped, sizeof(e.schedules.stopped), "a schedule did not end");
	snprintf(e.schedules.running, sizeof(e.schedules.running), "R1<; unlink y");
	CHECK_EQ(judge(), EXIT_FINDINGS);
	CHECK_EQ(report.result[CHECK_LOCK_HAZARD].state, CHECK_FAIL);
	CHECK_STR(report.result[CHECK_LOCK_HAZARD].why,
		  "schedules: a schedule did not end: 'R1<; unlink y'");
	CHECK_EQ(report.result[CHECK_COVERAGE].state, CHECK_FAIL);
}

int main(void)
{
	TEST(a_right_kernel_passes);
	TEST(defects_fail);
	TEST(only_what_happened_counts);
	TEST(a_scope_that_was_cut);
	TEST(windows_that_are_not_seen);
	TEST(a_kernel_that_keeps_the_lock);
	TEST(a_schedule_that_hangs);
	free(runs.run);
	return test_done();
}
