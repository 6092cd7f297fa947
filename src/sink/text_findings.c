// SPDX-License-Identifier: GPL-2.0-only
/* The findings of human-readable text: COMMAND's first, if it is known which these are. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sink/table.h"
#include "sink/text_internal.h"
#include "util/color.h"
#include "util/text.h"

void sink_text__unshow(struct text *s)
{
	if (s->shown)
		fputs("\r\033[K", s->f);
	s->shown = false;
}

static bool by_others(const struct ovl_record *rec)
{
	return rec->finding.told_apart && rec->finding.of_command == TRISTATE_NO;
}

/* While the text is held, findings by other tasks wait until COMMAND's are written. */
static FILE *finding_stream(struct text *s, const struct ovl_record *rec)
{
	if (!by_others(rec) || s->f == s->output)
		return s->f;
	if (!s->others)
		s->others = open_memstream(&s->others_held, &s->others_len);
	return s->others ? s->others : s->f;
}

static void others_drop(struct text *s)
{
	if (s->others)
		fclose(s->others);
	free(s->others_held);
	s->others = NULL;
	s->others_held = NULL;
}

void sink_text__others(struct text *s, bool write)
{
	if (write && s->others && !fflush(s->others))
		fwrite(s->others_held, 1, s->others_len, s->f);
	others_drop(s);
}

static const char *whose(const struct rec_finding *fd)
{
	if (!fd->told_apart)
		return "";
	return fd->of_command == TRISTATE_YES ? ", by the command" :
	       fd->of_command == TRISTATE_NO  ? ", by other tasks" :
						", not known whether by the command";
}

static void write_finding(struct text *s, const struct ovl_record *rec,
			  const struct ovl_record *end)
{
	const struct rec_finding *fd = &rec->finding;
	FILE *f = finding_stream(s, rec);
	char ns[TABLE_NAMESPACE];

	sink_text__unshow(s);
	fprintf(f, "\n%s%s%s (%s%s) in ", color__text(s->opts.color, COLOR_BOLD),
		finding_kind__name(fd->kind), color__text(s->opts.color, COLOR_END),
		fd->exact ? "exact" : "inferred", whose(fd));
	if (fd->dir.path)
		text__bytes(f, fd->dir.path, strlen(fd->dir.path));
	else
		fprintf(f, "inode %" PRIu64, fd->dir.ino);
	fputs(table__namespace(ns, &fd->dir), f);
	fprintf(f, " (dev %u:%u, ino %" PRIu64 ")", fd->dir.dev >> 20, fd->dir.dev & 0xfffff,
		fd->dir.ino);
	if (fd->test) {
		fputs(" during ", f);
		text__bytes(f, fd->test, strlen(fd->test));
	}
	fputs("\n  ", f);
	text__bytes(f, fd->text, strlen(fd->text));
	fputc('\n', f);
	timeline__write(s->timeline, f, rec, end);
}

static void keep(struct waiting *w, const struct ovl_record *rec)
{
	w->rec = *rec;
	w->used = true;
	w->printed = false;
	snprintf(w->text, sizeof(w->text), "%s", rec->finding.text);
	w->rec.finding.text = w->text;
	if (rec->finding.test) {
		snprintf(w->test, sizeof(w->test), "%s", rec->finding.test);
		w->rec.finding.test = w->test;
	}
	if (rec->finding.dir.path) {
		snprintf(w->path, sizeof(w->path), "%s", rec->finding.dir.path);
		w->rec.finding.dir.path = w->path;
	}
}

void sink_text__finding(void *ctx, const struct ovl_record *rec)
{
	struct text *s = ctx;
	enum finding_kind kind = rec->finding.kind;
	size_t i;

	if (s->reported[by_others(rec)][kind]++ >= REPORTED_PER_KIND)
		return;
	/* the recording may lack the finding, and then no end refers to it */
	if (kind != FINDING_STALE_STORE || !rec->seq) {
		write_finding(s, rec, NULL);
		return;
	}
	/* printed when its stale_end shows how long the stale cache was served */
	for (i = 0; i < WAITING && s->waiting[i].used; i++)
		;
	if (i < WAITING)
		keep(&s->waiting[i], rec);
}

void sink_text__stale_end(void *ctx, const struct ovl_record *rec)
{
	struct text *s = ctx;
	size_t i;

	for (i = 0; i < WAITING; i++) {
		struct waiting *w = &s->waiting[i];

		if (!w->used || w->printed || w->rec.seq != rec->stale_end.finding)
			continue;
		write_finding(s, &w->rec, rec);
		/* the slot is not reused */
		w->printed = true;
	}
}

static uint64_t unshown(uint64_t n)
{
	return n > REPORTED_PER_KIND ? n - REPORTED_PER_KIND : 0;
}

void sink_text__findings_end(struct text *s)
{
	uint64_t more;
	size_t i;

	for (i = 0; i < WAITING; i++)
		if (s->waiting[i].used && !s->waiting[i].printed)
			write_finding(s, &s->waiting[i].rec, NULL);
	sink_text__others(s, true);
	for (i = 0; i < FINDING_KINDS; i++) {
		more = unshown(s->reported[0][i]) + unshown(s->reported[1][i]);
		if (more)
			fprintf(s->f, "\n%" PRIu64 " more of %s are counted, but not shown\n", more,
				finding_kind__name(i));
	}
}
