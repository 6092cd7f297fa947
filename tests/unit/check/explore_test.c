// SPDX-License-Identifier: GPL-2.0-only
/* What --explore makes of what it has run, and its line of progress. */
#include "check/explore.h"

#include <stdlib.h>

#include "check/explore_progress.h"
#include "test.h"
#include "util/exit_status.h"

static struct explore_report e;
static struct check_report report;

/* Two configurations, all of them run, nothing wrong. */
static void begin(void)
{
	memset(&e, 0, sizeof(e));
	e.depth = 2;
	e.config[CONFIG_UPPER_ONLY_PLAIN].selected = e.config[CONFIG_MERGED_PLAIN].selected = true;
	e.config[CONFIG_UPPER_ONLY_PLAIN].histories = 100;
	e.config[CONFIG_MERGED_PLAIN].histories = 200;
	e.done[1] = e.total[1] = 30;
	e.done[2] = e.total[2] = 270;
}

static void found(enum explore_config_id config, enum explore_rule rule, const char *text)
{
	struct explore_found *f = &e.found[e.nfound++];
	const char *why;
	size_t at;

	f->config = config;
	f->rule = rule;
	f->alone = true;
	f->count = 7;
	CHECK(!history__parse(text, &f->history, &why, &at));
	snprintf(f->text, sizeof(f->text), "it is wrong");
	snprintf(f->story, sizeof(f->story), "list: . ..");
}

static int judge(void)
{
	explore__judge(&e, &report);
	return report.status;
}

static void all_is_well(void)
{
	begin();
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(report.result[CHECK_COVERAGE].state, CHECK_OK);
	CHECK_STR(report.result[CHECK_COVERAGE].note,
		  "30 of 30 histories of length 1, 270 of 270 histories of length 2");
	CHECK_EQ(report.result[CHECK_D_INO].state, CHECK_OK);
	CHECK_EQ(report.result[CHECK_BAD_RETURN].state, CHECK_OK);
	CHECK_EQ(report.result[CHECK_STALE_STORE].state, CHECK_SKIP);
	CHECK_EQ(report.result[CHECK_D_INO].sub[CONFIG_MERGED_PLAIN].state, CHECK_OK);
	CHECK(!report.result[CHECK_D_INO].sub[CONFIG_LOWER_PLAIN].used);
}

static void a_bad_history_fails(void)
{
	begin();
	found(CONFIG_MERGED_PLAIN, RULE_NAMES, "unlink y; list");
	CHECK_EQ(judge(), EXIT_FINDINGS);
	CHECK_EQ(report.result[CHECK_D_INO].state, CHECK_FAIL);
	CHECK_EQ(report.result[CHECK_D_INO].count, 7);
	CHECK_STR(report.result[CHECK_D_INO].why,
		  "merged: 7 of 200 histories, such as 'unlink y; list'");
	CHECK_EQ(report.result[CHECK_BAD_RETURN].state, CHECK_OK);
	begin();
	found(CONFIG_MERGED_PLAIN, RULE_ENDS, "list");
	CHECK_EQ(judge(), EXIT_FINDINGS);
	CHECK_EQ(report.result[CHECK_LOCK_HAZARD].state, CHECK_FAIL);
}

static void the_known_defect_is_todo(void)
{
	begin();
	found(CONFIG_UPPER_ONLY_PLAIN, RULE_LINKS, "rename-in a; list; link a b");
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(report.result[CHECK_MISSED_INVALIDATION].state, CHECK_FAIL);
	CHECK(report.result[CHECK_MISSED_INVALIDATION].todo);
	e.strict = true;
	CHECK_EQ(judge(), EXIT_FINDINGS);
}

static void what_was_not_run_is_no_pass(void)
{
	begin();
	e.config[CONFIG_MERGED_PLAIN].left = 11;
	e.next = 289;
	snprintf(e.stopped, sizeof(e.stopped), "the time is over");
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	CHECK_STR(report.result[CHECK_COVERAGE].why,
		  "300 of 311 histories were run: the time is over; the next is --from 289");
}

static void a_warning_is_noted(void)
{
	begin();
	snprintf(e.warned, sizeof(e.warned), "the kernel warned");
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_STR(report.result[CHECK_COVERAGE].note,
		  "30 of 30 histories of length 1, 270 of 270 histories of length 2\n"
		  "the kernel warned");
}

static void what_is_not_possible_is_skipped(void)
{
	begin();
	e.config[CONFIG_MERGED_PLAIN].unfit = true;
	e.config[CONFIG_MERGED_PLAIN].histories = 0;
	e.config[CONFIG_MERGED_PLAIN].left = 200;
	CHECK_EQ(judge(), EXIT_CLEAN);
	CHECK_EQ(report.result[CHECK_D_INO].sub[CONFIG_MERGED_PLAIN].state, CHECK_SKIP);
	e.named = true;
	CHECK_EQ(judge(), EXIT_INCONCLUSIVE);
	e.config[CONFIG_UPPER_ONLY_PLAIN] = e.config[CONFIG_MERGED_PLAIN];
	CHECK_EQ(judge(), EXIT_UNTRACEABLE);
	CHECK_EQ(report.result[CHECK_D_INO].state, CHECK_SKIP);
}

static void findings_say_how_to_see_them_again(void)
{
	struct check_finding *f;

	begin();
	found(CONFIG_UPPER_ONLY_PLAIN, RULE_LINKS, "rename-in a; list; link a b");
	f = explore__findings(&e);
	CHECK(f && !f->next && f->id == CHECK_MISSED_INVALIDATION);
	CHECK_STR(f->text, "it is wrong");
	CHECK_STR(f->story, "list: . ..\nagain: ovltrace check --config upper-only --history "
			    "'rename-in a; list; link a b'\nhistories that contain it: 7\n");
	explore__free_findings(f);
}

static void only_the_first_findings_are_shown(void)
{
	struct check_finding *f, *at;
	int i, n = 0;

	begin();
	for (i = 0; i < 9; i++)
		found(CONFIG_UPPER_ONLY_PLAIN, RULE_LINKS, "rename-in a; list; link a b");
	found(CONFIG_EMPTY_PLAIN, RULE_LINKS, "rename-in a; list; link a b");
	f = explore__findings(&e);
	for (at = f; at; at = at->next)
		n++;
	CHECK_EQ(n, EXPLORE_SHOWN + 1);
	explore__free_findings(f);
}

static void progress_is_estimated(void)
{
	struct progress p = { .done = 1000, .total = 5000, .next = 990, .found = 3 };
	char text[PROGRESS_TEXT];

	CHECK_STR(progress__text(&p, 2000000000, text),
		  "1000 of 5000 histories (20 %), 500/s, 8 s left, 3 bad ones; "
		  "resume with --from 990");
	p.total = 5000000;
	CHECK_STR(progress__text(&p, 2000000000, text),
		  "1000 of 5000000 histories (0 %), 500/s, 3 h left, 3 bad ones; "
		  "resume with --from 990");
	p.done = 0;
	CHECK(strstr(progress__text(&p, 0, text), "unknown time left"));
}

int main(void)
{
	TEST(all_is_well);
	TEST(a_bad_history_fails);
	TEST(the_known_defect_is_todo);
	TEST(what_was_not_run_is_no_pass);
	TEST(a_warning_is_noted);
	TEST(what_is_not_possible_is_skipped);
	TEST(findings_say_how_to_see_them_again);
	TEST(only_the_first_findings_are_shown);
	TEST(progress_is_estimated);
	return test_done();
}
