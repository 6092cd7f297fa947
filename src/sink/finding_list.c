// SPDX-License-Identifier: GPL-2.0-only
#include "sink/finding_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sink/page.h"
#include "sink/table.h"

enum {
	DRAWN = 50,
	ROWS = 10000, /* findings after these, a line each */
	DIRS = HTML_DIRS, /* directories that the page can be filtered by: the first ones */
	OTHER_DIRS = 1 << 20, /* all others are sorted by a hash */
};

/* A finding with a drawing; its end is added when a stale_end record arrives. */
struct drawn {
	uint64_t seq;
	char *html;
	size_t len;
	char end[160];
};

struct filter_dir {
	uint64_t ino, n;
	uint32_t dev;
	char *label; /* as HTML */
};

struct finding_list {
	uint64_t start_ns, n;
	struct drawn drawn[DRAWN];
	FILE *rows; /* into html */
	char *html;
	size_t len;
	uint64_t of_kind[FINDING_KINDS];
	struct filter_dir dir[DIRS];
	size_t ndirs;
};

struct finding_list *finding_list__new(void)
{
	return calloc(1, sizeof(struct finding_list));
}

void finding_list__reset(struct finding_list *l, uint64_t start_ns)
{
	size_t i;

	for (i = 0; i < DRAWN; i++)
		free(l->drawn[i].html);
	for (i = 0; i < l->ndirs; i++)
		free(l->dir[i].label);
	if (l->rows)
		fclose(l->rows);
	free(l->html);
	memset(l, 0, sizeof(*l));
	l->start_ns = start_ns;
}

void finding_list__free(struct finding_list *l)
{
	if (l)
		finding_list__reset(l, 0);
	free(l);
}

static void dir_write(FILE *f, const struct rec_dir *dir)
{
	char ns[TABLE_NAMESPACE];

	html__str(f, dir->path ? dir->path : "a directory whose path is not known");
	fputs(table__namespace(ns, dir), f);
}

/* The rank of a directory: below DIRS if the page can be filtered by it. */
static uint32_t dir_rank(struct finding_list *l, const struct rec_dir *dir)
{
	struct filter_dir *d;
	size_t i, len;
	FILE *f;

	for (i = 0; i < l->ndirs; i++)
		if (l->dir[i].ino == dir->ino && l->dir[i].dev == dir->dev)
			break;
	if (i == DIRS)
		return DIRS +
		       (uint32_t)((dir->ino * 0x9e3779b97f4a7c15ULL ^ dir->dev) >> 44) % OTHER_DIRS;
	d = &l->dir[i];
	d->n++;
	if (i < l->ndirs)
		return (uint32_t)i;
	d->ino = dir->ino;
	d->dev = dir->dev;
	f = open_memstream(&d->label, &len);
	if (f) {
		dir_write(f, dir);
		fclose(f);
	}
	l->ndirs++;
	return (uint32_t)i;
}

/* The start tag of a finding, with what the style sheet selects by. */
static void tag_write(FILE *f, const char *class, const struct rec_finding *fd, uint32_t rank)
{
	fprintf(f, "<div class=\"%s k%d", class, fd->kind);
	if (rank < DIRS)
		fprintf(f, " d%" PRIu32, rank);
	fprintf(f, "\" style=\"--k:%d;--d:%" PRIu32 "\">", fd->kind, rank);
}

static void where_write(FILE *f, const struct finding_list *l, const struct ovl_record *rec)
{
	const struct rec_finding *fd = &rec->finding;
	uint64_t at = fd->at_ns > l->start_ns ? fd->at_ns - l->start_ns : 0;

	fprintf(f, "+%.6f s, %s, record %" PRIu64 ", dev %u:%u, ino %" PRIu64, (double)at / 1e9,
		fd->exact ? "exact" : "inferred", rec->seq, fd->dir.dev >> 20,
		fd->dir.dev & 0xfffff, fd->dir.ino);
	if (fd->told_apart)
		fputs(fd->of_command == TRISTATE_YES ? ", by the command" :
		      fd->of_command == TRISTATE_NO  ? ", by other tasks" :
						       ", not known whether by the command",
		      f);
}

/* Names are already escaped: newlines separate the lines of the story. */
static void story_write(FILE *f, const char *story)
{
	while (*story) {
		size_t n = strcspn(story, "\n");

		html__text(f, story, n);
		fputc('\n', f);
		story += n + (story[n] == '\n');
	}
}

static void draw(struct finding_list *l, const struct ovl_record *rec, const struct timeline *t,
		 uint32_t rank)
{
	const struct rec_finding *fd = &rec->finding;
	struct drawn *d = &l->drawn[l->n];
	char *story = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&story, &len);

	if (f) {
		timeline__write(t, f, rec, NULL);
		fclose(f);
	}
	d->seq = rec->seq;
	f = open_memstream(&d->html, &d->len);
	if (f) {
		tag_write(f, "finding", fd, rank);
		fprintf(f, "<h3>%s in ", finding_kind__name(fd->kind));
		dir_write(f, &fd->dir);
		fputs("</h3><p class=\"dim\">", f);
		where_write(f, l, rec);
		fputs("</p><p>", f);
		html__str(f, fd->text);
		fputs("</p>\n", f);
		html__lanes(f, t, fd);
		fputs("<details><summary>step by step</summary><pre>", f);
		story_write(f, story ? story : "");
		fputs("</pre></details>", f);
		fclose(f);
	}
	free(story);
}

