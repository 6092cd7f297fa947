// SPDX-License-Identifier: GPL-2.0-only
/* The line that answers, and two lines for each of the slowest listings. */
#include "sink/slow.h"

#include <inttypes.h>
#include <string.h>

#include "record/container.h"
#include "sink/table.h"
#include "util/text.h"

const char *slow_view__incomplete(const struct slow_view *v)
{
	if (v->lost)
		return "listings were lost";
	if (slow__sums(v->slow)->torn)
		return "the end of a read or a lookup was not seen";
	if (!v->sees.calls)
		return "waits for the lock cannot be seen";
	return NULL;
}

/* 1234567 as "1,234,567". */
static void grouped(FILE *f, uint64_t n)
{
	if (n >= 1000) {
		grouped(f, n / 1000);
		fprintf(f, ",%03" PRIu64, n % 1000);
	} else {
		fprintf(f, "%" PRIu64, n);
	}
}

/* "10 ms", "1.5 s", "250 us" */
static void span(FILE *f, uint64_t ns)
{
	if (ns >= 1000000000)
		fprintf(f, "%.3g s", (double)ns / 1e9);
	else if (ns >= 1000000)
		fprintf(f, "%.3g ms", (double)ns / 1e6);
	else
		fprintf(f, "%.3g us", (double)ns / 1e3);
}

static void task(FILE *f, const struct rec_task *t)
{
	char text[CONTAINER_TEXT];
	struct container c;

	text__bytes(f, t->comm, strnlen(t->comm, sizeof(t->comm)));
	fprintf(f, "/%" PRIu32, t->pid);
	container__parse(t->cgroup_path, &c);
	if (c.runtime != CONTAINER_NONE) {
		fputs(" in ", f);
		container__text(&c, text);
		text__bytes(f, text, strlen(text));
	} else if (t->cgroup_path && strcmp(t->cgroup_path, "/")) {
		fputs(" in ", f);
		text__bytes(f, t->cgroup_path, strlen(t->cgroup_path));
	}
}

static void path(FILE *f, const struct rec_dir *dir)
{
	char ns[TABLE_NAMESPACE];

	if (!dir->path) {
		fprintf(f, "inode %" PRIu64, dir->ino);
		return;
	}
	if (dir->path_in_mount)
		fprintf(f, "(%u:%u)", dir->dev >> 20, dir->dev & 0xfffff);
	text__bytes(f, dir->path, strlen(dir->path));
	fputs(table__namespace(ns, dir), f);
}

static void answer(FILE *f, const struct slow_view *v)
{
	const struct slow_sums *sums = slow__sums(v->slow);
	enum slow_part most = slow_sums__most(sums);
	const struct slow_listing *l;
	const char *advice;

	if (!v->listings) {
		fputs("no overlay directory was listed\n", f);
		return;
	}
	if (sums->listings)
		grouped(f, sums->listings);
	else
		fputs("none", f);
	fputs(" of ", f);
	grouped(f, v->listings);
	fprintf(f, " listing%s%s took longer than ", v->listings == 1 ? "" : "s",
		v->filtered ? ", counting those of the chosen tasks," : "");
	span(f, v->over_ns);
	if (!sums->listings) {
		putc('\n', f);
		return;
	}
	l = slow__get(v->slow, 0);
	fputs("; the slowest took ", f);
	span(f, l->total_ns);
	fputs(": ", f);
	path(f, &l->dir);
	fputs(", by ", f);
	task(f, &l->task);
	if (most == SLOW_PARTS) {
		fputs("; where most of the time went cannot be seen\n", f);
		return;
	}
	fprintf(f, "; %.0f %% of the time went to %s",
		100.0 * (double)sums->part[most] / (double)sums->total_ns, slow_part__text(most));
	advice = slow__advice(most, l);
	/* it is for the slowest, which the average need not describe */
	if (advice && l->part[most] != COUNT_UNSEEN && l->part[most] * 2 > l->total_ns)
		fprintf(f, "; %s", advice);
	putc('\n', f);
}

static void millis(FILE *f, uint64_t ns)
{
	if (ns == COUNT_UNSEEN)
		fprintf(f, " %9s", "-");
	else
		fprintf(f, " %9.3f", (double)ns / 1e6);
}

static void count(FILE *f, int width, uint64_t n)
{
	if (n == COUNT_UNSEEN)
		fprintf(f, " %*s", width, "-");
	else
		fprintf(f, " %*" PRIu64, width, n);
}

static void detail(FILE *f, const struct slow_listing *l)
{
	fputs("          by ", f);
	task(f, &l->task);
	if (l->layers != COUNT_UNSEEN && l->layers)
		fprintf(f, "; %" PRIu64 " layer%s read", l->layers, l->layers == 1 ? "" : "s");
	if (l->lookups != COUNT_UNSEEN && l->lookups)
		fprintf(f, "; %" PRIu64 " lookup%s", l->lookups, l->lookups == 1 ? "" : "s");
	if (l->cause == SLOW_NO_CACHE)
		fputs("; rebuilt, there was no cache", f);
	if (l->cause == SLOW_OUTDATED)
		fputs("; rebuilt, the cache was outdated", f);
	if (l->has_by) {
		fprintf(f, " by %s of ", ovlw_op__name(l->op));
		task(f, &l->by);
		fputs(", ", f);
		span(f, l->age_ns);
		fputs(" before its end", f);
	}
	if (l->released_ns != COUNT_UNSEEN && l->released_ns) {
		fputs("; the lock was released for ", f);
		span(f, l->released_ns);
	}
	if (l->late)
		fputs("; it began before the trace", f);
	if (l->torn)
		fputs("; the end of a read or a lookup was not seen", f);
	if (l->err)
		fprintf(f, "; it failed with errno %d", -l->err);
	putc('\n', f);
}

static void row(FILE *f, const struct slow_listing *l)
{
	const char *kind = slow_kind__name(l->kind);
	int i;

	millis(f, l->total_ns);
	for (i = 0; i < SLOW_PARTS; i++)
		millis(f, l->part[i]);
	count(f, 7, l->entries);
	fprintf(f, "  %-6s  ", kind ? kind : "-");
	path(f, &l->dir);
	putc('\n', f);
	detail(f, l);
}

static void remarks(FILE *f, const struct slow_view *v)
{
	const char *why = slow_view__incomplete(v);
	int i;

	for (i = 0; i < SLOW_PARTS; i++) {
		const char *unseen = slow_part__unseen(i, &v->sees);

		if (unseen)
			fprintf(f, "%s is not observable: %s\n", slow_part__name(i), unseen);
	}
	if (v->running)
		fprintf(f, "%" PRIu64 " listing%s had not returned at the end\n", v->running,
			v->running == 1 ? "" : "s");
	if (why)
		fprintf(f, "incomplete: %s (%" PRIu64 " lost)\n", why, v->lost);
}

void slow_view__text(FILE *f, const struct slow_view *v)
{
	size_t n = slow__sort(v->slow), i;

	answer(f, v);
	if (n)
		fputs("  TOTAL-MS   LOCK-MS LAYERS-MS LOOKUP-MS  MERGE-MS   COPY-MS ENTRIES  KIND    "
		      "PATH\n",
		      f);
	for (i = 0; i < n && i < v->lines; i++)
		row(f, slow__get(v->slow, i));
	if (slow__sums(v->slow)->listings > i && i) {
		grouped(f, slow__sums(v->slow)->listings - i);
		fputs(" faster ones are not shown\n", f);
	}
	remarks(f, v);
}
