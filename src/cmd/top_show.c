// SPDX-License-Identifier: GPL-2.0-only
/* One block of text: a head, and a row for each directory. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd/top.h"
#include "sink/costs.h"
#include "sink/table.h"
#include "util/clock.h"

/* A directory with names: its pointers are valid until it is filled again. */
struct shown {
	struct rec_directory d;
	struct rec_actor invalidators[RECORD_MAX_ACTORS], rebuilders[RECORD_MAX_ACTORS];
};

static unsigned int mounts(struct top *t, size_t n)
{
	struct rec_directory d;
	uint32_t dev[256];
	unsigned int found = 0, k;
	size_t i;

	for (i = 0; i < n; i++) {
		dirstat__record(t->dirstat, i, DIRSTAT_INTERVAL, &d);
		for (k = 0; k < found && dev[k] != d.dir.dev; k++)
			;
		if (k == found && found < 256)
			dev[found++] = d.dir.dev;
	}
	return found;
}

/* Text that is longer than a terminal is wide continues in the next line, after a comma. */
static size_t put_folded(FILE *f, const char *text, unsigned int width)
{
	size_t lines = 1, len = strlen(text), cut;

	while (width && len > width) {
		for (cut = width; cut > 0 && text[cut - 1] != ' '; cut--)
			;
		cut = cut ? cut : width;
		fprintf(f, "%.*s\n", (int)(cut - (text[cut - 1] == ' ')), text);
		text += cut;
		len -= cut;
		lines++;
	}
	fprintf(f, "%s\n", text);
	return lines;
}

static void sums(FILE *f, struct top *t, size_t n)
{
	struct dirstat_total total, merged;
	char when[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(when, sizeof(when), "%F %T", &tm);
	dirstat__total(t->dirstat, DIRSTAT_INTERVAL, OVLS_IMPURE, &total);
	dirstat__total(t->dirstat, DIRSTAT_INTERVAL, OVLS_MERGED, &merged);
	total.listings += merged.listings;
	total.rebuilds += merged.rebuilds;
	total.rebuild_ns += merged.rebuild_ns;
	total.unreported += merged.unreported;
	fprintf(f, "%s  %.1f s: %u mounts, %zu directories, %.1f listings/s, %.1f rebuilds/s", when,
		t->seconds, mounts(t, n), n, (double)total.listings / t->seconds,
		(double)total.rebuilds / t->seconds);
	if (total.listings)
		fprintf(f, ", %" PRIu64 "%% hit",
			total.rebuilds < total.listings ?
				(total.listings - total.rebuilds) * 100 / total.listings :
				0);
	if (total.unreported)
		fprintf(f, ", %" PRIu64 " readdirs in directories without room in the table",
			total.unreported);
	fprintf(f, ", %.2f ms/s in rebuilds, %" PRIu64 " lost",
		(double)total.rebuild_ns / 1e6 / t->seconds, t->lost);
}

static void name_actors(struct top *t, struct rec_actor *to, const struct rec_actor **from,
			size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		to[i] = (*from)[i];
		to[i].task.cgroup_path = where__cgroup(t->where, to[i].task.cgroup, to[i].task.pid);
	}
	*from = to;
}

static bool any_matches(const struct top *t, const struct rec_actor *a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (task_filter__matches(&t->filter, &a[i].task))
			return true;
	return false;
}

/* False: the user does not want to see it. */
static bool get(struct top *t, size_t i, struct shown *s)
{
	struct rec_directory *d = &s->d;
	struct where_dir at = { 0 };

	dirstat__record(t->dirstat, i, DIRSTAT_INTERVAL, d);
	/* only modified, maybe by others */
	if (t->followed && !d->readdirs)
		return false;
	name_actors(t, s->invalidators, &d->invalidators, d->ninvalidators);
	name_actors(t, s->rebuilders, &d->rebuilders, d->nrebuilders);
	if (!task_filter__is_empty(&t->filter) &&
	    !any_matches(t, d->invalidators, d->ninvalidators) &&
	    !any_matches(t, d->rebuilders, d->nrebuilders))
		return false;
	at.dev = d->dir.dev;
	at.path = d->dir.path;
	if (where__path(t->where, &at, t->path, sizeof(t->path))) {
		d->dir.path = t->path;
		d->dir.path_in_mount = false;
		d->dir.mount_ns = at.mount_ns;
	}
	return true;
}