static void row(struct finding_list *l, const struct ovl_record *rec, uint32_t rank)
{
	const struct rec_finding *fd = &rec->finding;

	if (!l->rows)
		l->rows = open_memstream(&l->html, &l->len);
	if (!l->rows)
		return;
	tag_write(l->rows, "row", fd, rank);
	fprintf(l->rows, "%s in ", finding_kind__name(fd->kind));
	dir_write(l->rows, &fd->dir);
	fputs(" <span class=\"dim\">", l->rows);
	where_write(l->rows, l, rec);
	fputs("</span><br>", l->rows);
	html__str(l->rows, fd->text);
	fputs("</div>\n", l->rows);
}

void finding_list__add(struct finding_list *l, const struct ovl_record *finding,
		       const struct timeline *t)
{
	uint32_t rank = dir_rank(l, &finding->finding.dir);

	l->of_kind[finding->finding.kind]++;
	if (l->n < DRAWN)
		draw(l, finding, t, rank);
	else if (l->n < DRAWN + ROWS)
		row(l, finding, rank);
	l->n++;
}

void finding_list__stale_end(struct finding_list *l, const struct ovl_record *rec)
{
	size_t i;

	for (i = 0; i < DRAWN; i++)
		if (l->drawn[i].html && l->drawn[i].seq == rec->stale_end.finding)
			snprintf(l->drawn[i].end, sizeof(l->drawn[i].end),
				 "The stale cache was served for %" PRIu64 " us. Its end: %s.",
				 (rec->ts_ns - rec->stale_end.stored_ns) / 1000,
				 stale_end__name(rec->stale_end.how));
}

/* A choice: `class` is what the style sheet selects by. The label is up to the caller. */
static void choice(FILE *f, const char *group, const char *class, unsigned int recording)
{
	bool first = class[1] == '-';

	fprintf(f,
		"<input type=\"radio\" name=\"%s%u\" id=\"%s%u%s\" class=\"%s\"%s>"
		"<label for=\"%s%u%s\">",
		group, recording, group, recording, class, class, first ? " checked" : "", group,
		recording, class);
}

/* Siblings of the list, which style sheets need: the caller closes the div behind it. */
static void choices_write(const struct finding_list *l, FILE *f, unsigned int recording)
{
	char class[16];
	size_t i;

	fputs("<div class=\"choices\">\n", f);
	choice(f, "k", "k-", recording);
	fprintf(f, "all kinds (%" PRIu64 ")</label>\n", l->n);
	for (i = 0; i < FINDING_KINDS; i++) {
		if (!l->of_kind[i])
			continue;
		snprintf(class, sizeof(class), "fk%zu", i);
		choice(f, "k", class, recording);
		fprintf(f, "%s (%" PRIu64 ")</label>\n", finding_kind__name(i), l->of_kind[i]);
	}
	fputs("<br>", f);
	choice(f, "d", "d-", recording);
	fputs("all directories</label>\n", f);
	for (i = 0; i < l->ndirs; i++) {
		snprintf(class, sizeof(class), "fd%zu", i);
		choice(f, "d", class, recording);
		fprintf(f, "%s (%" PRIu64 ")</label>\n", l->dir[i].label ? l->dir[i].label : "?",
			l->dir[i].n);
	}
	fputs("<br>", f);
	choice(f, "s", "s-", recording);
	fputs("by time</label>\n", f);
	choice(f, "s", "sk", recording);
	fputs("by kind</label>\n", f);
	choice(f, "s", "sd", recording);
	fputs("by directory</label>\n", f);
}

void finding_list__write(const struct finding_list *l, FILE *f, unsigned int recording)
{
	size_t i;

	if (!l->n)
		return;
	fputs("<h3>Findings</h3><p class=\"dim\">In the drawings: a bar is a rebuild or the life of "
	      "a merged cache, its yellow part the time without the directory's lock, in that the "
	      "wait for it; a dot is a modification; the line at the end is the store.</p>\n",
	      f);
	choices_write(l, f, recording);
	fputs("<div class=\"list\">\n", f);
	for (i = 0; i < DRAWN && l->drawn[i].html; i++)
		fprintf(f, "%s<p>%s</p></div>\n", l->drawn[i].html, l->drawn[i].end);
	if (l->rows) {
		fflush(l->rows);
		fwrite(l->html, 1, l->len, f);
	}
	fputs("</div></div>\n", f);
	if (l->n > DRAWN + ROWS)
		fprintf(f,
			"<p><b>%" PRIu64 " more findings</b> are counted, but not shown: options "
			"--kind, --dir, --since and --until of the report choose others.</p>\n",
			l->n - DRAWN - ROWS);
}
