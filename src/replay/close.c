// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a recording: compares its counts and its verdict with its records. Any
 * difference is reported, and rules out a clean verdict.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "replay/internal.h"
#include "util/saturate.h"

/* The records may show fewer than were counted only if `partly`, and never more. */
static void count_compare(struct replay *r, const struct count_def *def, bool partly)
{
	uint64_t *ours = count__of(&r->rec.counts, def);
	uint64_t recorded = count__get(&r->rec.summary.counts, def);

	if (recorded == COUNT_UNSEEN) {
		if (*ours)
			replay__fault(r, DAMAGE_COUNTS,
				      "%s: null in the summary, %" PRIu64 " in the records",
				      def->name, *ours);
		*ours = *ours ? *ours : COUNT_UNSEEN;
		return;
	}
	if (recorded == *ours)
		return;
	if (recorded > *ours && (partly || r->rec.absent)) {
		*ours = recorded;
		return;
	}
	replay__fault(r, DAMAGE_COUNTS,
		      "%s: %" PRIu64 " in the summary, %" PRIu64 " in the records", def->name,
		      recorded, *ours);
}

/* Each listed directory has a record, except those for which there was no room. */
static void directories_compare(struct replay *r)
{
	const struct rec_counts *recorded = &r->rec.summary.counts;
	uint64_t unreported = recorded->unreported_readdirs, readdirs[2], hits[2], all, seen;
	int i;

	if (!recorded->has_directories || recorded->readdirs == COUNT_UNSEEN || r->rec.absent)
		return;
	readdirs[0] = recorded->readdirs;
	hits[0] = recorded->hits;
	readdirs[1] = recorded->merged_readdirs == COUNT_UNSEEN ? 0 : recorded->merged_readdirs;
	hits[1] = recorded->merged_readdirs == COUNT_UNSEEN ? 0 : recorded->merged_hits;
	all = saturate__sum(readdirs[0], readdirs[1]);
	seen = saturate__sum(r->rec.dir_readdirs[0], r->rec.dir_readdirs[1]);
	if (saturate__sum(seen, unreported) != all)
		replay__fault(r, DAMAGE_COUNTS,
			      "readdirs: %" PRIu64 " in the summary, %" PRIu64 " in the records",
			      all > unreported ? all - unreported : 0, seen);
	for (i = 0; i < 2; i++)
		if (r->rec.dir_hits[i] > hits[i] || (!unreported && r->rec.dir_hits[i] != hits[i]))
			replay__fault(r, DAMAGE_COUNTS,
				      "%s: %" PRIu64 " in the summary, %" PRIu64 " in the records",
				      i ? "merged_hits" : "hits", hits[i], r->rec.dir_hits[i]);
}

static void command_compare(struct replay *r)
{
	const struct recording *rc = &r->rec;
	uint64_t ours = rc->unknown_findings ? COUNT_UNSEEN : rc->command_findings;

	if (rc->summary.told_apart && !rc->absent && rc->summary.command_findings != ours)
		replay__fault(r, DAMAGE_COUNTS, "command_findings: %" PRIu64 " in the records",
			      rc->command_findings);
}

static void counts_compare(struct replay *r)
{
	struct recording *rc = &r->rec;
	const struct rec_counts *recorded = &rc->summary.counts;
	struct rec_counts *c = &rc->counts;
	/* partly seen rebuilds have no record */
	bool partly = recorded->partial || recorded->lost;
	size_t i;

	for (i = 0; i < COUNTS; i++) {
		const struct count_def *def = &count_defs[i];

		if (def->records == RECORDS_NONE)
			*count__of(c, def) = count__get(recorded, def);
		else if (counts__has(recorded, def->group) ||
			 (def->kind >= 0 && count__get(c, def)))
			count_compare(r, def, partly && def->records == RECORDS_AT_MOST);
	}
	c->has_hits = recorded->has_hits;
	c->has_directories = recorded->has_directories;
	c->has_merged = recorded->has_merged;
	directories_compare(r);
	command_compare(r);
	c->inconsistencies = recorded->inconsistencies;
	/* each stale cache has an end record, at the latest when the trace ends */
	if (!recorded->lost && !recorded->inconsistencies && !rc->absent &&
	    rc->stale_ends != rc->recorded[FINDING_STALE_STORE])
		replay__fault(r, DAMAGE_STALE_END, "%" PRIu64 " ends of %" PRIu64 " stale stores",
			      rc->stale_ends, rc->recorded[FINDING_STALE_STORE]);
}

