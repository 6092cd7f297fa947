// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger of live caches. A cache is stored, perhaps overwritten, and freed. The
 * task that overwrites a cache must free it before that task does anything else, and
 * before another task touches the directory. Otherwise the cache is unreachable.
 */
#include "model/internal.h"

#include <stdlib.h>
#include <string.h>

struct mcache *ledger__find(struct model *m, uint64_t ptr)
{
	struct mcache *c;

	HASH_FIND(hh, m->caches, &ptr, sizeof(ptr), c);
	return c;
}

static void forget(struct model *m, struct mcache *c)
{
	HASH_DEL(m->caches, c);
	DL_DELETE(c->dir->caches, c);
	if (m->spare)
		free(c);
	else
		m->spare = c;
}

/* Cleared. NULL without memory. */
static struct mcache *new (struct model *m)
{
	struct mcache *c = m->spare;

	if (!c)
		return calloc(1, sizeof(*c));
	m->spare = NULL;
	memset(c, 0, sizeof(*c));
	return c;
}

static struct mcache *add(struct model *m, struct mdir *dir, uint64_t ptr)
{
	struct mcache *c = new (m);

	if (!c) {
		model__inconsistent(m, INCONSISTENT_NO_MEMORY);
		return NULL;
	}
	c->ptr = ptr;
	c->dir = dir;
	HASH_ADD(hh, m->caches, ptr, sizeof(c->ptr), c);
	if (!hash__holds(c)) {
		model__inconsistent(m, INCONSISTENT_NO_MEMORY);
		free(c);
		return NULL;
	}
	DL_APPEND(dir->caches, c);
	return c;
}

static void unpend(struct model *m, const struct mcache *c)
{
	struct mtask *t, *tmp;

	HASH_ITER(hh, m->tasks, t, tmp)
		if (t->pending == c)
			t->pending = NULL;
}

/* If c is stale, reports that its content is no longer served. */
static void stale_over(struct model *m, struct mcache *c, enum stale_end how, uint64_t ts_ns)
{
	struct ovl_record rec;

	if (!c->stale_seq)
		return;
	rec = (struct ovl_record){ .type = RECORD_STALE_END };
	model__rec_dir(&rec.stale_end.dir, c->dir);
	rec.stale_end.finding = c->stale_seq;
	rec.stale_end.stored_ns = c->stored_ns;
	rec.stale_end.how = how;
	c->stale_seq = 0;
	model__emit(m, &rec, ts_ns);
}

void ledger__stored(struct model *m, struct mdir *dir, const struct slot_change *ch)
{
	const struct ovlw_cache *ev = ch->ev;
	struct mcache *c, *old, *tmp;

	c = ledger__find(m, ev->cache);
	if (c) {
		/* an address comes back only after a free */
		if (c->state != CACHE_FREED)
			model__inconsistent(m, INCONSISTENT_MISSED_FREE);
		stale_over(m, c, STALE_END_FREED, ev->hdr.ts_ns);
		unpend(m, c);
		forget(m, c);
	}
	c = add(m, dir, ev->cache);
	if (!c)
		return;
	c->owner = *ch->by;
	c->owner.cgroup_path = NULL;
	c->stamp = ev->stamp;
	c->stored_ns = ev->hdr.ts_ns;
	c->stored_seq = ch->seq;
	c->stale_seq = ch->stale_seq;
	c->owner_reported = ch->reported;
	c->stored_seen = true;
	c->lost_at_store = ev->hdr.lost;
	/*
	 * Freed caches are kept only while the slot may still name them. They go last: uthash
	 * frees an empty table and allocates it again.
	 */
	DL_FOREACH_SAFE(dir->caches, old, tmp)
		if (old->state == CACHE_FREED)
			forget(m, old);
}

static bool freed_before(const struct model *m, uint64_t ptr)
{
	size_t i, n = m->nfreed_seen < MODEL_FREED_SEEN ? m->nfreed_seen : MODEL_FREED_SEEN;

	for (i = 0; i < n; i++)
		if (m->freed_seen[i] == ptr)
			return true;
	return false;
}

/* The slot has what was stored there last, until that is overwritten or freed. */
static void check_slot(struct model *m, const struct mdir *dir, const struct ovlw_cache *ev)
{
	const struct mcache *c;

	DL_FOREACH(dir->caches, c)
		if (c->state == CACHE_LIVE && c->stored_seen && c->ptr != ev->dir.slot &&
		    c->ptr != ev->cache && c->lost_at_store == ev->hdr.lost)
			model__inconsistent(m, INCONSISTENT_NOT_IN_SLOT);
}

void ledger__overwritten(struct model *m, struct mdir *dir, struct mtask *task,
			 const struct slot_change *ch)
{
	const struct ovlw_cache *ev = ch->ev;
	uint64_t old = ev->dir.slot;
	struct mcache *c;

	check_slot(m, dir, ev);
	if (!old || old == ev->cache)
		return;
	c = ledger__find(m, old);
	/* if the address now belongs to another directory, this one's cache was freed */
	if (c && (c->state != CACHE_LIVE || c->dir != dir))
		return;
	if (!c) {
		/*
		 * The last user of a refcounted cache frees it, not the task that overwrites
		 * the slot. A rebuild that began before the trace may have freed its cache then.
		 */
		if (freed_before(m, old) || ev->slot_refcount || !ch->seq)
			return;
		c = add(m, dir, old);
		if (!c)
			return;
		c->lost_at_store = ev->hdr.lost;
	}
	stale_over(m, c, STALE_END_OVERWRITTEN, ev->hdr.ts_ns);
	c->state = CACHE_OVERWRITTEN;
	c->by = *ch->by;
	c->by.cgroup_path = NULL;
	c->by_seq = ch->seq;
	c->over_ns = ev->hdr.ts_ns;
	c->by_null = !ev->cache;
	c->by_reported = ch->reported;
	if (!m->opts.late_frees)
		task->pending = c;
}

