// SPDX-License-Identifier: GPL-2.0-only
#include "audit/listing_report.h"

#include <inttypes.h>
#include <string.h>

#include "util/text.h"

/* What the text has at most, unless it has all. */
enum {
	SHOWN = 10, /* differences of one directory */
	SHOWN_DIRS = 10, /* directories of one overlay */
	SHOWN_PLACES = 3, /* containers in the first line */
};

void listing_counts__make(struct listing_counts *c, const struct listing_report *r)
{
	size_t i, j;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < r->n; i++) {
		const struct listing_tree *t = &r->v[i];

		c->directories += t->directories;
		c->names += t->names;
		c->incomplete += !!t->why[0];
		for (j = 0; j < LISTING_VERDICTS; j++)
			c->of[j] += t->of[j];
		for (j = 0; j < LISTING_CAUSES; j++) {
			c->causes[j] += t->causes[j];
			*(listing_cause__is_limit(j) ? &c->limits : &c->defects) += t->causes[j];
		}
	}
}

enum audit_outcome listing_counts__outcome(const struct listing_counts *c)
{
	if (c->of[LISTING_WRONG])
		return AUDIT_FINDINGS;
	if (c->incomplete || c->of[LISTING_CHANGING] || c->of[LISTING_PARTIAL] ||
	    c->of[LISTING_UNREADABLE])
		return AUDIT_INCONCLUSIVE;
	return AUDIT_CLEAN;
}

static void put_str(FILE *f, const char *s)
{
	text__bytes(f, s, strlen(s));
}

static void put_path(FILE *f, const struct listing_tree *t, const struct listing_result *r)
{
	put_str(f, t->path);
	if (*r->path && t->path[strlen(t->path) - 1] != '/')
		fputc('/', f);
	put_str(f, r->path);
}

static void put_name(FILE *f, const struct listing_diffs *all, const struct listing_diff *d)
{
	fputc('\'', f);
	text__bytes(f, listing_diffs__name(all, d), d->len);
	fputc('\'', f);
}

static void diff_text(FILE *f, const struct listing_diffs *all, const struct listing_diff *d)
{
	fputs("    ", f);
	put_name(f, all, d);
	switch (d->kind) {
	case LISTING_PHANTOM:
		fprintf(f, " is listed (%s, inode number %" PRIu64 ") and does not exist",
			listing_type__name(d->listed_type), d->listed_ino);
		break;
	case LISTING_MISSING:
		fprintf(f, " exists (%s, inode number %" PRIu64 ") and is not listed",
			listing_type__name(d->stat_type), d->stat_ino);
		break;
	case LISTING_INO:
		fprintf(f, " is listed with inode number %" PRIu64 ", statx returns %" PRIu64,
			d->listed_ino, d->stat_ino);
		break;
	case LISTING_TYPE:
		fprintf(f, " is listed as %s, statx returns %s", listing_type__name(d->listed_type),
			listing_type__name(d->stat_type));
		break;
	default:
		fputs(" is listed twice", f);
	}
	fprintf(f, "; cause: %s%s\n", d->exact || !d->cause ? "" : "probably ",
		listing_cause__name(d->cause));
}

static uint64_t differences(const struct listing_result *r)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < LISTING_CAUSES; i++)
		sum += r->causes[i];
	return sum;
}

static void dir_text(FILE *f, const struct listing_tree *t, const struct listing_result *r)
{
	uint64_t all = differences(r);
	size_t i;

	fprintf(f, "  %-10s ", listing_verdict__name(r->verdict));
	put_path(f, t, r);
	if (all)
		fprintf(f, ": %" PRIu64 " difference%s, %zu names", all, all == 1 ? "" : "s",
			r->names);
	if (r->verdict == LISTING_CHANGING)
		fprintf(f, ": it changed during each of %u tries", r->tries);
	if (r->why[0]) {
		fputs(": ", f);
		put_str(f, r->why);
	}
	fputc('\n', f);
	for (i = 0; i < r->diffs.n && i < SHOWN; i++)
		diff_text(f, &r->diffs, &r->diffs.v[i]);
	if (i < all)
		fprintf(f, "    and %" PRIu64 " more\n", all - i);
}

