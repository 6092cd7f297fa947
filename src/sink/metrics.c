// SPDX-License-Identifier: GPL-2.0-only
#include "sink/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "util/json.h"

enum {
	LABEL_CHARS = 64, /* of an untrusted value */
	LAST_BUCKET = 25, /* 2^25 us: half a minute */
};

/* name="value", escaped; what is not UTF-8 or is unsafe becomes U+FFFD. */
static void label(char *buf, size_t size, const char *name, const char *value)
{
	size_t at = strlen(buf), len = strnlen(value, LABEL_CHARS), i = 0;

	at += snprintf(buf + at, size - at, "%s%s=\"", at ? "," : "", name);
	while (i < len && at + 8 < size) {
		uint32_t cp;
		size_t n = utf8__decode(value + i, len - i, &cp);

		if (!n || utf8__is_unsafe(cp)) {
			memcpy(buf + at, "\xef\xbf\xbd", 3);
			at += 3;
			i += n ? n : 1;
			continue;
		}
		if (cp == '"' || cp == '\\')
			buf[at++] = '\\';
		memcpy(buf + at, value + i, n);
		at += n;
		i += n;
	}
	buf[at++] = '"';
	buf[at] = 0;
}

void metrics__begin(struct metrics *m, const struct rec_session *s, unsigned int number)
{
	enum logical_event gap;
	int i;

	memset(m, 0, sizeof(*m));
	m->running = true;
	m->number = number;
	if (s->host)
		label(m->host, sizeof(m->host), "host", s->host);
	label(m->session, sizeof(m->session), "version", s->version);
	label(m->session, sizeof(m->session), "kernel", s->kernel);
	label(m->session, sizeof(m->session), "arch", s->arch);
	label(m->session, sizeof(m->session), "lock_drop", lock_drop__name(s->lock_drop));
	for (i = 0; i < EVENTS; i++)
		m->provider[i] = s->cover[i].provider;
	m->merged = s->merged;
	m->complete = rec_session__complete(s, &gap);
}

static struct metrics_mount *mount_of(struct metrics *m, uint32_t dev)
{
	size_t i;

	for (i = 0; i < m->nmounts; i++)
		if (m->mount[i].dev == dev)
			return &m->mount[i];
	if (m->nmounts == METRICS_MOUNTS)
		return &m->mount[METRICS_MOUNTS];
	m->mount[m->nmounts].dev = dev;
	return &m->mount[m->nmounts++];
}

void metrics__rebuild(struct metrics *m, const struct rec_rebuild *r)
{
	struct metrics_mount *mount = mount_of(m, r->dir.dev);
	uint64_t ns = r->end_ns - r->begin_ns, open_ns = 0;
	size_t i;

	for (i = 0; i < r->nwindows; i++) {
		open_ns += r->windows[i].retake_ns - r->windows[i].drop_ns;
		hist__add(&m->window, r->windows[i].retake_ns - r->windows[i].drop_ns);
		if (r->windows[i].wait_ns)
			hist__add(&m->wait, r->windows[i].wait_ns);
	}
	hist__add(&m->rebuild, ns);
	saturate__add(&mount->rebuilds, 1);
	saturate__add(&mount->rebuild_ns, ns);
	saturate__add(&mount->held_ns, ns > open_ns ? ns - open_ns : 0);
}

void metrics__end(struct metrics *m, const struct rec_summary *s)
{
	size_t i;

	m->counts = s->counts;
	m->verdict = s->verdict;
	m->seconds = (double)s->duration_ns / 1e9;
	m->running = false;
	for (i = 0; i < s->nremarks; i++)
		m->damaged |= s->remarks[i].damage;
}

struct writer {
	FILE *f;
	const struct metrics *m;
	size_t n;
	enum metrics_form form;
};

static void family(struct writer *w, const char *name, const char *type, const char *help)
{
	/* in OpenMetrics the name of a counter family lacks the suffix _total of its samples */
	const char *end = !strcmp(type, "counter") && w->form == METRICS_PROMETHEUS ? "_total" : "";

	fprintf(w->f, "# TYPE ovltrace_%s%s %s\n# HELP ovltrace_%s%s %s\n", name, end, type, name,
		end, help);
}