/* Without a summary, coverage shows what could not be seen. */
static void counts_unseen(struct replay *r)
{
	const struct coverage *cover = r->cover;
	struct rec_counts *c = &r->rec.counts;
	size_t i;

	if (cover[EVENT_LOCK_DROPPED].provider == PROVIDER_NONE && !c->windows)
		c->windows = c->mods = COUNT_UNSEEN;
	for (i = 0; detectors[i]; i++)
		if (detectors[i]->incident && !c->finding[detectors[i]->kind])
			c->finding[detectors[i]->kind] = COUNT_UNSEEN;
}

static bool faulty(const struct recording *rc)
{
	int i;

	for (i = 0; i < DAMAGES; i++)
		if (rc->fault[i].n)
			return true;
	return false;
}

static enum verdict verdict_of(struct replay *r)
{
	struct recording *rc = &r->rec;
	enum logical_event gap;
	enum verdict v;
	int i;

	v = VERDICT_CLEAN;
	if (rc->counts.lost || rc->counts.inconsistencies ||
	    !rec_session__complete(&r->session, &gap) ||
	    rec_session__lacks_rebuilds(&r->session, &rc->counts))
		v = VERDICT_INCONCLUSIVE;
	for (i = 0; i < FINDING_KINDS; i++)
		if (rc->counts.finding[i] && rc->counts.finding[i] != COUNT_UNSEEN)
			v = VERDICT_FINDINGS;
	if (!rc->has_summary)
		return v == VERDICT_FINDINGS ? v : VERDICT_INCONCLUSIVE;
	/* the verdicts agree, unless the trace was inconclusive for a reason without a record */
	if (v != rc->summary.verdict &&
	    !(v == VERDICT_CLEAN && rc->summary.verdict == VERDICT_INCONCLUSIVE))
		replay__fault(r, DAMAGE_VERDICT, "%s in the summary, %s by the records",
			      verdict__name(rc->summary.verdict), verdict__name(v));
	if (v == VERDICT_CLEAN &&
	    (faulty(rc) || rc->first_part > 1 || rc->summary.verdict != VERDICT_CLEAN))
		v = VERDICT_INCONCLUSIVE;
	return v;
}

__attribute__((format(printf, 3, 4))) static void remark(struct replay *r, bool damage,
							 const char *fmt, ...)
{
	struct remark *m;
	va_list ap;

	if (r->nremarks == REPLAY_REMARKS)
		return;
	m = &r->remarks[r->nremarks++];
	m->damage = damage;
	va_start(ap, fmt);
	vsnprintf(m->text, sizeof(m->text), fmt, ap);
	va_end(ap);
}

static void remark_fault(struct replay *r, enum damage what)
{
	static const char *const texts[DAMAGES] = {
		[DAMAGE_NOT_JSON] = "lines that are not JSON",
		[DAMAGE_CUT] = "the last line is cut",
		[DAMAGE_LONG] = "lines that are longer than any record",
		[DAMAGE_FIELD] = "records with a missing or invalid field",
		[DAMAGE_TYPE] = "records of an unknown type",
		[DAMAGE_MISSING] = "records are missing",
		[DAMAGE_ORDER] = "records out of order or duplicated",
		[DAMAGE_TIME] = "records whose time goes backwards",
		[DAMAGE_NO_SESSION] = "the first record, the session, is missing",
		[DAMAGE_NO_SUMMARY] = "the last record, the summary, is missing",
		[DAMAGE_AFTER_SUMMARY] = "records after the summary",
		[DAMAGE_EVIDENCE] = "findings whose evidence is not in the file",
		[DAMAGE_UNREPORTED] = "defects in the records without a finding",
		[DAMAGE_UNPROVED] = "findings that the records do not prove",
		[DAMAGE_STALE_END] = "inconsistent ends of stale caches",
		[DAMAGE_COUNTS] = "counts of the summary that differ from the records",
		[DAMAGE_VERDICT] = "the recorded verdict differs from that of the records",
		[DAMAGE_INPUT] = "the file cannot be read to its end",
	};
	const struct fault *f = &r->rec.fault[what];
	bool once = what == DAMAGE_CUT || what == DAMAGE_NO_SESSION || what == DAMAGE_VERDICT ||
		    what == DAMAGE_NO_SUMMARY || what == DAMAGE_INPUT;

	if (once)
		remark(r, true, "line %" PRIu64 ": %s%s%s", f->line, texts[what],
		       f->detail[0] ? ": " : "", f->detail);
	else
		remark(r, true, "line %" PRIu64 ": %s, %" PRIu64 " in all%s%s", f->line,
		       texts[what], f->n, f->detail[0] ? "; the first: " : "", f->detail);
}

