// SPDX-License-Identifier: GPL-2.0-only
/*
 * KTAP version 1 (Documentation/dev-tools/ktap.rst). Each result has its
 * scenarios as subtests; diagnostics come before the line that they are of.
 */
#include "check/check.h"

#include <inttypes.h>
#include <string.h>

#include "util/text.h"

static void indent(FILE *f, int depth)
{
	fprintf(f, "%*s", 2 * depth, "");
}

/* Each line of text as a diagnostic; nothing in it can end the line. */
static void diagnose(FILE *f, int depth, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		indent(f, depth);
		fputs("# ", f);
		text__bytes(f, text, n);
		fputc('\n', f);
		text += n + (text[n] == '\n');
	}
}

/* The line of a result or of a subtest of it. */
static void line(FILE *f, size_t n, const char *name, const struct check_result *res,
		 const struct check_sub *sub)
{
	enum check_state state = sub ? sub->state : res->state;
	const char *why = sub ? sub->why : res->why;

	fprintf(f, "%s %zu %s", state == CHECK_FAIL ? "not ok" : "ok", n, name);
	if (state == CHECK_SKIP) {
		fputs(" # SKIP ", f);
		text__bytes(f, why, strlen(why));
	}
	if (state == CHECK_FAIL && res->todo)
		fputs(" # TODO " CHECK_TODO, f);
	fputc('\n', f);
}

static void findings(FILE *f, const struct check_report *r, enum check_id id, size_t subject)
{
	const struct check_finding *fd;

	for (fd = r->findings; fd; fd = fd->next) {
		if (fd->id != id || fd->subject != subject)
			continue;
		diagnose(f, 1, fd->text ? fd->text : "");
		diagnose(f, 1, fd->story ? fd->story : "");
	}
}

static void subtests(FILE *f, const struct check_report *r, enum check_id id)
{
	const struct check_result *res = &r->result[id];
	size_t i, n = 0;

	for (i = 0; i < r->nsubjects; i++)
		n += res->sub[i].used;
	if (!n)
		return;
	indent(f, 1);
	fputs("KTAP version 1\n", f);
	indent(f, 1);
	fprintf(f, "# Subtest: %s\n", check_id__name(id));
	indent(f, 1);
	fprintf(f, "1..%zu\n", n);
	for (i = n = 0; i < r->nsubjects; i++) {
		const struct check_sub *sub = &res->sub[i];

		if (!sub->used)
			continue;
		if (sub->state != CHECK_SKIP)
			diagnose(f, 1, sub->why);
		findings(f, r, id, i);
		indent(f, 1);
		line(f, ++n, r->subject[i].name, res, sub);
	}
}

static void head(FILE *f, const struct check_report *r)
{
	char text[CHECK_TEXT];

	fprintf(f, "KTAP version 1\n1..%d\n", CHECK_RESULTS);
	if (r->explored)
		snprintf(text, sizeof(text),
			 "ovltrace %.32s check --explore on %.80s %.32s, %.1f s", r->version,
			 r->kernel, r->arch, r->seconds);
	else
		snprintf(text, sizeof(text),
			 "ovltrace %.32s check on %.80s %.32s, seed %" PRIu64 ", %.1f s",
			 r->version, r->kernel, r->arch, r->seed, r->seconds);
	diagnose(f, 0, text);
	diagnose(f, 0, r->widen);
}

/* The line of kselftest, and the answer. */
static void totals(FILE *f, const struct check_report *r)
{
	unsigned int passed = 0, failed = 0, todo = 0, skipped = 0;
	int id;

	for (id = 0; id < CHECK_RESULTS; id++) {
		const struct check_result *res = &r->result[id];

		passed += res->state == CHECK_OK;
		skipped += res->state == CHECK_SKIP;
		todo += res->state == CHECK_FAIL && res->todo;
		failed += res->state == CHECK_FAIL && !res->todo;
	}
	fprintf(f, "# Totals: pass:%u fail:%u xfail:%u xpass:0 skip:%u error:0\n", passed, failed,
		todo, skipped);
	fprintf(f, "# verdict: %s\n", check__answer(r));
}

void check_ktap__write(FILE *f, const struct check_report *r)
{
	int id;

	head(f, r);
	for (id = 0; id < CHECK_RESULTS; id++) {
		const struct check_result *res = &r->result[id];

		subtests(f, r, id);
		diagnose(f, 0, res->note);
		if (res->state == CHECK_FAIL)
			diagnose(f, 0, res->why);
		line(f, id + 1, check_id__name(id), res, NULL);
	}
	totals(f, r);
}
