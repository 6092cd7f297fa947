// SPDX-License-Identifier: GPL-2.0-only
#include "session/testlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH = 8, /* of nested KTAP */
	ENDED = 256, /* ended tests that are remembered, for late findings */
};

struct test {
	char name[TESTLOG_NAME];
	uint64_t begin_ns, end_ns; /* end_ns 0: still running */
};

struct testlog {
	testlog_fn fn;
	void *ctx;
	struct test fstest; /* the running one; name "": none */
	struct test open[DEPTH]; /* the announced test at each depth */
	uint64_t mark_ns[DEPTH]; /* start of a test that is not announced; 0: no KTAP yet */
	struct test ended[ENDED]; /* a ring */
	uint64_t nended;
	uint64_t offset_lo, offset_hi; /* bounds of our clock minus the log's, if known */
	bool offset_known;
	char line[TESTLOG_LINE]; /* the incomplete last line */
	size_t len;
};

struct testlog *testlog__new(testlog_fn fn, void *ctx)
{
	struct testlog *log = calloc(1, sizeof(*log));

	if (log) {
		log->fn = fn;
		log->ctx = ctx;
	}
	return log;
}

void testlog__free(struct testlog *log)
{
	free(log);
}

static void announce(struct testlog *log, const struct test *t, enum test_source source,
		     enum test_result result)
{
	struct rec_test rec = {
		.name = t->name,
		.source = source,
		.ended = t->end_ns != 0,
		.begin_ns = t->begin_ns,
		.end_ns = t->end_ns,
		.result = result,
	};

	log->fn(log->ctx, &rec);
}

static void begin(struct testlog *log, struct test *t, enum test_source source, const char *name,
		  uint64_t at)
{
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->begin_ns = at;
	t->end_ns = 0;
	announce(log, t, source, TEST_RESULT_UNKNOWN);
}

static void finish(struct testlog *log, struct test *t, enum test_source source,
		   enum test_result result, uint64_t at)
{
	t->end_ns = at > t->begin_ns ? at : t->begin_ns;
	log->ended[log->nended++ % ENDED] = *t;
	announce(log, t, source, result);
	t->name[0] = 0;
}

/* ---- fstests ---------------------------------------------------------------- */

/*
 * The log's clock may have another origin and a slightly different rate. Each record
 * narrows the bounds of the difference. If a record contradicts them, they restart
 * from this record. The result is never outside empty_ns and now.
 */
static uint64_t kmsg_time(struct testlog *log, uint64_t usec, uint64_t empty_ns, uint64_t now)
{
	uint64_t ns = usec * 1000, lo = empty_ns - ns, hi = now - ns, at;

	/* differences modulo 2^64; signed comparisons */
	if (log->offset_known && (int64_t)(lo - log->offset_lo) < 0)
		lo = log->offset_lo;
	if (log->offset_known && (int64_t)(log->offset_hi - hi) < 0)
		hi = log->offset_hi;
	if ((int64_t)(hi - lo) < 0) {
		lo = empty_ns - ns;
		hi = now - ns;
	}
	log->offset_lo = lo;
	log->offset_hi = hi;
	log->offset_known = true;
	/* usually the clocks are equal until a machine suspends; else use the middle */
	if ((int64_t)lo <= 0 && (int64_t)hi >= 0)
		at = ns;
	else
		at = ns + lo + (hi - lo) / 2;
	return at < empty_ns ? empty_ns : at > now ? now : at;
}

/* Accepts only names such as "overlay/038": any process may write to the log. */
static size_t fstest_name(const char *text)
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-/";
	size_t n = strspn(text, good);
	const char *slash = memchr(text, '/', n);

	return slash && slash != text && slash + 1 < text + n && n < TESTLOG_NAME &&
			       !strncmp(text + n, " at ", 4) ?
		       n :
		       0;
}

