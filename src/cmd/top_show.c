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
#include "sink/table.h"
#include "util/clock.h"

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

static void head(FILE *f, struct top *t, size_t n, double seconds, uint64_t lost)
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
		seconds, mounts(t, n), n, (double)total.listings / seconds,
		(double)total.rebuilds / seconds);
	if (total.listings)
		fprintf(f, ", %" PRIu64 "%% hit",
			total.rebuilds < total.listings ?
				(total.listings - total.rebuilds) * 100 / total.listings :
				0);
	fprintf(f, ", %.2f ms/s in rebuilds, %" PRIu64 " lost\n",
		(double)total.rebuild_ns / 1e6 / seconds, lost);
	if (total.unreported)
		fprintf(f, "%" PRIu64 " readdirs in directories that did not fit into the table\n",
			total.unreported);
}

static void row(FILE *f, struct top *t, size_t i, const struct table_opts *to)
{
	struct rec_actor actors[2][RECORD_MAX_ACTORS];
	struct rec_directory d;
	struct where_dir at = { 0 };
	size_t k;

	dirstat__record(t->dirstat, i, DIRSTAT_INTERVAL, &d);
	at.dev = d.dir.dev;
	at.path = d.dir.path;
	if (where__path(t->where, &at, t->path, sizeof(t->path))) {
		d.dir.path = t->path;
		d.dir.path_in_mount = false;
		d.dir.mount_ns = at.mount_ns;
	}
	for (k = 0; k < d.ninvalidators; k++)
		actors[0][k] = d.invalidators[k];
	for (k = 0; k < d.nrebuilders; k++)
		actors[1][k] = d.rebuilders[k];
	d.invalidators = actors[0];
	d.rebuilders = actors[1];
	for (k = 0; k < d.ninvalidators + d.nrebuilders; k++) {
		struct rec_task *task = k < d.ninvalidators ? &actors[0][k].task :
							      &actors[1][k - d.ninvalidators].task;

		task->cgroup_path = where__cgroup(t->where, task->cgroup, task->pid);
	}
	table__row(f, to, &d);
}

static void block(FILE *f, struct top *t)
{
	uint64_t now = clock__now_ns(), missed = dirstat_probe__missed(t->probe);
	struct table_opts to = { .seconds = (double)(now - t->last_ns) / 1e9 };
	size_t i, n, lines = t->opts.lines;
	struct winsize ws;

	dirstat_probe__read(t->probe);
	missed += dirstat__dropped(t->dirstat);
	n = dirstat__sort(t->dirstat, DIRSTAT_INTERVAL);
	if (t->terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) && ws.ws_row > 5 && ws.ws_col) {
		to.width = ws.ws_col;
		if (lines > (size_t)(ws.ws_row - 3) / 2)
			lines = (ws.ws_row - 3) / 2;
	}
	if (t->terminal)
		fputs("\033[H\033[2J", f);
	head(f, t, n, to.seconds, missed - t->missed);
	table__head(f, &to);
	for (i = 0; i < n && i < lines; i++)
		row(f, t, i, &to);
	if (!t->terminal)
		putc('\n', f);
	t->last_ns = now;
	t->missed = missed;
	dirstat_probe__tidy(t->probe);
}

bool top__show(struct top *t, bool last)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	if (!last && !writer__is_idle(t->out))
		return false;
	f = open_memstream(&text, &len);
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
	return true;
}