void ledger__hand_over(struct model *m, uint64_t ptr, uint64_t ts_ns)
{
	struct mcache *c = ledger__find(m, ptr);

	if (!c)
		return;
	stale_over(m, c, STALE_END_OVERWRITTEN, ts_ns);
	unpend(m, c);
	forget(m, c);
}

void ledger__freed(struct model *m, const struct ovlw_cache *ev)
{
	struct mcache *c = ledger__find(m, ev->cache);

	if (!c) {
		if (!(ev->flags & OVLW_F_NEW))
			m->freed_seen[m->nfreed_seen++ % MODEL_FREED_SEEN] = ev->cache;
		return;
	}
	if (c->stored_seen && c->state != CACHE_FREED && c->stamp != ev->stamp)
		model__inconsistent(m, INCONSISTENT_LATE_STAMP);
	unpend(m, c);
	stale_over(m, c, STALE_END_FREED, ev->hdr.ts_ns);
	if (c->state == CACHE_OVERWRITTEN)
		forget(m, c);
	else
		c->state = CACHE_FREED;
}

static void judge(struct model *m, struct mcache *c, bool with_inode, uint64_t ts_ns)
{
	struct lost_cache lc = {
		.cache = c->ptr,
		.version = c->stamp,
		.owner = c->owner,
		.by = c->by,
		.by_null = c->by_null,
		.with_inode = with_inode,
		.proved = c->stored_seq && c->by_seq && !with_inode,
	};
	struct detect_subject subject = { .lost_cache = &lc };
	uint64_t evidence[2];
	struct model_report rep = {
		.m = m,
		.f = {
			.dir = c->dir,
			.task = with_inode ? &c->owner : &c->by,
			.evidence = evidence,
			.at_ns = with_inode ? ts_ns : c->over_ns,
		},
		.ts_ns = ts_ns,
	};

	/*
	 * Its free may be among the events lost since the store. Some losses are only known at
	 * the end, when late frees are judged.
	 */
	if (!m->opts.sees_frees || m->lost_seen != c->lost_at_store ||
	    (m->opts.late_frees && m->counts.lost) ||
	    !(with_inode ? c->owner_reported : c->by_reported))
		return;
	if (c->stored_seq)
		evidence[rep.f.nevidence++] = c->stored_seq;
	if (c->by_seq)
		evidence[rep.f.nevidence++] = c->by_seq;
	detect__run(&subject, model__detected, &rep);
}

static void judge_and_forget(struct model *m, struct mcache *c, uint64_t ts_ns)
{
	judge(m, c, false, ts_ns);
	unpend(m, c);
	forget(m, c);
}

void ledger__judge_task(struct model *m, struct mtask *task, uint64_t ts_ns)
{
	struct mcache *c = task->pending;

	if (!c)
		return;
	/* taken out of the slot before this rebuild: the rebuild's end may free it */
	if (c->by_null && !c->begin_passed)
		c->begin_passed = true;
	else
		judge_and_forget(m, c, ts_ns);
}

static bool is_pending(const struct model *m, const struct mcache *c)
{
	struct mtask *t, *tmp;

	HASH_ITER(hh, m->tasks, t, tmp)
		if (t->pending == c)
			return true;
	return false;
}

void ledger__judge_dir(struct model *m, struct mdir *dir, const struct mtask *but, uint64_t ts_ns)
{
	struct mcache *c, *tmp;

	if (m->opts.late_frees)
		return;
	DL_FOREACH_SAFE(dir->caches, c, tmp) {
		if (c->state != CACHE_OVERWRITTEN || (but && but->pending == c))
			continue;
		if (but && c->by_null && is_pending(m, c))
			continue;
		judge_and_forget(m, c, ts_ns);
	}
}

void ledger__destroyed(struct model *m, struct mdir *dir, uint64_t slot, uint64_t ts_ns)
{
	struct mcache *c, *tmp;

	ledger__judge_dir(m, dir, NULL, ts_ns);
	DL_FOREACH_SAFE(dir->caches, c, tmp) {
		if (c->state == CACHE_LIVE && c->ptr != slot) {
			if (m->slot_used)
				judge(m, c, true, ts_ns);
			else if (c->lost_at_store == m->lost_seen)
				model__inconsistent(m, INCONSISTENT_NOT_IN_SLOT);
		}
		stale_over(m, c, STALE_END_INODE, ts_ns);
		/* its free may still follow: judged when the trace ends */
		if (c->state == CACHE_OVERWRITTEN)
			continue;
		unpend(m, c);
		forget(m, c);
	}
}

void ledger__forgotten(struct model *m, struct mdir *dir, uint64_t ts_ns)
{
	struct mcache *c, *tmp;

	ledger__judge_dir(m, dir, NULL, ts_ns);
	DL_FOREACH_SAFE(dir->caches, c, tmp) {
		stale_over(m, c, STALE_END_INODE, ts_ns);
		unpend(m, c);
		forget(m, c);
	}
}

void ledger__finish(struct model *m, struct mdir *dir, uint64_t ts_ns)
{
	struct mcache *c, *tmp;

	DL_FOREACH_SAFE(dir->caches, c, tmp)
		if (c->state == CACHE_OVERWRITTEN)
			judge_and_forget(m, c, ts_ns);
	DL_FOREACH(dir->caches, c)
		stale_over(m, c, STALE_END_TRACE, ts_ns);
}

void ledger__drop_dir(struct model *m, struct mdir *dir)
{
	struct mcache *c, *tmp;

	DL_FOREACH_SAFE(dir->caches, c, tmp)
		forget(m, c);
}