/* The line that answers, and what helps. Returns how many lines it is. */
static size_t answer(FILE *f, struct top *t, const struct table_opts *to)
{
	size_t n = dirstat__sort(t->dirstat, DIRSTAT_INTERVAL, DIRSTAT_TIME), i, len, lines = 0;
	const char *advice = NULL;
	char *text = NULL;
	struct shown s;
	FILE *m = open_memstream(&text, &len);

	for (i = 0; i < n && !get(t, i, &s); i++)
		;
	if (!m)
		return 0;
	costs__answer(m, i < n ? &s.d : NULL, t->seconds);
	if (i < n && table__is_costly(to, &s.d))
		advice = costs__advice(&s.d);
	if (advice)
		fprintf(m, "; %s", advice);
	if (!fclose(m))
		lines = put_folded(f, text, to->width);
	free(text);
	return lines;
}

/* What is above the rows. Returns how many lines it is. */
static size_t head(FILE *f, struct top *t, const struct table_opts *to)
{
	size_t lines = answer(f, t, to), n, len;
	char *text = NULL;
	FILE *m = open_memstream(&text, &len);

	n = dirstat__sort(t->dirstat, DIRSTAT_INTERVAL, t->sort);
	if (!m)
		return lines;
	sums(m, t, n);
	if (t->keys)
		fprintf(m, "; by %s%s (keys: q s c p)",
			t->containers ? TOP_BY_CONTAINER : top_sort_keys[t->sort].name,
			t->held ? ", held" : "");
	if (!fclose(m))
		lines += put_folded(f, text, to->width);
	free(text);
	if (t->containers)
		top_containers__head(f);
	else
		table__head(f, to);
	return lines + 1;
}

static void directories(FILE *f, struct top *t, const struct table_opts *to, size_t lines)
{
	size_t n = dirstat__sort(t->dirstat, DIRSTAT_INTERVAL, t->sort), i;
	struct shown s;

	for (i = 0; i < n && lines; i++) {
		if (!get(t, i, &s))
			continue;
		table__row(f, to, &s.d);
		lines--;
	}
}

static size_t lines_of_row(const struct top *t)
{
	return t->containers ? 1 : 2;
}

static void block(FILE *f, struct top *t)
{
	struct table_opts to = { .seconds = t->seconds };
	size_t used, left, lines = t->opts.lines, rows = 0;
	struct winsize ws;

	if (t->terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_row > 5 && ws.ws_col) {
		to.width = ws.ws_col;
		rows = ws.ws_row;
	}
	if (t->terminal)
		fputs("\033[H\033[2J", f);
	used = head(f, t, &to);
	/* one line for the cursor */
	left = (rows > used ? rows - used - 1 : 0) / lines_of_row(t);
	if (rows && lines > left)
		lines = left;
	if (t->containers)
		top_containers__rows(f, t, lines);
	else
		directories(f, t, &to, lines);
	if (!t->terminal)
		putc('\n', f);
}

static void snapshot(struct top *t)
{
	uint64_t now = clock__now_ns(), missed = dirstat_probe__missed(t->probe);

	dirstat_probe__read(t->probe);
	missed += dirstat__dropped(t->dirstat) + follow_probe__missing(t->followed);
	t->seconds = (double)(now - t->last_ns) / 1e9;
	t->lost = missed - t->missed;
	t->last_ns = now;
	t->missed = missed;
}

static void draw(struct top *t)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f) {
		block(f, t);
		if (fclose(f))
			len = 0;
	}
	if (f && len)
		writer__write(t->out, text, len);
	else
		writer__fail(t->out, -ENOMEM);
	free(text);
}

void top__redraw(struct top *t)
{
	if (t->seconds > 0 && writer__is_idle(t->out))
		draw(t);
}

bool top__show(struct top *t, bool last)
{
	if (!last && (t->held || !writer__is_idle(t->out)))
		return false;
	snapshot(t);
	draw(t);
	dirstat_probe__tidy(t->probe);
	return true;
}
