// SPDX-License-Identifier: GPL-2.0-only
#include "sink/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovltrace/dirstat_wire.h"
#include "record/container.h"
#include "sink/sink.h"
#include "util/saturate.h"
#include "util/text.h"

enum {
	COSTLY_NS = 50000000, /* of rebuilds that a cache does not save */
	COSTLY_MEAN_NS = 10000000, /* of one rebuild with the lock held */
	COSTLY_PERCENT = 10, /* of the interval, in rebuilds */
	SAVED_PERCENT = 10, /* a cache that saves fewer rebuilds has no benefit */
	WHO_SHOWN = 2, /* tasks of each list */
	CGROUP_CHARS = 40,
	PATH_LEAST = 16,
	WIDE = 110, /* columns that the wide form needs, with room for paths */
};

/* Widths of the columns before the path. */
struct columns {
	int listings, rebuilds, rebuild_ms, mean_us, locked_ms, entries, memory; /* 0: left out */
	int path_at;
};

static const struct columns wide = { 9, 8, 11, 9, 11, 7, 6, 84 };
static const struct columns narrow = { 6, 8, 10, 0, 9, 7, 0, 61 };

static const struct columns *columns_of(const struct table_opts *opts)
{
	return opts->width && opts->width < WIDE ? &narrow : &wide;
}

/*
 * By the time that is spent, not by how often: many rebuilds of small directories are cheap,
 * and a few of a large one keep all others from it.
 */
