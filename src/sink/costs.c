// SPDX-License-Identifier: GPL-2.0-only
#include "sink/costs.h"

#include <inttypes.h>
#include <string.h>

#include "ovltrace/dirstat_wire.h"
#include "record/container.h"
#include "util/text.h"

static void actor(FILE *f, const struct rec_actor *a)
{
	char text[CONTAINER_TEXT];
	struct container c;

	fputs(", by ", f);
	text__bytes(f, a->task.comm, strnlen(a->task.comm, sizeof(a->task.comm)));
	container__parse(a->task.cgroup_path, &c);
	if (c.runtime == CONTAINER_NONE)
		return;
	fputs(" in ", f);
	container__text(&c, text);
	text__bytes(f, text, strlen(text));
}

void costs__answer(FILE *f, const struct rec_directory *d, double seconds)
{
	double percent;

	if (!d) {
		fputs("no overlay directory that has a cache was listed", f);
		return;
	}
	percent = seconds > 0 ? (double)d->rebuild_ns / seconds / 1e7 : 0;
	if (percent < 1) {
		fputs("no directory costs much: the costliest spends less than 1 % of the time in "
		      "rebuilds",
		      f);
		return;
	}
	fprintf(f, "%.0f %% of the time goes into rebuilds of ", percent);
	if (d->dir.path)
		text__bytes(f, d->dir.path, strlen(d->dir.path));
	else
		fprintf(f, "inode %" PRIu64, d->dir.ino);
	if (d->nrebuilders)
		actor(f, &d->rebuilders[0]);
}

const char *costs__advice(const struct rec_directory *d)
{
	if (d->entries == OVLS_MAX_ENTRIES)
		return "the directory is large: split it, or list it less often";
	/* cold: there was no cache, because the last stream had been closed */
	if (d->merged && d->cold * 2 > d->rebuilds)
		return "each opendir() lists all layers again: keep a stream open, or have fewer "
		       "layers";
	if (d->ninvalidators && d->rebuilds > d->cold)
		return "it is modified between listings: list it less often, or move what changes "
		       "elsewhere";
	return NULL;
}
