// SPDX-License-Identifier: GPL-2.0-only
/*
 * JUnit XML: a suite of the results, and one of the scenarios of each.
 * XML 1.0 has no way to write most control characters: U+FFFD stands for them.
 */
#include "check/check.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "util/json.h"

static bool xml_char(uint32_t cp)
{
	return cp == '\t' || cp == '\n' ||
	       (cp >= 0x20 && cp != 0x7f && !utf8__is_unsafe(cp) && cp != 0xfffe && cp != 0xffff);
}

static void escaped(FILE *f, const char *s)
{
	size_t len = strlen(s), i = 0;

	while (i < len) {
		uint32_t cp = 0;
		size_t n = utf8__decode(s + i, len - i, &cp);

		if (!n || !xml_char(cp))
			fputs("\xef\xbf\xbd", f);
		else if (cp == '&')
			fputs("&amp;", f);
		else if (cp == '<')
			fputs("&lt;", f);
		else if (cp == '>')
			fputs("&gt;", f);
		else if (cp == '"')
			fputs("&quot;", f);
		else
			fwrite(s + i, 1, n, f);
		i += n ? n : 1;
	}
}

static void attribute(FILE *f, const char *name, const char *value)
{
	fprintf(f, " %s=\"", name);
	escaped(f, value);
	fputc('"', f);
}

/* What was found, after the reason. */
static void found(FILE *f, const struct check_report *r, enum check_id id, size_t subject,
		  const char *why)
{
	const struct check_finding *fd;

	escaped(f, why);
	for (fd = r->findings; fd; fd = fd->next) {
		if (fd->id != id || (subject < r->nsubjects && fd->subject != subject))
			continue;
		fputc('\n', f);
		escaped(f, fd->text ? fd->text : "");
		fputc('\n', f);
		escaped(f, fd->story ? fd->story : "");
	}
}

/* The time of the scenarios that a result rests on. */
static double seconds_of(const struct check_report *r, enum check_id id, size_t subject)
{
	double sum = 0;
	size_t i;

	for (i = 0; r->facts && i < r->nsubjects; i++)
		if (subject == i || (subject == r->nsubjects && r->result[id].sub[i].used))
			sum += (double)r->facts->state[i].ran_ns / 1e9;
	return sum;
}

/* subject: r->nsubjects for the result as a whole */
static void testcase(FILE *f, const struct check_report *r, enum check_id id, size_t subject)
{
	const struct check_result *res = &r->result[id];
	bool whole = subject == r->nsubjects;
	enum check_state state = whole ? res->state : res->sub[subject].state;
	const char *why = whole ? res->why : res->sub[subject].why;
	char class[64];

	snprintf(class, sizeof(class), "ovltrace.check%s%s", whole ? "" : ".",
		 whole ? "" : check_id__name(id));
	fputs("    <testcase", f);
	attribute(f, "name", whole ? check_id__name(id) : r->subject[subject].name);
	attribute(f, "classname", class);
	fprintf(f, " time=\"%.3f\">\n", seconds_of(r, id, subject));
	if (state == CHECK_FAIL) {
		/* JUnit has no expected failures: readers take a skipped one for no failure */
		fprintf(f, "      <%s", res->todo ? "skipped" : "failure");
		attribute(f, "message", res->todo ? CHECK_TODO : *why ? why : check_id__name(id));
		if (!res->todo)
			attribute(f, "type", check_id__name(id));
		fputc('>', f);
		found(f, r, id, subject, why);
		fprintf(f, "</%s>\n", res->todo ? "skipped" : "failure");
	}
	if (state == CHECK_SKIP) {
		fputs("      <skipped", f);
		attribute(f, "message", why);
		fputs("/>\n", f);
	}
	fputs("    </testcase>\n", f);
}

struct sums {
	unsigned int tests, failures, skipped;
};

static void sum(struct sums *s, enum check_state state, bool todo)
{
	s->tests++;
	s->failures += state == CHECK_FAIL && !todo;
	s->skipped += state == CHECK_SKIP || (state == CHECK_FAIL && todo);
}

static struct sums sums_of(const struct check_report *r, bool subs)
{
	struct sums s = { 0 };
	size_t i;
	int id;

	for (id = 0; id < CHECK_RESULTS; id++) {
		const struct check_result *res = &r->result[id];

		if (!subs)
			sum(&s, res->state, res->todo);
		for (i = 0; subs && i < r->nsubjects; i++)
			if (res->sub[i].used)
				sum(&s, res->sub[i].state, res->todo);
	}
	return s;
}

static void suite(FILE *f, const struct check_report *r, const char *name, bool subs)
{
	struct sums s = sums_of(r, subs);
	time_t t = r->start_realtime_ns / 1000000000;
	char stamp[32] = "1970-01-01T00:00:00";
	struct tm tm;
	size_t i;
	int id;

	if (gmtime_r(&t, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	fputs("  <testsuite", f);
	attribute(f, "name", name);
	fprintf(f, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"%u\" time=\"%.3f\"",
		s.tests, s.failures, s.skipped, subs ? 0.0 : r->seconds);
	attribute(f, "timestamp", stamp);
	attribute(f, "hostname", r->host && *r->host ? r->host : "localhost");
	fputs(">\n    <properties>\n      <property name=\"kernel\"", f);
	attribute(f, "value", r->kernel);
	fprintf(f, "/>\n      <property name=\"seed\" value=\"%" PRIu64 "\"/>\n", r->seed);
	fputs("      <property name=\"widen\"", f);
	attribute(f, "value", r->widen);
	fputs("/>\n    </properties>\n", f);
	for (id = 0; id < CHECK_RESULTS; id++) {
		const struct check_result *res = &r->result[id];

		if (!subs)
			testcase(f, r, id, r->nsubjects);
		for (i = 0; subs && i < r->nsubjects; i++)
			if (res->sub[i].used)
				testcase(f, r, id, i);
	}
	fputs("  </testsuite>\n", f);
}

void check_junit__write(FILE *f, const struct check_report *r)
{
	struct sums a = sums_of(r, false), b = sums_of(r, true);

	fprintf(f,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ovltrace check\" "
		"tests=\"%u\" failures=\"%u\" errors=\"0\" time=\"%.3f\">\n",
		a.tests + b.tests, a.failures + b.failures, r->seconds);
	suite(f, r, "ovltrace.check", false);
	suite(f, r, "ovltrace.check.scenarios", true);
	fputs("</testsuites>\n", f);
}
