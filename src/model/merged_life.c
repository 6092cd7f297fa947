// SPDX-License-Identifier: GPL-2.0-only
/* The life of a merged directory's cache: its streams, its end, and what is reported then. */
#include "model/merged_internal.h"

#include <stdlib.h>
#include <string.h>

struct mmerged *merged__find(struct model *m, uint64_t ptr)
{
	struct mmerged *c;

	HASH_FIND(hh, m->merged, &ptr, sizeof(ptr), c);
	return c;
}

struct mstream *merged__stream_find(struct model *m, uint64_t file)
{
	struct mstream *s = NULL;

	if (file)
		HASH_FIND(hh, m->streams, &file, sizeof(file), s);
	return s;
}

void merged__stream_drop(struct model *m, struct mstream *s)
{
	if (!s)
		return;
	s->cache->known--;
	HASH_DEL(m->streams, s);
	free(s);
}

void merged__stream_add(struct model *m, uint64_t file, struct mmerged *c)
{
	struct mstream *s;

	if (!file)
		return;
	s = calloc(1, sizeof(*s));
	if (!s) {
		model__inconsistent(m, INCONSISTENT_NO_MEMORY);
		return;
	}
	s->file = file;
	s->cache = c;
	HASH_ADD(hh, m->streams, file, sizeof(s->file), s);
	if (!hash__holds(s)) {
		model__inconsistent(m, INCONSISTENT_NO_MEMORY);
		free(s);
		return;
	}
	c->known++;
}

bool merged__has_losses(const struct model *m, const struct mmerged *c)
{
	return m->lost_seen != c->lost_before;
}

void merged__stop_judging(struct model *m, enum inconsistency which)
{
	model__inconsistent(m, which);
	m->merged_not_judged = true;
}

static void forget(struct model *m, struct mmerged *c)
{
	struct mstream *s, *tmp;

	if (c->last_by)
		c->last_by->unfreed = NULL;
	if (c->known)
		HASH_ITER(hh, m->streams, s, tmp)
			if (s->cache == c)
				merged__stream_drop(m, s);
	HASH_DEL(m->merged, c);
	DL_DELETE(c->dir->merged, c);
	free((void *)c->rec.stack.raw);
	free(c);
}

void merged__keep_stack(struct model *m, struct mmerged *c, const struct ovlw_hdr *hdr)
{
	const struct ovlw_stack *from = stack__get(m, hdr).raw;
	struct ovlw_stack *to = from ? malloc(sizeof(*to)) : NULL;

	if (!to)
		return;
	*to = *from;
	c->rec.stack.raw = to;
}

/* When the defect began: the record is written only at the end of the cache's life. */
static uint64_t began(const struct model_report *rep)
{
	const struct mmerged *c = rep->merged;

	switch (rep->f.kind) {
	case FINDING_MERGED_LEAK:
		return c->left_ns;
	case FINDING_MERGED_STALE_CACHE:
		return c->stale_ns ? c->stale_ns : c->rec.stored_ns;
	default:
		return c->wrong_ns;
	}
}

void merged__end(struct model *m, struct mmerged *c, enum merged_end how, uint64_t ts_ns)
{
	struct ovl_record rec = { .type = RECORD_MERGED_CACHE };
	struct detect_subject subject = { .merged = &c->rec };
	uint64_t seq;
	struct model_report rep = {
		.m = m,
		.f = { .dir = c->dir, .task = &c->rec.task, .evidence = &seq, .nevidence = 1 },
		.ts_ns = ts_ns,
		.began = began,
		.merged = c,
	};

	c->rec.how = c->rec.freed_ns ? MERGED_END_FREED : how;
	c->rec.cut |= merged__has_losses(m, c) || m->merged_not_judged;
	model__rec_dir(&c->rec.dir, c->dir);
	if (c->reported) {
		rec.merged = c->rec;
		seq = model__emit(m, &rec, ts_ns);
		detect__run(&subject, model__detected, &rep);
	}
	forget(m, c);
}

struct mmerged *merged__add(struct model *m, const struct ovlw_merged *ev, struct mdir *dir)
{
	struct mmerged *c = calloc(1, sizeof(*c));

