// SPDX-License-Identifier: GPL-2.0-only
/*
 * A rebuild, from its start to its store or its end without one, with the windows
 * in between.
 */
#include "model/internal.h"

#include <stdlib.h>
#include <string.h>

void rebuild__free(struct mtask *t)
{
	struct rebuild *rb = t->rebuild;

	if (!rb)
		return;
	DL_DELETE(rb->dir->rebuilds, rb);
	if (rb->windows != rb->few)
		free(rb->windows);
	t->rebuild = NULL;
}

/* A rebuild has ended unseen. It may have stored a cache in a way that we do not know. */
static void rebuild_unseen_end(struct model *m, struct mtask *t, uint64_t lost)
{
	m->counts.partial++;
	if (t->rebuild->lost_at_begin == lost)
		model__inconsistent(m, INCONSISTENT_UNSEEN_END);
	rebuild__free(t);
}

/*
 * A new rebuild runs under i_rwsem, so any rebuild of this directory that never dropped
 * it has finished without our seeing its end.
 */
static void end_others(struct model *m, const struct ovlw_event *ev, const struct mtask *t,
		       struct mdir *dir)
{
	struct rebuild *rb, *tmp;

	DL_FOREACH_SAFE(dir->rebuilds, rb, tmp)
		if (ev->locked && rb->by != t && !rb->window_open)
			rebuild_unseen_end(m, rb->by, ev->hdr.lost);
}

/* A rebuild ended without a store, an error and a clear of the flag: is there a reason now? */
static void discarded(struct model *m, struct mtask *t, bool explained)
{
	if (t->discarded && !explained)
		model__inconsistent(m, INCONSISTENT_KEPT_FLAG);
	t->discarded = 0;
}

void rebuild__begin(struct model *m, const struct ovlw_event *ev, struct mtask *t, struct mdir *dir)
{
	struct rebuild *rb = t->rebuild;

	ledger__judge_task(m, t, ev->hdr.ts_ns);
	end_others(m, ev, t, dir);
	t->failed_seq = 0;
	discarded(m, t, t->discarded == dir->inode);
	if (rb && rb->dir == dir && (rb->nwindows || m->opts.sees_leaves)) {
		/* the kernel discards what it has read, and starts over */
		rb->version_read = ev->dir.version;
		rb->reads++;
		return;
	}
	if (rb)
		rebuild_unseen_end(m, t, ev->hdr.lost);
	rb = &t->own;
	memset(rb, 0, offsetof(struct rebuild, few));
	rb->windows = rb->few;
	rb->cap = MODEL_WINDOWS;
	if (!ev->dir.impure)
		model__inconsistent(m, INCONSISTENT_NOT_IMPURE);
	if (!ev->locked && !m->opts.shared)
		model__inconsistent(m, INCONSISTENT_NOT_LOCKED);
	rb->dir = dir;
	rb->by = t;
	model__task(m, &rb->task, &ev->hdr, &ev->task);
	rb->reported = model__task_wanted(m, &rb->task);
	rb->was_impure = ev->dir.impure;
	rb->begin_ns = ev->hdr.ts_ns;
	rb->lost_at_begin = ev->hdr.lost;
	rb->version_read = ev->dir.version;
	rb->reads = 1;
	DL_APPEND(dir->rebuilds, rb);
	t->rebuild = rb;
}

void rebuild__read(const struct ovlw_event *ev, struct rebuild *rb)
{
	if (!rb)
		return;
	rb->reads++;
	/* without the lock, the reader cannot know a later version than that at the drop */
	rb->version_read = rb->window_open ? rb->windows[rb->nwindows - 1].version_drop :
					     ev->dir.version;
}

void rebuild__reacquire(struct model *m, struct rebuild *rb, const struct ovlw_hdr *hdr,
			const struct ovlw_dir *dir, uint64_t wait_ns)
{
	struct rec_window *w;

	if (!rb || !rb->window_open)
		return;
	w = &rb->windows[rb->nwindows - 1];
	w->retake_ns = hdr->ts_ns;
	w->wait_ns = wait_ns;
	w->version_retake = dir->version;
	rb->was_impure = dir->impure;
	rb->window_open = false;
	if (rb->reported) {
		m->counts.windows++;
		m->counts.mods += w->version_retake - w->version_drop;
	}
}

static bool more_windows(struct rebuild *rb)
{
	bool few = rb->windows == rb->few;
	size_t cap = 2 * rb->cap;
	struct rec_window *w = realloc(few ? NULL : rb->windows, cap * sizeof(*w));

	if (!w)
		return false;
	if (few)
		memcpy(w, rb->few, sizeof(rb->few));
	rb->windows = w;
	rb->cap = cap;
	return true;
}