static void tree_text(FILE *f, const struct listing_tree *t, bool whole)
{
	size_t i, n = whole || t->n < SHOWN_DIRS ? t->n : SHOWN_DIRS;

	put_str(f, t->path);
	fprintf(f, " (dev %u:%u%s", t->dev >> 20, t->dev & 0xfffff, *t->within ? ", in " : "");
	put_str(f, t->within);
	fprintf(f, "%s): %" PRIu64 " directories, %" PRIu64 " names",
		t->rootless ? ", rootless" : "", t->directories, t->names);
	if (t->mounts)
		fprintf(f, "; %" PRIu64 " other mounts on it were left out", t->mounts);
	if (t->why[0])
		fputs("; incomplete: ", f);
	put_str(f, t->why);
	fputc('\n', f);
	for (i = 0; i < n; i++)
		dir_text(f, t, &t->v[i]);
	if (n < t->n)
		fprintf(f, "  and %zu more directories: -v shows all\n", t->n - n);
}

/* The containers whose overlays have wrong listings. */
static void places_text(FILE *f, const struct listing_report *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++) {
		const struct listing_tree *t = &r->v[i];

		if (!t->of[LISTING_WRONG] || !*t->within || n++ >= SHOWN_PLACES)
			continue;
		fputs(n == 1 ? ", in " : ", ", f);
		put_str(f, t->within);
	}
	if (n > SHOWN_PLACES)
		fprintf(f, " and %zu more", n - SHOWN_PLACES);
}

static void answer_text(FILE *f, const struct listing_report *r, const struct listing_counts *c)
{
	static const char *const words[] = { "clean", "findings", "inconclusive" };
	enum audit_outcome outcome = listing_counts__outcome(c);
	uint64_t compared = c->directories - c->of[LISTING_GONE];

	fprintf(f, "verdict: %s: ", words[outcome]);
	if (!r->n)
		fputs("no overlay was found", f);
	else if (outcome == AUDIT_FINDINGS)
		fprintf(f, "%" PRIu64 " of %" PRIu64 " directories list%s what statx does not know",
			c->of[LISTING_WRONG], compared, c->of[LISTING_WRONG] == 1 ? "s" : "");
	else if (outcome == AUDIT_INCONCLUSIVE)
		fputs("no defect was found, and not every directory could be compared", f);
	else if (c->of[LISTING_LIMITED])
		fprintf(f,
			"%" PRIu64 " of %" PRIu64 " directories differ%s from statx, by "
			"documented limits of overlayfs only",
			c->of[LISTING_LIMITED], compared, c->of[LISTING_LIMITED] == 1 ? "s" : "");
	else
		fprintf(f, "%" PRIu64 " directories list what statx knows", compared);
	if (outcome == AUDIT_FINDINGS)
		places_text(f, r);
	fprintf(f, "; names %" PRIu64 ", defects %" PRIu64 ", limits %" PRIu64, c->names,
		c->defects, c->limits);
	if (c->of[LISTING_CHANGING])
		fprintf(f, ", changing directories %" PRIu64, c->of[LISTING_CHANGING]);
	if (c->of[LISTING_PARTIAL] + c->of[LISTING_UNREADABLE])
		fprintf(f, ", unreadable directories %" PRIu64,
			c->of[LISTING_PARTIAL] + c->of[LISTING_UNREADABLE]);
	fputc('\n', f);
	if (r->namespaces)
		fprintf(f, "looked at %zu mount namespace%s", r->namespaces,
			r->namespaces == 1 ? "" : "s");
	if (r->namespaces && r->hidden)
		fprintf(f, "; those of %zu processes could not be read", r->hidden);
	fputs(r->namespaces ? "\n" : "", f);
}

static void causes_text(FILE *f, const struct listing_counts *c)
{
	size_t i;

	if (c->defects + c->limits)
		fputs("\ncauses\n", f);
	for (i = 0; i < LISTING_CAUSES; i++)
		if (c->causes[i])
			fprintf(f, "  %-13s %s, %" PRIu64 " difference%s: %s\n",
				listing_cause__name(i),
				listing_cause__is_limit(i) ? "limit" : "defect", c->causes[i],
				c->causes[i] == 1 ? "" : "s", listing_cause__text(i));
}

void listing_report__text(FILE *f, const struct listing_report *r)
{
	struct listing_counts c;
	size_t i;

	listing_counts__make(&c, r);
	answer_text(f, r, &c);
	causes_text(f, &c);
	for (i = 0; i < r->n; i++) {
		fputc('\n', f);
		tree_text(f, &r->v[i], r->whole);
	}
}