	if (!c) {
		model__inconsistent(m, INCONSISTENT_NO_MEMORY);
		return NULL;
	}
	c->dir = dir;
	c->rec.cache = ev->cache;
	model__task(m, &c->rec.task, &ev->hdr, &ev->task);
	c->rec.version_stamped = ev->stamp;
	c->lost_before = ev->hdr.lost;
	c->reported = model__task_wanted(m, &c->rec.task);
	HASH_ADD(hh, m->merged, rec.cache, sizeof(c->rec.cache), c);
	if (!hash__holds(c)) {
		model__inconsistent(m, INCONSISTENT_NO_MEMORY);
		free(c);
		return NULL;
	}
	DL_APPEND(dir->merged, c);
	return c;
}

void merged__abandoned(struct model *m, struct mmerged *c, struct mtask *t, uint64_t ts_ns)
{
	if (c->streams || c->in_slot || c->last_by == t)
		return;
	if (c->rec.freed_ns) {
		merged__end(m, c, MERGED_END_FREED, ts_ns);
		return;
	}
	merged__judge_task(m, t, ts_ns);
	if (c->last_by)
		c->last_by->unfreed = NULL;
	c->left_ns = ts_ns;
	c->last_by = t;
	t->unfreed = c;
}

void merged__judge_task(struct model *m, struct mtask *t, uint64_t ts_ns)
{
	bool seen = m->opts.sees_merged_frees && m->opts.sees_merged_puts;

	if (t->unfreed)
		merged__end(m, t->unfreed, seen ? MERGED_END_LEAKED : MERGED_END_UNKNOWN, ts_ns);
}

void merged__unslot(struct model *m, struct mmerged *c, struct mtask *t, uint64_t ts_ns)
{
	c->in_slot = false;
	merged__abandoned(m, c, t, ts_ns);
}

void merged__destroyed(struct model *m, struct mdir *dir, uint64_t slot, uint64_t ts_ns)
{
	struct mmerged *c, *tmp;

	DL_FOREACH_SAFE(dir->merged, c, tmp) {
		if (c->rec.freed_ns) {
			merged__end(m, c, MERGED_END_FREED, ts_ns);
		} else if (c->last_by) {
			merged__judge_task(m, c->last_by, ts_ns);
		} else if (slot && c->rec.cache == slot && !c->streams) {
			merged__end(m, c, MERGED_END_INODE, ts_ns);
		} else {
			/* an inode that is destroyed has no open streams */
			if (slot && c->streams && !merged__has_losses(m, c))
				merged__stop_judging(m, INCONSISTENT_MERGED_STREAM);
			merged__end(m, c, MERGED_END_UNKNOWN, ts_ns);
		}
	}
}

void merged__finish(struct model *m, struct mdir *dir, uint64_t ts_ns)
{
	struct mmerged *c, *tmp;

	DL_FOREACH_SAFE(dir->merged, c, tmp) {
		if (c->last_by)
			merged__judge_task(m, c->last_by, ts_ns);
		else
			merged__end(m, c, MERGED_END_TRACE, ts_ns);
	}
}

void merged__drop_dir(struct model *m, struct mdir *dir)
{
	struct mmerged *c, *tmp;

	DL_FOREACH_SAFE(dir->merged, c, tmp)
		forget(m, c);
}

void merged__deinit(struct model *m)
{
	struct mstream *s, *tmp;

	HASH_ITER(hh, m->streams, s, tmp)
		merged__stream_drop(m, s);
}

/* Keeps a count of seen defects, although others may have been missed. */
static void unseen(uint64_t *n)
{
	*n = *n ? *n : COUNT_UNSEEN;
}

void merged__counts(const struct model *m, struct rec_counts *c)
{
	bool frees = m->opts.sees_merged_frees, puts = m->opts.sees_merged_puts;
	bool gets = m->opts.sees_merged_gets, stores = m->opts.sees_merged_stores;

	c->has_merged = m->opts.merged;
	if (!c->has_merged)
		return;
	if (!stores)
		c->merged_stores = COUNT_UNSEEN;
	if (!gets)
		c->merged_gets = COUNT_UNSEEN;
	if (!puts)
		c->merged_puts = COUNT_UNSEEN;
	if (!frees)
		c->merged_frees = COUNT_UNSEEN;
	if (!stores || !gets)
		unseen(&c->finding[FINDING_MERGED_STALE_CACHE]);
	if (!stores || !gets || !puts)
		unseen(&c->finding[FINDING_MERGED_REFCOUNT]);
	if (!stores || !gets || !puts || !frees)
		unseen(&c->finding[FINDING_MERGED_LEAK]);
}
