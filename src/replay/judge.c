// SPDX-License-Identifier: GPL-2.0-only
/* Runs the detectors again, and verifies the findings of the recording. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/records.h"
#include "replay/internal.h"
#include "util/saturate.h"

static void remember(struct recording *rc, const struct ovl_record *rec)
{
	const struct rec_dir *dir = record__dir(rec);

	rc->pending_seq = rec->seq;
	rc->dir = *dir;
	rc->task = *record__task(rec);
	rc->task.cgroup_path = NULL;
	if (!dir->path)
		return;
	snprintf(rc->path, sizeof(rc->path), "%s", dir->path);
	rc->dir.path = rc->path;
}

/* For detect__run(): the finding record must follow. */
static void pend(void *ctx, const struct detected *d)
{
	struct recording *rc = ctx;
	struct pending *p = &rc->pending[rc->npending];

	if (rc->npending == REPLAY_PENDING)
		return;
	p->kind = d->kind;
	p->exact = d->exact;
	snprintf(p->text, sizeof(p->text), "%s", d->text);
	rc->counts.finding[p->kind]++;
	rc->npending++;
}

static void detect(struct recording *rc, const struct detect_subject *subject,
		   const struct ovl_record *rec)
{
	detect__run(subject, pend, rc);
	if (rc->npending)
		remember(rc, rec);
}

bool judge__merged(struct replay *r, const struct ovl_record *rec)
{
	const struct rec_merged *mc = &rec->merged;
	struct recording *rc = &r->rec;
	struct detect_subject subject = { .merged = mc };

	rc->counts.merged_stores += mc->stored_ns != 0;
	saturate__add(&rc->counts.merged_gets, mc->gets);
	saturate__add(&rc->counts.merged_puts, mc->puts);
	rc->counts.merged_frees += mc->freed_ns != 0;
	detect(rc, &subject, rec);
	return true;
}

bool judge__rebuild(struct replay *r, const struct ovl_record *rec)
{
	const struct rec_rebuild *rb = &rec->rebuild;
	struct recording *rc = &r->rec;
	struct detect_subject subject = { .rebuild = rb };

	rc->counts.rebuilds++;
	rc->counts.windows += rb->nwindows;
	saturate__add(&rc->counts.mods, rb->mods_in_window);
	if (rb->outcome == OUTCOME_STORED) {
		rc->counts.stores++;
		rc->counts.superseded_stores += rb->version_stamped == rb->version_read &&
						rb->version_at_store != rb->version_stamped;
	}
	detect(rc, &subject, rec);
	return true;
}

bool judge__incident(struct replay *r, const struct ovl_record *rec)
{
	struct detect_subject subject = { .incident = &rec->incident };

	detect(&r->rec, &subject, rec);
	return true;
}

void judge__unreported(struct replay *r)
{
	struct recording *rc = &r->rec;
	size_t i;

	for (i = 0; i < rc->npending; i++) {
		struct ovl_record rec = { .type = RECORD_FINDING, .ts_ns = rc->ts_ns };

		replay__fault(r, DAMAGE_UNREPORTED, "%s, by record %" PRIu64,
			      finding_kind__name(rc->pending[i].kind), rc->pending_seq);
		rec.finding.kind = rc->pending[i].kind;
		rec.finding.dir = rc->dir;
		rec.finding.task = rc->task;
		rec.finding.exact = rc->pending[i].exact;
		rec.finding.evidence[0] = rc->pending_seq;
		rec.finding.nevidence = 1;
		rec.finding.text = rc->pending[i].text;
		replay__emit(r, &rec);
	}
	rc->npending = 0;
}

/* Does one record prove it? Then a detector has found it there. */
static bool by_record(enum finding_kind kind)
{
	return kind != FINDING_UNFREED_CACHE;
}

/* May a record of that type be evidence of it? */
static bool may_prove(enum finding_kind kind, enum record_type type)
{
	bool merged = finding_kind__group(kind) == COUNTS_MERGED;

	return record_type__proves(type) == (merged ? PROVES_MERGED : PROVES_IMPURE);
}

