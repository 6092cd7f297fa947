// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lowest file of the model: what the others need to report a record. Calls go
 * only down, so that an event passes each file once. From the top: model, rebuild,
 * invariants, ledger, emit; and model, merged, merged_life, emit.
 */
#include "model/internal.h"

#include <string.h>

void model__inconsistent(struct model *m, enum inconsistency which)
{
	m->inconsistencies[which]++;
	m->counts.inconsistencies++;
}

uint64_t model__emit(struct model *m, struct ovl_record *rec, uint64_t ts_ns)
{
	/* a judgement may concern an earlier time: the record has the time of the judgement */
	if (ts_ns > m->ts_ns)
		m->ts_ns = ts_ns;
	rec->ts_ns = m->ts_ns;
	rec->seq = ++m->seq;
	m->opts.emit(m->opts.emit_ctx, rec);
	return rec->seq;
}

void model__rec_dir(struct rec_dir *rec, const struct mdir *dir)
{
	if (!dir)
		return;
	rec->ino = dir->ino;
	rec->dev = dir->dev;
	rec->path = dir->path;
	rec->path_in_mount = true;
}

uint64_t model__finding(struct model *m, const struct model_finding *f, uint64_t ts_ns)
{
	struct ovl_record rec = { .type = RECORD_FINDING };

	rec.finding.kind = f->kind;
	model__rec_dir(&rec.finding.dir, f->dir);
	rec.finding.task = *f->task;
	rec.finding.exact = f->exact;
	memcpy(rec.finding.evidence, f->evidence, f->nevidence * sizeof(*f->evidence));
	rec.finding.nevidence = f->nevidence;
	rec.finding.text = f->text;
	rec.finding.at_ns = f->at_ns;
	m->counts.finding[f->kind]++;
	return model__emit(m, &rec, ts_ns);
}

void model__detected(void *ctx, const struct detected *d)
{
	struct model_report *rep = ctx;
	uint64_t seq;

	rep->f.kind = d->kind;
	rep->f.exact = d->exact;
	rep->f.text = d->text;
	if (rep->began)
		rep->f.at_ns = rep->began(rep);
	seq = model__finding(rep->m, &rep->f, rep->ts_ns);
	if (d->kind == FINDING_STALE_STORE)
		rep->stale_seq = seq;
}

void model__task(const struct model *m, struct rec_task *to, const struct ovlw_hdr *hdr,
		 const struct ovlw_task *t)
{
	memset(to, 0, sizeof(*to));
	to->pid = hdr->pid;
	to->tid = hdr->tid;
	if (t) {
		memcpy(to->comm, t->comm, sizeof(to->comm));
		to->cgroup = t->cgroup;
	}
	if (m->opts.belongs)
		m->opts.belongs(m->opts.belongs_ctx, to, hdr->ts_ns);
}

bool model__task_wanted(const struct model *m, const struct rec_task *task)
{
	return !task->unwanted && (!m->opts.wants || m->opts.wants(m->opts.wants_ctx, task));
}
