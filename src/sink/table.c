// SPDX-License-Identifier: GPL-2.0-only
#include "sink/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sink/sink.h"
#include "util/saturate.h"
#include "util/text.h"

enum {
	THRASH_LEAST = 5, /* rebuilds; fewer are not significant */
	WHO_SHOWN = 2, /* tasks of each list */
	CGROUP_CHARS = 40,
	PATH_LEAST = 16,
	NUMBERS_WIDTH = 81, /* of a row before its path */
};

bool table__thrashes(const struct rec_directory *d)
{
	return d->listings != COUNT_UNSEEN && d->rebuilds >= THRASH_LEAST &&
	       d->rebuilds * 10 >= d->listings * 9;
}

static bool is_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Characters of what text__bytes() wrote, which is valid UTF-8. */
static size_t chars(const char *s, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += is_start(s[i]);
	return n;
}

/* The byte at which character n begins. */
static size_t nth(const char *s, size_t len, size_t n)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (is_start(s[i]) && !n--)
			return i;
	return len;
}

void table__text(FILE *f, const char *s, size_t len, size_t max)
{
	size_t size = 0, n, head;
	char *buf = NULL;
	FILE *m;

	if (!max) {
		text__bytes(f, s, len);
		return;
	}
	m = open_memstream(&buf, &size);
	if (!m)
		return;
	text__bytes(m, s, len);
	if (fclose(m) || !buf)
		goto out;
	n = chars(buf, size);
	if (n <= max || max < 5) {
		fwrite(buf, 1, n <= max ? size : nth(buf, size, max), f);
		goto out;
	}
	/* the end of a path is more specific than its beginning */
	head = (max - 3) / 3;
	fwrite(buf, 1, nth(buf, size, head), f);
	fputs("...", f);
	head = nth(buf, size, n - (max - 3 - head));
	fwrite(buf + head, 1, size - head, f);
out:
	free(buf);
}

static void number(FILE *f, int width, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		fprintf(f, " %*s", width, "-");
	else
		fprintf(f, " %*" PRIu64, width, v);
}

/* Nanoseconds in milliseconds. */
static void millis(FILE *f, int width, uint64_t ns)
{
	if (ns == COUNT_UNSEEN)
		fprintf(f, " %*s", width, "-");
	else
		fprintf(f, " %*.*f", width, ns < 1000000000000ULL ? 2 : 0, (double)ns / 1e6);
}

static void memory(FILE *f, int width, uint64_t bytes)
{
	static const char unit[] = "BKMG";
	double v = (double)bytes;
	int u = 0;

	if (bytes == COUNT_UNSEEN) {
		fprintf(f, " %*s", width, "-");
		return;
	}
	for (; v >= 1000 && u < 3; u++)
		v /= 1024;
	if (u)
		fprintf(f, " %*.1f%c", width - 1, v, unit[u]);
	else
		fprintf(f, " %*" PRIu64, width, bytes);
}

void table__head(FILE *f, const struct table_opts *opts)
{
	fprintf(f, "%9s %5s  %8s %11s %9s %11s %7s %6s  %-6s  %s\n",
		opts->seconds > 0 ? "LIST/S" : "LISTINGS", "HIT%", "REBUILDS", "REBUILD-MS",
		"MEAN-US", "LOCKED-MS", "ENTRIES", "MEM", "KIND", "PATH");
}

static void rate(FILE *f, const struct table_opts *opts, uint64_t listings)
{
	if (listings == COUNT_UNSEEN)
		fprintf(f, "%9s", "-");
	else if (opts->seconds <= 0)
		fprintf(f, "%9" PRIu64, listings);
	else
		fprintf(f, "%9.1f", (double)listings / opts->seconds);
}

/* Of its listings, those that needed no rebuild. */
static void hit_percent(FILE *f, const struct rec_directory *d)
{
	uint64_t missed = d->rebuilds < d->listings ? d->rebuilds : d->listings;

	if (d->listings == COUNT_UNSEEN || !d->listings)
		fprintf(f, " %5s ", "-");
	else
		fprintf(f, " %5" PRIu64 "%c", (d->listings - missed) * 100 / d->listings,
			table__thrashes(d) ? '!' : ' ');
}

const char *table__namespace(char text[TABLE_NAMESPACE], const struct rec_dir *dir)
{
	*text = 0;
	if (dir->path && dir->mount_ns)
		snprintf(text, TABLE_NAMESPACE, " in mount namespace %" PRIu64, dir->mount_ns);
	return text;
}

static void where_print(FILE *f, const struct table_opts *opts, const struct rec_dir *dir)
{
	char ns[TABLE_NAMESPACE];
	size_t max = 0;

	if (opts->width)
		max = opts->width > NUMBERS_WIDTH + PATH_LEAST ? opts->width - NUMBERS_WIDTH :
								 PATH_LEAST;
	if (dir->path)
		table__text(f, dir->path, strlen(dir->path), max);
	else
		fprintf(f, "(ino %" PRIu64 ")", dir->ino);
	if (!dir->path || dir->path_in_mount)
		fprintf(f, " on %u:%u", dir->dev >> 20, dir->dev & 0xfffff);
	fputs(table__namespace(ns, dir), f);
}

static void who(FILE *f, const struct rec_actor *a, size_t n, uint64_t others, bool outdated)
{
	size_t i;

	for (i = 0; i < n && i < WHO_SHOWN; i++) {
		const struct rec_task *t = &a[i].task;

		fputs(i ? ", " : " ", f);
		text__bytes(f, t->comm, strnlen(t->comm, sizeof(t->comm)));
		fprintf(f, "/%u", t->pid);
		if (t->cgroup_path && strcmp(t->cgroup_path, "/")) {
			fputs(" in ", f);
			table__text(f, t->cgroup_path, strlen(t->cgroup_path), CGROUP_CHARS);
		}
		if (outdated)
			fprintf(f, " %s", ovlw_op__name(a[i].op));
		fprintf(f, " %" PRIu64, a[i].count);
	}
	for (; i < n; i++)
		saturate__add(&others, a[i].count);
	if (others)
		fprintf(f, "%sothers %" PRIu64, n ? ", " : " ", others);
}

static void who_line(FILE *f, const struct rec_directory *d)
{
	bool rebuilt = d->nrebuilders || d->rebuilders_others;
	bool outdated = d->ninvalidators || d->invalidators_others;

	if (!rebuilt && !outdated)
		return;
	fprintf(f, "%10s", "");
	if (rebuilt) {
		fputs("rebuilt by", f);
		who(f, d->rebuilders, d->nrebuilders, d->rebuilders_others, false);
	}
	if (outdated) {
		fprintf(f, "%sinvalidated by", rebuilt ? "; " : "");
		who(f, d->invalidators, d->ninvalidators, d->invalidators_others, true);
	}
	if (d->cold)
		fprintf(f, "; no cache %" PRIu64, d->cold);
	fputc('\n', f);
}

void table__row(FILE *f, const struct table_opts *opts, const struct rec_directory *d)
{
	rate(f, opts, d->listings);
	hit_percent(f, d);
	number(f, 8, d->rebuilds);
	millis(f, 11, d->rebuild_ns);
	number(f, 9, d->rebuilds ? d->rebuild_ns / d->rebuilds / 1000 : 0);
	millis(f, 11, d->lock_held_ns);
	number(f, 7, d->entries);
	memory(f, 6, d->bytes);
	fprintf(f, "  %-6s  ", d->merged ? "merged" : "impure");
	where_print(f, opts, &d->dir);
	fputc('\n', f);
	who_line(f, d);
}
