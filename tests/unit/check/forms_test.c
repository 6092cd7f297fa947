// SPDX-License-Identifier: GPL-2.0-only
/*
 * KTAP, JUnit and JSON of two check reports, byte by byte as in tests/golden/want/.
 * With --write NAME, writes that one to standard output: for `make golden`.
 */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static struct scenario_state state[CHECK_MAX_SCENARIOS];
static struct check_facts facts;
static struct check_report report;

static struct check_finding fourth = {
	.id = CHECK_MISSED_INVALIDATION,
	.text = "tid 9 (linker) changed 'k' # TODO",
};
static struct check_finding third = {
	.next = &fourth,
	.id = CHECK_STALE_STORE,
	.subject = 1,
	.text = "tid 7 (</failure><b>\x1b[2J\xc3) read the directory at version 4.",
};
static struct check_finding second = {
	.next = &third,
	.id = CHECK_UNFREED_CACHE,
	.text = "tid 5 (reader) overwrote the cache, and it was not freed: it is leaked.",
	.story = "  +0 us  tid 5  reads the directory at version 4\n"
		 "  +9 us  tid 5  stores cache 0x40, over another one\n",
};
static struct check_finding first = {
	.next = &second,
	.id = CHECK_STALE_STORE,
	.text = "a\nok 1 stale_store\x07 # SKIP ]]> & \"quoted\" \xe2\x80\xae \xef\xbf\xbf",
	.story = "\nnot ok 2 x\n\tline two\r\n",
};

static void begin(void)
{
	size_t i;

	memset(state, 0, sizeof(state));
	memset(&facts, 0, sizeof(facts));
	memset(&report, 0, sizeof(report));
	facts.state = state;
	for (i = 0; i < nscenarios; i++) {
		facts.selected[i] = !scenarios[i].explores;
		state[i].phase = SCENARIO_DONE;
		state[i].ran_ns = 1000000000 + i;
		state[i].listings = 100 + i;
		state[i].calls = 200 + i;
		state[i].modifications = 300 + i;
		state[i].verified = 400 + i;
		state[i].entries = 500 + i;
	}
	report.version = "0.1.0";
	report.kernel = "6.12.0-<golden>\n";
	report.arch = "x86_64";
	report.seed = 18446744073709551615U;
	report.seconds = 12.3456;
	report.start_realtime_ns = 1795478545515213083;
}

/* All states: ok, failed with and without findings, skipped. */
static void with_findings(void)
{
	begin();
	facts.traced = facts.complete = true;
	facts.rebuilds[0] = 23;
	facts.rebuilds[1] = 29;
	facts.findings[0][FINDING_STALE_STORE] = 2;
	facts.findings[1][FINDING_STALE_STORE] = 1;
	facts.findings[0][FINDING_UNFREED_CACHE] = 1;
	facts.findings[2][FINDING_BAD_RETURN] = 3;
	facts.findings[0][FINDING_MISSED_INVALIDATION] = 2;
	facts.counts.finding[FINDING_STALE_IMPURE_CLEAR] = COUNT_UNSEEN;
	facts.counts.lost = 7;
	facts.copy_up_order = TRISTATE_YES;
	facts.copy_ups = 41;
	facts.copy_ups_wrong = 37;
	facts.mixed_stores = 2;
	facts.mixed_frees = 1;
	facts.hazard = TRISTATE_YES;
	strcpy(facts.hazard_why, "ovl_cache_update calls <lookup> & waits");
	state[0].wrong_ino = 3;
	state[0].wrong_names = 2;
	strcpy(state[0].seen[CHECK_D_INO], "lists '\n\x1b]0;x\x07<&>\xc3(' # SKIP");
	state[2].phase = SCENARIO_HUNG;
	strcpy(report.widen, "windows held open for 10000 us at most, 3 of 5 <timed out>");
	report.findings = &first;
	check__judge(&facts, &report);
}

/* Nothing could be traced, and one scenario does not fit this system. */
static void untraceable(void)
{
	begin();
	strcpy(facts.untraced, "no <BPF> here:\n\xff");
	strcpy(facts.hazard_why, "no symbols");
	state[1].phase = SCENARIO_UNFIT;
	state[1].errors = 1;
	strcpy(state[1].why, "mount: \"No such device\"");
	facts.selected[2] = false;
	check__judge(&facts, &report);
}

static const struct golden {
	const char *name;
	void (*make)(void);
	void (*write)(FILE *f, const struct check_report *r);
} goldens[] = {
	{ "check_findings.ktap", with_findings, check_ktap__write },
	{ "check_findings.junit", with_findings, check_junit__write },
	{ "check_findings.json", with_findings, check_json__write },
	{ "check_untraceable.ktap", untraceable, check_ktap__write },
	{ "check_untraceable.junit", untraceable, check_junit__write },
	{ "check_untraceable.json", untraceable, check_json__write },
};

enum {
	GOLDENS = sizeof(goldens) / sizeof(goldens[0]),
};

static char *today(const struct golden *g)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	g->make();
	g->write(f, &report);
	fclose(f);
	return text;
}

static char *wanted(const struct golden *g)
{
	char path[128], *text = calloc(1, 1 << 20);
	FILE *f;

	snprintf(path, sizeof(path), "tests/golden/want/%s", g->name);
	f = fopen(path, "re");
	if (!CHECK(f != NULL))
		return text;
	CHECK(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

static void first_difference(const char *got, const char *want)
{
	unsigned int line = 1;
	size_t at = 0, i;

	for (i = 0; got[i] && got[i] == want[i]; i++)
		if (got[i] == '\n') {
			line++;
			at = i + 1;
		}
	printf("# line %u, accept it by 'make golden':\n#-%.*s\n#+%.*s\n", line,
	       (int)strcspn(want + at, "\n"), want + at, (int)strcspn(got + at, "\n"), got + at);
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < GOLDENS; i++) {
		unsigned long before = test_failures;
		char *got, *want;

		if (argc > 2 && strcmp(argv[2], goldens[i].name))
			continue;
		got = today(&goldens[i]);
		if (argc > 1) {
			fputs(got, stdout);
			free(got);
			continue;
		}
		want = wanted(&goldens[i]);
		if (!CHECK(!strcmp(got, want)))
			first_difference(got, want);
		test_end("", goldens[i].name, before);
		free(got);
		free(want);
	}
	return argc > 1 ? 0 : test_done();
}