static void remarks_make(struct replay *r)
{
	const struct recording *rc = &r->rec;
	int i;

	for (i = 0; i < DAMAGES; i++)
		if (rc->fault[i].n)
			remark_fault(r, i);
	if (faulty(rc))
		remark(r, true,
		       "the recording is damaged or was modified: copy it again, or record "
		       "again");
	if (rc->first_part > 1)
		remark(r, true,
		       "parts 1 to %" PRIu32 " of the recording, with %" PRIu64
		       " records, are not there: report the file that has no number, keep its parts "
		       "beside it, and record with more --rotate-files",
		       rc->first_part - 1, rc->absent);
	if (rc->newer)
		remark(r, false, "written by ovltrace %s, which is newer than this version",
		       r->version);
	if (rc->unknown_types)
		remark(r, false,
		       "%" PRIu64 " records of types unknown to this version, such as '%s'",
		       rc->unknown_types, rc->unknown_type);
	if (rc->forgotten)
		remark(r, false, "%" PRIu64 " references to records that are too old to be checked",
		       rc->forgotten);
	if (rc->summary.unknown_inconsistencies)
		remark(r, true, "cross-checks unknown to this version failed %" PRIu64 " times",
		       rc->summary.unknown_inconsistencies);
	if (rc->has_summary && rc->summary.verdict == VERDICT_INCONCLUSIVE && !faulty(rc) &&
	    !rc->counts.lost && !rc->counts.inconsistencies &&
	    !rec_session__lacks_rebuilds(&r->session, &rc->counts))
		/* no damage if its session was incomplete, as after a proof */
		remark(r, r->session.complete, "the run itself was inconclusive");
}

static void add(uint64_t *sum, uint64_t n)
{
	if (n != COUNT_UNSEEN)
		*sum = *sum == COUNT_UNSEEN ? n : saturate__sum(*sum, n);
}

static void total_add(struct replay_total *t, const struct rec_counts *c, enum verdict v)
{
	size_t i;

	if (t->recordings == 1) {
		t->counts = *c;
		t->verdict = v;
		return;
	}
	for (i = 0; i < COUNTS; i++) {
		const struct count_def *def = &count_defs[i];
		uint64_t *sum = count__of(&t->counts, def);

		if (!counts__has(c, def->group))
			continue;
		/* absent from all recordings so far */
		if (!counts__has(&t->counts, def->group))
			*sum = COUNT_UNSEEN;
		add(sum, count__get(c, def));
	}
	t->counts.has_hits |= c->has_hits;
	t->counts.has_directories |= c->has_directories;
	t->counts.has_merged |= c->has_merged;
	add(&t->counts.inconsistencies, c->inconsistencies);
	t->verdict = verdict__worse(t->verdict, v);
}

void close__recording(struct replay *r)
{
	struct recording *rc = &r->rec;
	struct ovl_record rec = { .type = RECORD_SUMMARY };
	struct rec_summary *sum = &rec.summary;

	judge__unreported(r);
	rec.seq = rc->has_summary ? rc->summary_seq : rc->seq + 1;
	rec.ts_ns = rc->ts_ns;
	*sum = rc->summary;
	if (rc->has_summary) {
		counts_compare(r);
	} else {
		if (rc->readable)
			replay__fault(r, DAMAGE_NO_SUMMARY, "%s", "");
		counts_unseen(r);
		sum->duration_ns = rc->ts_ns - r->start_ns;
	}
	sum->verdict = verdict_of(r);
	sum->counts = rc->counts;
	remarks_make(r);
	sum->remarks = r->remarks;
	sum->nremarks = r->nremarks;
	total_add(&r->total, &sum->counts, sum->verdict);
	sum->total = &r->total.counts;
	if (rc->readable)
		replay__emit(r, &rec);
	rc->open = false;
}