/* more: additional labels of this sample, or NULL */
__attribute__((format(printf, 5, 6))) static void sample(struct writer *w, const struct metrics *m,
							 const char *name, const char *more,
							 const char *fmt, ...)
{
	bool any = m->host[0] || m->number || more;
	va_list ap;

	fprintf(w->f, "ovltrace_%s%s%s", name, any ? "{" : "", m->host);
	if (m->number)
		fprintf(w->f, "%srecording=\"%u\"", m->host[0] ? "," : "", m->number);
	if (more)
		fprintf(w->f, "%s%s", m->host[0] || m->number ? "," : "", more);
	fputs(any ? "} " : " ", w->f);
	va_start(ap, fmt);
	vfprintf(w->f, fmt, ap);
	va_end(ap);
	fputc('\n', w->f);
}

/* Is the group in any of the summaries? */
static bool has_group(const struct writer *w, enum count_group group)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (counts__has(&w->m[i].counts, group))
			return true;
	return false;
}

/* An unseen count has no sample, since it is not 0. */
static void counter(struct writer *w, const struct count_def *def)
{
	char full[64];
	size_t i;

	family(w, def->metric, "counter", def->help);
	snprintf(full, sizeof(full), "%s_total", def->metric);
	for (i = 0; i < w->n; i++) {
		uint64_t v = count__get(&w->m[i].counts, def);

		if (v != COUNT_UNSEEN && counts__has(&w->m[i].counts, def->group))
			sample(w, &w->m[i], full, NULL, "%" PRIu64, v);
	}
}

static void failed_checks(struct writer *w)
{
	size_t i;

	family(w, "failed_checks", "counter", "Cross-checks that failed.");
	for (i = 0; i < w->n; i++)
		sample(w, &w->m[i], "failed_checks_total", NULL, "%" PRIu64,
		       w->m[i].counts.inconsistencies);
}

static void findings(struct writer *w)
{
	char more[64];
	size_t i;
	int k;

	family(w, "findings", "counter", "Defects found, by kind.");
	for (i = 0; i < w->n; i++) {
		for (k = 0; k < FINDING_KINDS; k++) {
			if (w->m[i].counts.finding[k] == COUNT_UNSEEN ||
			    !finding_kind__reported(&w->m[i].counts, k))
				continue;
			snprintf(more, sizeof(more), "kind=\"%s\"", finding_kind__name(k));
			sample(w, &w->m[i], "findings_total", more, "%" PRIu64,
			       w->m[i].counts.finding[k]);
		}
	}
}

static void histogram(struct writer *w, const char *name, size_t offset, const char *help)
{
	char full[64], more[48];
	size_t i;
	int b;

	family(w, name, "histogram", help);
	for (i = 0; i < w->n; i++) {
		const struct hist *h = (const void *)((const char *)&w->m[i] + offset);
		uint64_t sum = 0;

		snprintf(full, sizeof(full), "%s_bucket", name);
		for (b = 0; b <= LAST_BUCKET; b++) {
			sum += h->bucket[b];
			snprintf(more, sizeof(more), "le=\"%.6f\"", (double)(1ULL << b) / 1e6);
			sample(w, &w->m[i], full, more, "%" PRIu64, sum);
		}
		sample(w, &w->m[i], full, "le=\"+Inf\"", "%" PRIu64, h->n);
		snprintf(full, sizeof(full), "%s_sum", name);
		sample(w, &w->m[i], full, NULL, "%.9f", (double)h->sum_ns / 1e9);
		snprintf(full, sizeof(full), "%s_count", name);
		sample(w, &w->m[i], full, NULL, "%" PRIu64, h->n);
	}
}

/* By mount: a device number, which says nothing about the host. */
static const struct {
	const char *name, *help;
	size_t offset; /* in struct metrics_mount */
	bool time, held;
} mount_metrics[] = {
	{ "mount_rebuilds", "Rebuilds of impure caches, by mount.",
	  offsetof(struct metrics_mount, rebuilds), false, false },
	{ "mount_rebuild_seconds", "Time that rebuilds took, by mount.",
	  offsetof(struct metrics_mount, rebuild_ns), true, false },
	{ "mount_lock_held_seconds", "Time that rebuilds held a directory's lock, by mount.",
	  offsetof(struct metrics_mount, held_ns), true, true },
};