/* Removes the pending defect of that kind, if its record is in the evidence. */
static bool pending_take(struct recording *rc, const struct rec_finding *f)
{
	size_t i, k;

	for (i = 0; i < rc->npending; i++) {
		if (rc->pending[i].kind != f->kind)
			continue;
		for (k = 0; k < f->nevidence; k++)
			if (f->evidence[k] == rc->pending_seq)
				break;
		if (k == f->nevidence)
			return false;
		memmove(&rc->pending[i], &rc->pending[i + 1],
			(--rc->npending - i) * sizeof(rc->pending[0]));
		return true;
	}
	return false;
}

static enum evidence_found find(const struct replay *r, uint64_t seq, struct evidence_record *e)
{
	enum evidence_found found = evidence__find(r->evidence, seq, e);

	if (found == EVIDENCE_ABSENT && recording__lacks(&r->rec, seq))
		return EVIDENCE_FORGOTTEN;
	return found;
}

/* All that could prove it was in parts that were removed. */
static bool unprovable(const struct recording *rc, const struct rec_finding *f)
{
	size_t i;

	for (i = 0; i < f->nevidence; i++)
		if (!recording__lacks(rc, f->evidence[i]))
			return false;
	return f->nevidence > 0;
}

/* Do all records exist that the finding names, and are they of the same directory? */
static bool evidence_there(struct replay *r, const struct rec_finding *f)
{
	size_t i;

	for (i = 0; i < f->nevidence; i++) {
		struct evidence_record e;

		switch (find(r, f->evidence[i], &e)) {
		case EVIDENCE_FORGOTTEN:
			r->rec.forgotten++;
			continue;
		case EVIDENCE_ABSENT:
			break;
		case EVIDENCE_THERE:
			if (e.dir == evidence__dir(&f->dir) && may_prove(f->kind, e.type))
				continue;
			break;
		}
		replay__fault(r, DAMAGE_EVIDENCE, "%s names record %" PRIu64,
			      finding_kind__name(f->kind), f->evidence[i]);
		return false;
	}
	return true;
}

/* One rebuild stored the cache, and the other one found it in the slot. */
static bool unfreed_proved(struct replay *r, const struct rec_finding *f)
{
	const struct evidence_rebuild *a, *b;

	if (!f->nevidence)
		return !f->exact;
	if (f->nevidence > 2)
		return false;
	a = evidence__rebuild(r->evidence, f->evidence[0]);
	if (f->nevidence == 1)
		return !a || a->cache || a->overwritten;
	b = evidence__rebuild(r->evidence, f->evidence[1]);
	return !a || !b || (a->cache && a->cache == b->overwritten);
}

bool judge__finding(struct replay *r, const struct ovl_record *rec)
{
	const struct rec_finding *f = &rec->finding;
	struct recording *rc = &r->rec;
	bool proved = true;

	rc->recorded[f->kind]++;
	if (f->told_apart) {
		rc->command_findings += f->of_command == TRISTATE_YES;
		rc->unknown_findings += f->of_command == TRISTATE_UNKNOWN;
	}
	if (by_record(f->kind)) {
		/* counted when the detector found it; otherwise it is not proved */
		proved = pending_take(rc, f);
		if (!evidence_there(r, f) && !proved)
			return false;
		if (!proved && unprovable(rc, f)) {
			rc->counts.finding[f->kind]++;
			return true;
		}
	} else {
		if (!evidence_there(r, f))
			return false;
		proved = unfreed_proved(r, f);
		if (proved)
			rc->counts.finding[f->kind]++;
	}
	if (!proved)
		replay__fault(r, DAMAGE_UNPROVED, "%s, record %" PRIu64,
			      finding_kind__name(f->kind), rec->seq);
	return proved;
}

bool judge__stale_end(struct replay *r, const struct ovl_record *rec)
{
	const struct rec_stale_end *end = &rec->stale_end;
	struct evidence_record e;

	r->rec.stale_ends++;
	switch (find(r, end->finding, &e)) {
	case EVIDENCE_FORGOTTEN:
		r->rec.forgotten++;
		return true;
	case EVIDENCE_THERE:
		if (e.type == RECORD_FINDING && e.dir == evidence__dir(&end->dir))
			return true;
		break;
	case EVIDENCE_ABSENT:
		break;
	}
	replay__fault(r, DAMAGE_STALE_END, "record %" PRIu64 " ends record %" PRIu64, rec->seq,
		      end->finding);
	return true;
}
