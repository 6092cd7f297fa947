// SPDX-License-Identifier: GPL-2.0-only
#include "check/sink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sink/table.h"
#include "sink/timeline.h"
#include "util/text.h"

struct check_sink {
	struct sink sink;
	struct check_facts *facts;
	struct timeline *timeline;
	struct check_finding *first, **last;
};

/* The scenario that owns the mount; nscenarios: none. */
static size_t scenario_of(const struct check_sink *s, uint32_t dev)
{
	size_t i, d;

	for (i = 0; i < nscenarios; i++)
		for (d = 0; d < s->facts->state[i].ndevs; d++)
			if (s->facts->state[i].devs[d] == dev)
				return i;
	return nscenarios;
}

/* Returns unescaped text in a new string; the output format escapes it. */
static char *story_of(struct check_sink *s, const struct ovl_record *rec)
{
	const struct rec_dir *dir = &rec->finding.dir;
	char *text = NULL, ns[TABLE_NAMESPACE];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	fprintf(f, "in ");
	if (dir->path)
		text__bytes(f, dir->path, strlen(dir->path));
	fputs(table__namespace(ns, dir), f);
	fprintf(f, " (dev %u:%u, ino %" PRIu64 "), %s:\n", dir->dev >> 20, dir->dev & 0xfffff,
		dir->ino, rec->finding.exact ? "exact" : "inferred");
	timeline__write(s->timeline, f, rec, NULL);
	fclose(f);
	return text;
}

static void keep(struct check_sink *s, const struct ovl_record *rec, size_t scenario)
{
	struct check_finding *fd = calloc(1, sizeof(*fd));

	if (!fd)
		return;
	fd->id = check_id__of(rec->finding.kind);
	fd->subject = scenario;
	fd->text = strdup(rec->finding.text);
	fd->story = story_of(s, rec);
	*s->last = fd;
	s->last = &fd->next;
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct check_sink *s = (struct check_sink *)sink;
	size_t i;

	timeline__note(s->timeline, rec);
	if (rec->type == RECORD_REBUILD) {
		i = scenario_of(s, rec->rebuild.dir.dev);
		if (i == nscenarios)
			return;
		s->facts->rebuilds[i]++;
		s->facts->windows[i] += rec->rebuild.nwindows;
		s->facts->mods[i] += rec->rebuild.mods_in_window;
	} else if (rec->type == RECORD_FINDING) {
		i = scenario_of(s, rec->finding.dir.dev);
		if (i < nscenarios && s->facts->findings[i][rec->finding.kind]++ < CHECK_REPORTED)
			keep(s, rec, i);
	}
}

static int tick(struct sink *sink, const struct rec_counts *counts, uint64_t now)
{
	(void)sink;
	(void)counts;
	(void)now;
	return 0;
}

static void sink_free(struct sink *sink)
{
	struct check_sink *s = (struct check_sink *)sink;
	struct check_finding *fd, *next;

	for (fd = s->first; fd; fd = next) {
		next = fd->next;
		free(fd->text);
		free(fd->story);
		free(fd);
	}
	timeline__free(s->timeline);
	free(s);
}

struct sink *check_sink__new(struct check_facts *facts)
{
	struct check_sink *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->timeline = timeline__new();
	if (!s->timeline) {
		free(s);
		return NULL;
	}
	s->sink.record = record;
	s->sink.tick = tick;
	s->sink.free = sink_free;
	s->facts = facts;
	s->last = &s->first;
	return &s->sink;
}

const struct check_finding *check_sink__findings(const struct sink *sink)
{
	return sink ? ((const struct check_sink *)sink)->first : NULL;
}