void rebuild__drop(struct model *m, const struct ovlw_event *ev, struct rebuild *rb)
{
	struct rec_window *w;

	if (!rb)
		return;
	if (!ev->locked) {
		model__inconsistent(m, INCONSISTENT_FOREIGN_DROP);
		return;
	}
	/* a second drop means that the lock was reacquired unseen */
	rebuild__reacquire(m, rb, &ev->hdr, &ev->dir, 0);
	if (rb->nwindows == rb->cap && !more_windows(rb)) {
		model__inconsistent(m, INCONSISTENT_NO_MEMORY);
		return;
	}
	w = &rb->windows[rb->nwindows++];
	w->drop_ns = w->retake_ns = ev->hdr.ts_ns;
	w->wait_ns = 0;
	w->version_drop = w->version_retake = ev->dir.version;
	rb->window_open = true;
}

static uint64_t emit_rebuild(struct model *m, struct rebuild *rb, struct rec_rebuild *r,
			     uint64_t ts_ns)
{
	struct ovl_record rec;
	size_t i;

	model__rec_dir(&r->dir, rb->dir);
	r->task = rb->task;
	r->begin_ns = rb->begin_ns;
	r->end_ns = ts_ns;
	r->version_read = rb->version_read;
	r->reads = rb->reads;
	r->windows = rb->windows;
	r->nwindows = rb->nwindows;
	for (i = 0; i < rb->nwindows; i++)
		r->mods_in_window += rb->windows[i].version_retake - rb->windows[i].version_drop;
	if (!rb->reported)
		return 0;
	m->counts.rebuilds++;
	/* other members, which are longer, remain as they are */
	rec.type = RECORD_REBUILD;
	rec.rebuild = *r;
	return model__emit(m, &rec, ts_ns);
}

/* Returns the seq of a stale_store finding, 0 if there is none. */
static uint64_t detect_rebuild(struct model *m, struct rebuild *rb, const struct rec_rebuild *r,
			       uint64_t seq, uint64_t ts_ns)
{
	uint64_t evidence[RECORD_MAX_EVIDENCE];
	struct detect_subject subject = { .rebuild = r };
	struct model_report rep = {
		.m = m,
		.f = {
			.dir = rb->dir,
			.task = &rb->task,
			.evidence = evidence,
			.nevidence = rb->nmodify,
			.at_ns = ts_ns,
		},
		.ts_ns = ts_ns,
	};

	memcpy(evidence, rb->modify_seq, rb->nmodify * sizeof(*evidence));
	evidence[rep.f.nevidence++] = seq;
	if (seq)
		detect__run(&subject, model__detected, &rep);
	return rep.stale_seq;
}

/* A rebuild of which events may be lost is not reported, and proves nothing. */
static bool rebuild_cut(struct model *m, struct mtask *t, const struct ovlw_hdr *end)
{
	if (t->rebuild->lost_at_begin == end->lost)
		return false;
	m->counts.partial++;
	t->cut = true;
	rebuild__free(t);
	return true;
}

static void on_stored(struct model *m, const struct ovlw_cache *ev, struct mtask *t,
		      struct mdir *dir)
{
	struct rebuild *rb = t->rebuild;
	struct rec_rebuild r = { .outcome = OUTCOME_STORED };
	struct rec_task by;
	struct slot_change ch = { .ev = ev, .by = &by };

	model__task(m, &by, &ev->hdr, NULL);
	ch.reported = rb ? rb->reported : model__task_wanted(m, &by);
	if (ev->flags & OVLW_F_BADLIST)
		model__inconsistent(m, INCONSISTENT_BAD_LIST);
	if (ch.reported)
		m->counts.stores++;
	if (rb && rebuild_cut(m, t, &ev->hdr))
		rb = NULL;
	if (rb && rb->dir == dir) {
		rebuild__reacquire(m, rb, &ev->hdr, &ev->dir, 0);
		by = rb->task;
		r.version_at_store = ev->dir.version;
		r.version_stamped = ev->stamp;
		r.cache = ev->cache;
		r.overwritten = ev->dir.slot;
		r.entries = ev->entries;
		r.stack = stack__get(m, &ev->hdr);
		if (!rb->nwindows && rb->reads == 1 && ev->dir.version != rb->version_read &&
		    !m->opts.shared)
			model__inconsistent(m, INCONSISTENT_MISSED_DROP);
		if (ch.reported && ev->stamp == rb->version_read && ev->dir.version != ev->stamp)
			m->counts.superseded_stores++;
		ch.seq = emit_rebuild(m, rb, &r, ev->hdr.ts_ns);
		ch.stale_seq = detect_rebuild(m, rb, &r, ch.seq, ev->hdr.ts_ns);
		rebuild__free(t);
	} else if (!rb && !t->cut) {
		m->counts.partial += ch.reported;
	}
	t->cut = false;
	if (ch.reported)
		invariants__stored(m, ev, dir, &by, ch.seq);
	ledger__overwritten(m, dir, t, &ch);
	ledger__stored(m, dir, &ch);
}