static void mount_samples(struct writer *w, const struct metrics *m, size_t metric)
{
	char full[64], more[48];
	size_t i;

	snprintf(full, sizeof(full), "%s_total", mount_metrics[metric].name);
	for (i = 0; i <= METRICS_MOUNTS; i++) {
		const struct metrics_mount *mount = &m->mount[i];
		const void *v = (const char *)mount + mount_metrics[metric].offset;

		if (!mount->rebuilds)
			continue;
		if (i < METRICS_MOUNTS)
			snprintf(more, sizeof(more), "mount=\"%u:%u\"", mount->dev >> 20,
				 mount->dev & 0xfffff);
		else
			snprintf(more, sizeof(more), "mount=\"other\"");
		if (mount_metrics[metric].time)
			sample(w, m, full, more, "%.9f", (double)*(const uint64_t *)v / 1e9);
		else
			sample(w, m, full, more, "%" PRIu64, *(const uint64_t *)v);
	}
}

static void mounts(struct writer *w)
{
	size_t i, k;

	for (k = 0; k < sizeof(mount_metrics) / sizeof(mount_metrics[0]); k++) {
		family(w, mount_metrics[k].name, "counter", mount_metrics[k].help);
		for (i = 0; i < w->n; i++)
			/* without windows it is not known when the lock was held */
			if (!mount_metrics[k].held || w->m[i].counts.windows != COUNT_UNSEEN)
				mount_samples(w, &w->m[i], k);
	}
}

static void infos(struct writer *w)
{
	char more[96];
	size_t i;
	int e;

	family(w, "session_info", "gauge", "What was traced, and by which version.");
	for (i = 0; i < w->n; i++)
		sample(w, &w->m[i], "session_info", w->m[i].session, "1");
	family(w, "coverage_info", "gauge", "Where each event is seen; provider none: nowhere.");
	for (i = 0; i < w->n; i++) {
		for (e = 0; e < EVENTS; e++) {
			if (!coverage__reports(e, w->m[i].merged))
				continue;
			snprintf(more, sizeof(more), "event=\"%s\",provider=\"%s\"",
				 logical_event__name(e), provider__name(w->m[i].provider[e]));
			sample(w, &w->m[i], "coverage_info", more, "1");
		}
	}
}

static void verdicts(struct writer *w)
{
	char more[48];
	size_t i;
	int v;

	family(w, "verdict", "gauge", "1 for the verdict, 0 for the others; none while it traces.");
	for (i = 0; i < w->n; i++) {
		for (v = 0; !w->m[i].running && v <= VERDICT_INCONCLUSIVE; v++) {
			snprintf(more, sizeof(more), "verdict=\"%s\"", verdict__name(v));
			sample(w, &w->m[i], "verdict", more, "%d", (int)w->m[i].verdict == v);
		}
	}
	family(w, "complete", "gauge", "1 if all that a verdict needs can be seen.");
	for (i = 0; i < w->n; i++)
		sample(w, &w->m[i], "complete", NULL, "%d", w->m[i].complete);
	family(w, "running", "gauge", "1 while it traces.");
	for (i = 0; i < w->n; i++)
		sample(w, &w->m[i], "running", NULL, "%d", w->m[i].running);
	family(w, "recording_damaged", "gauge", "1 if something is wrong with the recording.");
	for (i = 0; i < w->n; i++)
		sample(w, &w->m[i], "recording_damaged", NULL, "%d", w->m[i].damaged);
	family(w, "trace_seconds", "gauge", "How long it has traced.");
	for (i = 0; i < w->n; i++)
		sample(w, &w->m[i], "trace_seconds", NULL, "%.3f", w->m[i].seconds);
}

void metrics__write(FILE *f, const struct metrics *m, size_t n, enum metrics_form form)
{
	struct writer writer = { f, m, n, form }, *w = &writer;
	size_t i;

	infos(w);
	verdicts(w);
	findings(w);
	for (i = 0; i < COUNTS; i++)
		if (count_defs[i].metric && has_group(w, count_defs[i].group))
			counter(w, &count_defs[i]);
	failed_checks(w);
	mounts(w);
	histogram(w, "rebuild_seconds", offsetof(struct metrics, rebuild),
		  "How long a rebuild of an impure cache took.");
	histogram(w, "window_seconds", offsetof(struct metrics, window),
		  "How long the directory lock was dropped.");
	histogram(w, "lock_wait_seconds", offsetof(struct metrics, wait),
		  "How long a reader waited to take the lock again.");
	if (form == METRICS_OPENMETRICS)
		fputs("# EOF\n", f);
}