void testlog__kmsg(struct testlog *log, const char *record, size_t len, uint64_t empty_ns,
		   uint64_t now)
{
	static const char prefix[] = "run fstests ";
	char text[TESTLOG_LINE], *p, *end;
	uint64_t usec, at;
	size_t n;
	int i;

	n = len < sizeof(text) - 1 ? len : sizeof(text) - 1;
	memcpy(text, record, n);
	text[n] = 0;
	for (p = text, i = 0; i < 2 && p; i++) {
		p = strchr(p, ',');
		p = p ? p + 1 : NULL;
	}
	if (!p || *p < '0' || *p > '9')
		return;
	usec = strtoull(p, &end, 10);
	if (*end != ',' || usec > UINT64_MAX / 2000 || empty_ns > now)
		return;
	/* each record shows the offset of the clocks */
	at = kmsg_time(log, usec, empty_ns, now);
	p = strchr(end, ';');
	if (!p || strncmp(p + 1, prefix, sizeof(prefix) - 1))
		return;
	p += sizeof(prefix);
	n = fstest_name(p);
	if (!n)
		return;
	p[n] = 0;
	if (log->fstest.name[0])
		finish(log, &log->fstest, TEST_FSTESTS, TEST_RESULT_UNKNOWN, at);
	begin(log, &log->fstest, TEST_FSTESTS, p, at);
}

void testlog__kmsg_lost(struct testlog *log, uint64_t now)
{
	/* another test may have started: which one runs is unknown */
	if (log->fstest.name[0])
		finish(log, &log->fstest, TEST_FSTESTS, TEST_RESULT_UNKNOWN, now);
	log->offset_known = false;
}

/* ---- KTAP ------------------------------------------------------------------- */

static bool starts(const char **p, const char *with)
{
	size_t n = strlen(with);

	if (strncmp(*p, with, n))
		return false;
	*p += n;
	return true;
}

/* Ends announced tests at that depth and deeper that had no result. */
static void close_from(struct testlog *log, int depth, uint64_t now)
{
	int i;

	for (i = DEPTH - 1; i >= depth; i--) {
		if (log->open[i].name[0])
			finish(log, &log->open[i], TEST_KTAP, TEST_RESULT_UNKNOWN, now);
		log->mark_ns[i] = 0;
	}
}

/* The test's name, prefixed with the names of its parents. */
static void full_name(const struct testlog *log, int depth, const char *name,
		      char out[TESTLOG_NAME])
{
	size_t n = 0;
	int i;

	for (i = 0; i <= depth; i++)
		if (log->open[i].name[0])
			n = i;
	/* the name of an announced test includes its parents */
	if (log->open[n].name[0])
		snprintf(out, TESTLOG_NAME, "%.120s/%.70s", log->open[n].name, name);
	else
		snprintf(out, TESTLOG_NAME, "%.190s", name);
}

static void announced(struct testlog *log, int depth, const char *name, uint64_t now)
{
	char full[TESTLOG_NAME];

	if (!*name)
		return;
	close_from(log, depth, now);
	full_name(log, depth, name, full);
	log->mark_ns[depth] = now;
	begin(log, &log->open[depth], TEST_KTAP, full, now);
}

/* "1 - name # SKIP why" */
static enum test_result result_parse(const char *p, bool ok, char name[TESTLOG_NAME])
{
	const char *hash;
	size_t n;

	p += strspn(p, " ");
	n = strspn(p, "0123456789");
	/* keep the blank: the name may be missing */
	p += n;
	if (!strncmp(p, " - ", 3))
		p += 2;
	hash = strstr(p, " # ");
	p += *p == ' ' && p != hash;
	n = hash ? (size_t)(hash - p) : strlen(p);
	while (n && p[n - 1] == ' ')
		n--;
	snprintf(name, TESTLOG_NAME, "%.*s", (int)(n < TESTLOG_NAME ? n : TESTLOG_NAME - 1), p);
	if (!name[0])
		snprintf(name, TESTLOG_NAME, "unnamed");
	if (hash && !strncmp(hash + 3, "SKIP", 4))
		return TEST_RESULT_SKIP;
	return ok ? TEST_RESULT_OK : TEST_RESULT_NOT_OK;
}