bool table__is_costly(const struct table_opts *opts, const struct rec_directory *d)
{
	uint64_t held = d->lock_held_ns == COUNT_UNSEEN ? d->rebuild_ns : d->lock_held_ns;

	if (!d->rebuilds)
		return false;
	if (held / d->rebuilds >= COSTLY_MEAN_NS ||
	    (opts->seconds > 0 &&
	     (double)d->rebuild_ns >= opts->seconds * 1e9 * COSTLY_PERCENT / 100))
		return true;
	return d->rebuild_ns >= COSTLY_NS && d->listings != COUNT_UNSEEN &&
	       (double)d->rebuilds * 100 >= (double)d->listings * (100 - SAVED_PERCENT);
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

/* Caches are measured up to a bound. */
static void entries(FILE *f, int width, uint64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%" PRIu64, v == OVLS_MAX_ENTRIES ? ">=" : "", v);
	fprintf(f, " %*s", width, text);
}

void table__head(FILE *f, const struct table_opts *opts)
{
	const struct columns *c = columns_of(opts);

	fprintf(f, "%*s %5s  %*s %*s", c->listings, opts->seconds > 0 ? "LIST/S" : "LISTINGS",
		"HIT%", c->rebuilds, "REBUILDS", c->rebuild_ms, "REBUILD-MS");
	if (c->mean_us)
		fprintf(f, " %*s", c->mean_us, "MEAN-US");
	fprintf(f, " %*s %*s", c->locked_ms, "LOCKED-MS", c->entries, "ENTRIES");
	if (c->memory)
		fprintf(f, " %*s", c->memory, "MEM");
	fprintf(f, "  %-6s  %s\n", "KIND", "PATH");
}

static void rate(FILE *f, const struct table_opts *opts, uint64_t listings)
{
	int width = columns_of(opts)->listings;

	if (listings == COUNT_UNSEEN)
		fprintf(f, "%*s", width, "-");
	else if (opts->seconds <= 0)
		fprintf(f, "%*" PRIu64, width, listings);
	else
		fprintf(f, "%*.1f", width, (double)listings / opts->seconds);
}

/* Of its listings, those that needed no rebuild. */
static void hit_percent(FILE *f, const struct table_opts *opts, const struct rec_directory *d)
{
	uint64_t missed = d->rebuilds < d->listings ? d->rebuilds : d->listings;
	char mark = table__is_costly(opts, d) ? '!' : ' ';

	if (d->listings == COUNT_UNSEEN || !d->listings)
		fprintf(f, " %5s%c", "-", mark);
	else
		fprintf(f, " %5" PRIu64 "%c", (d->listings - missed) * 100 / d->listings, mark);
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
	unsigned int at = (unsigned int)columns_of(opts)->path_at;
	char ns[TABLE_NAMESPACE], dev[32] = "";
	size_t max = 0, rest;

	table__namespace(ns, dir);
	if (!dir->path || dir->path_in_mount)
		snprintf(dev, sizeof(dev), " on %u:%u", dir->dev >> 20, dir->dev & 0xfffff);
	rest = strlen(ns) + strlen(dev);
	if (opts->width && opts->width > at + rest + PATH_LEAST)
		max = opts->width - at - rest;
	else if (opts->width)
		max = PATH_LEAST;
	/* the line must not become longer than it is wide */
	if (opts->width && at + max + rest > opts->width)
		*ns = *dev = 0;
	if (dir->path)
		table__text(f, dir->path, strlen(dir->path), max);
	else
		fprintf(f, "(ino %" PRIu64 ")", dir->ino);
	fprintf(f, "%s%s", dev, ns);
}

static void cgroup_print(FILE *f, const char *path)
{
	char text[CONTAINER_TEXT];
	struct container c;

	if (!path || !strcmp(path, "/"))
		return;
	fputs(" in ", f);
	container__parse(path, &c);
	container__text(&c, text);
	if (*text)
		text__bytes(f, text, strlen(text));
	else
		table__text(f, path, strlen(path), CGROUP_CHARS);
}

static void who(FILE *f, const struct rec_actor *a, size_t n, uint64_t others, bool outdated)
{
	size_t i;

	for (i = 0; i < n && i < WHO_SHOWN; i++) {
		const struct rec_task *t = &a[i].task;

		fputs(i ? ", " : " ", f);
		text__bytes(f, t->comm, strnlen(t->comm, sizeof(t->comm)));
		if (a[i].processes)
			fprintf(f, " (%" PRIu64 " processes)", a[i].processes);
		else
			fprintf(f, "/%u", t->pid);
		cgroup_print(f, t->cgroup_path);
		if (outdated)
			fprintf(f, " %s", ovlw_op__name(a[i].op));
		fprintf(f, " %" PRIu64, a[i].count);
	}
	for (; i < n; i++)
		saturate__add(&others, a[i].count);
	if (others)
		fprintf(f, "%sothers %" PRIu64, n ? ", " : " ", others);
}

static void who_print(FILE *f, const struct rec_directory *d)
{
	bool rebuilt = d->nrebuilders || d->rebuilders_others;
	bool outdated = d->ninvalidators || d->invalidators_others;

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
}

/* Cut at the end, where the least important is. */
static void who_line(FILE *f, const struct table_opts *opts, const struct rec_directory *d)
{
	size_t len = 0, n;
	char *buf = NULL;
	FILE *m;

	if (!d->nrebuilders && !d->rebuilders_others && !d->ninvalidators &&
	    !d->invalidators_others)
		return;
	m = open_memstream(&buf, &len);
	if (!m)
		return;
	who_print(m, d);
	if (!fclose(m) && buf) {
		n = opts->width ? nth(buf, len, opts->width) : len;
		fwrite(buf, 1, n, f);
		fputc('\n', f);
	}
	free(buf);
}

void table__times(FILE *f, const struct rec_directory *d)
{
	size_t i, shown = 0;

	for (i = 0; i < RECORD_TIMES; i++) {
		uint64_t from = i ? UINT64_C(1) << (i - 1) : 0;

		if (!d->times[i])
			continue;
		fputs(shown++ ? ", " : "", f);
		if (i + 1 == RECORD_TIMES)
			fprintf(f, "from %" PRIu64, from);
		else
			fprintf(f, "%" PRIu64 "-%" PRIu64, from, i ? 2 * from : 1);
		fprintf(f, " %" PRIu64, d->times[i]);
	}
}

/* A block of an interval has no room for it. */
static void times_line(FILE *f, const struct table_opts *opts, const struct rec_directory *d)
{
	if (opts->seconds > 0 || !d->has_times || !d->rebuilds)
		return;
	fprintf(f, "%10srebuild times in us: ", "");
	table__times(f, d);
	fputc('\n', f);
}

void table__row(FILE *f, const struct table_opts *opts, const struct rec_directory *d)
{
	const struct columns *c = columns_of(opts);

	rate(f, opts, d->listings);
	hit_percent(f, opts, d);
	number(f, c->rebuilds, d->rebuilds);
	millis(f, c->rebuild_ms, d->rebuild_ns);
	if (c->mean_us)
		number(f, c->mean_us, d->rebuilds ? d->rebuild_ns / d->rebuilds / 1000 : 0);
	millis(f, c->locked_ms, d->lock_held_ns);
	entries(f, c->entries, d->entries);
	if (c->memory)
		memory(f, c->memory, d->bytes);
	fprintf(f, "  %-6s  ", d->merged ? "merged" : "impure");
	where_print(f, opts, &d->dir);
	fputc('\n', f);
	who_line(f, opts, d);
	times_line(f, opts, d);
}
