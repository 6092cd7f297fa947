// SPDX-License-Identifier: GPL-2.0-only
#include "sink/filter.h"

#include <stdlib.h>
#include <string.h>

#include "record/container.h"
#include "record/records.h"

struct filter {
	struct sink sink;
	struct sink *to;
	struct sink_filter want;
	uint64_t start_ns; /* of the current recording */
};

static bool dir_wanted(const struct filter *f, const struct rec_dir *dir)
{
	size_t i;

	for (i = 0; i < f->want.ndirs; i++)
		if (dir->path && cgroup__is_below(dir->path, f->want.dirs[i]))
			return true;
	return !f->want.ndirs;
}

static bool finding_wanted(const struct filter *f, const struct ovl_record *rec)
{
	uint64_t at = rec->finding.at_ns ? rec->finding.at_ns : rec->ts_ns;
	double seconds = at > f->start_ns ? (double)(at - f->start_ns) / 1e9 : 0;

	return seconds >= f->want.since && (f->want.until <= 0 || seconds <= f->want.until) &&
	       (!f->want.kinds || f->want.kinds >> rec->finding.kind & 1);
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct filter *f = (struct filter *)sink;
	const struct rec_dir *dir = record__dir(rec);

	if (rec->type == RECORD_SESSION)
		f->start_ns = rec->ts_ns;
	if (dir && !dir_wanted(f, dir))
		return;
	if (rec->type == RECORD_FINDING && !finding_wanted(f, rec))
		return;
	f->to->record(f->to, rec);
}

static int end(struct sink *sink)
{
	struct filter *f = (struct filter *)sink;

	return f->to->end ? f->to->end(f->to) : 0;
}

static void filter_free(struct sink *sink)
{
	struct filter *f = (struct filter *)sink;

	f->to->free(f->to);
	free(f);
}

struct sink *sink_filter__new(struct sink *to, const struct sink_filter *filter)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->sink.record = record;
	f->sink.end = end;
	f->sink.free = filter_free;
	f->to = to;
	f->want = *filter;
	return &f->sink;
}