static void result(struct testlog *log, int depth, const char *p, bool ok, uint64_t now)
{
	struct test fresh = { .begin_ns = log->mark_ns[depth] }, *t = &fresh;
	char name[TESTLOG_NAME];
	enum test_result res = result_parse(p, ok, name);

	if (depth + 1 < DEPTH) {
		/* the result also ends tests announced inside this one */
		close_from(log, depth + 2 < DEPTH ? depth + 2 : DEPTH, now);
		log->mark_ns[depth + 1] = 0;
		if (log->open[depth + 1].name[0])
			t = &log->open[depth + 1];
	}
	if (t == &fresh) {
		full_name(log, depth, name, fresh.name);
		/* the start is unknown: an empty interval, so that no finding is attributed to it */
		if (!fresh.begin_ns)
			fresh.begin_ns = now;
	}
	finish(log, t, TEST_KTAP, res, now);
	log->mark_ns[depth] = now;
}

static void ktap_line(struct testlog *log, const char *p, uint64_t now)
{
	size_t spaces = strspn(p, " ");
	int depth = (int)(spaces / 2 < DEPTH ? spaces / 2 : DEPTH);
	const char *q;

	p += spaces;
	/* kselftest prefixes the output of nested tests with "# " */
	for (q = p; starts(&q, "# ") && depth < DEPTH; depth++) {
		const char *sub = p;

		if (starts(&sub, "# Subtest: "))
			break;
		p = q;
	}
	if (depth >= DEPTH)
		return;
	if (starts(&p, "# Subtest: ") || (depth && !strncmp(p, "selftests: ", 11)))
		announced(log, depth, p, now);
	else if (starts(&p, "KTAP version ") || starts(&p, "TAP version "))
		log->mark_ns[depth] = now;
	else if (starts(&p, "ok "))
		result(log, depth, p, true, now);
	else if (starts(&p, "not ok "))
		result(log, depth, p, false, now);
}

void testlog__ktap(struct testlog *log, const char *bytes, size_t len, uint64_t now)
{
	while (len) {
		const char *nl = memchr(bytes, '\n', len);
		size_t n = nl ? (size_t)(nl - bytes) : len, room = sizeof(log->line) - 1 - log->len;

		memcpy(log->line + log->len, bytes, n < room ? n : room);
		log->len += n < room ? n : room;
		if (!nl)
			return;
		log->line[log->len] = 0;
		if (log->len && log->line[log->len - 1] == '\r')
			log->line[log->len - 1] = 0;
		log->len = 0;
		ktap_line(log, log->line, now);
		bytes += n + 1;
		len -= n + 1;
	}
}

/* ---- both ------------------------------------------------------------------- */

void testlog__end(struct testlog *log, uint64_t now)
{
	close_from(log, 0, now);
	if (log->fstest.name[0])
		finish(log, &log->fstest, TEST_FSTESTS, TEST_RESULT_UNKNOWN, now);
}

static uint64_t end_of(const struct test *t)
{
	return t->end_ns ? t->end_ns : UINT64_MAX;
}

/* Of two tests that ran at that time, the later start or the earlier end is the inner one. */
static void consider(const struct test *t, uint64_t at, const struct test **best)
{
	if (t->name[0] && t->begin_ns <= at && at < end_of(t) &&
	    (!*best || t->begin_ns > (*best)->begin_ns ||
	     (t->begin_ns == (*best)->begin_ns && end_of(t) < end_of(*best))))
		*best = t;
}

const char *testlog__at(const struct testlog *log, uint64_t at_ns)
{
	const struct test *best = NULL;
	uint64_t i, n = log->nended < ENDED ? log->nended : ENDED;

	consider(&log->fstest, at_ns, &best);
	for (i = 0; i < DEPTH; i++)
		consider(&log->open[i], at_ns, &best);
	for (i = 0; i < n; i++)
		consider(&log->ended[i], at_ns, &best);
	return best ? best->name : NULL;
}