void rebuild__set(struct model *m, const struct ovlw_cache *ev, struct mtask *t, struct mdir *dir)
{
	struct rec_task by;
	struct slot_change ch = { .ev = ev, .by = &by };

	if (ev->cache) {
		on_stored(m, ev, t, dir);
		return;
	}
	model__task(m, &by, &ev->hdr, NULL);
	ch.reported = model__task_wanted(m, &by);
	ledger__overwritten(m, dir, t, &ch);
}

void rebuild__join(struct model *m, struct rebuild *rb, const struct rec_task *by)
{
	size_t i, closed = rb->nwindows - rb->window_open;

	/* the other filters are about the task that rebuilds */
	if (by->unwanted || (m->opts.wants && !m->opts.wants(m->opts.wants_ctx, &rb->task)))
		return;
	rb->reported = true;
	m->counts.windows += closed;
	for (i = 0; i < closed; i++)
		m->counts.mods += rb->windows[i].version_retake - rb->windows[i].version_drop;
}

void rebuild__clear(struct rebuild *rb)
{
	if (rb)
		rb->clears = true;
}

/* The readdir ends. What it discarded may have been replaced by another task's cache. */
void rebuild__leave(struct model *m, const struct ovlw_event *ev, struct mtask *t)
{
	bool served = !ev->ret && ev->dir.slot && ev->stamp == ev->dir.version;

	if (t->rebuild)
		rebuild_unseen_end(m, t, ev->hdr.lost);
	discarded(m, t, served && t->discarded == ev->dir.inode);
}

/*
 * The task frees the cache in the slot under the lock. That cache was never seen
 * stored, and was not in the slot when the directory was first seen. So this rebuild
 * stored it unseen, and a later listing now discards it.
 */
static bool frees_unknown(struct model *m, const struct ovlw_cache *ev, const struct rebuild *rb)
{
	return !(ev->flags & OVLW_F_NEW) && !rb->window_open && ev->dir.inode == rb->dir->inode &&
	       ev->dir.slot == ev->cache && ev->cache != rb->dir->prior && !ev->refcount &&
	       !ledger__find(m, ev->cache);
}

/* The free of a new cache that was never stored ends the rebuild. */
void rebuild__freed(struct model *m, const struct ovlw_cache *ev, struct mtask *t)
{
	struct rebuild *rb = t->rebuild;
	struct rec_rebuild r = { 0 };
	uint64_t seq;
	bool unexplained;

	if (rb && frees_unknown(m, ev, rb)) {
		rebuild_unseen_end(m, t, ev->hdr.lost);
		rb = NULL;
	}
	ledger__freed(m, ev);
	if (!rb || !(ev->flags & OVLW_F_NEW) || rb->dir->inode != ev->dir.inode ||
	    rebuild_cut(m, t, &ev->hdr))
		return;
	rebuild__reacquire(m, rb, &ev->hdr, &ev->dir, 0);
	r.version_at_store = ev->dir.version;
	r.stack = stack__get(m, &ev->hdr);
	/* under the lock only this task clears the flag; it may have been clear before */
	r.impure_cleared = !ev->dir.impure && (rb->was_impure || rb->clears);
	r.outcome = !r.impure_cleared && ev->err ? OUTCOME_ERROR : OUTCOME_EMPTY;
	if (r.outcome == OUTCOME_ERROR) {
		r.err = ev->err;
		r.err_inferred = ev->flags & OVLW_F_GUESS;
	}
	unexplained = r.outcome == OUTCOME_EMPTY && ev->dir.impure &&
		      r.version_at_store == rb->version_read;
	if (unexplained && m->opts.sees_leaves)
		t->discarded = ev->dir.inode;
	else if (unexplained)
		model__inconsistent(m, INCONSISTENT_KEPT_FLAG);
	seq = emit_rebuild(m, rb, &r, ev->hdr.ts_ns);
	t->failed_seq = unexplained ? seq : 0;
	t->failed_dir = ev->dir.inode;
	detect_rebuild(m, rb, &r, seq, ev->hdr.ts_ns);
	rebuild__free(t);
}
