// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caches of merged directories. The listing that builds a cache stores it; other
 * listings get it; each stream puts it, and the last one frees it. The kernel counts
 * its streams in refcount. The model counts them from the gets and puts, and the two
 * must agree.
 *
 * When a cache has no stream and is in no slot, the task that caused this must free it
 * before that task does anything else.
 */
#include "model/merged_internal.h"

/* A task may have been in the middle of a put when the probes were attached. */
#define EARLY_NS 1000000000ULL

bool merged__is(uint16_t type)
{
	return type >= OVLW_M_STORE && type <= OVLW_M_FREE;
}

/* A cache older than the trace: trust its refcount. before: references that this event added. */
static struct mmerged *adopt(struct model *m, const struct ovlw_merged *ev, struct mdir *dir,
			     int before)
{
	struct mmerged *c = merged__add(m, ev, dir);

	if (!c)
		return NULL;
	c->adopted = true;
	c->streams = ev->refcount - before;
	c->in_slot = ev->dir.slot == ev->cache;
	return c;
}

static void wrong(struct mmerged *c, uint64_t ts_ns)
{
	if (!c->wrong_ns)
		c->wrong_ns = ts_ns;
}

static void miscount(struct mmerged *c, int64_t refcount, uint64_t ts_ns)
{
	if (c->rec.miscounted || refcount == c->streams)
		return;
	wrong(c, ts_ns);
	c->rec.miscounted = true;
	c->rec.refcount = refcount;
	c->rec.streams = c->streams;
}

/* Compares the kernel's count with ours, if ours is complete. */
static void check(struct model *m, struct mmerged *c, const struct ovlw_merged *ev)
{
	if (c->rec.freed_ns)
		return; /* the memory may have been reused */
	if (ev->stamp != c->rec.version_stamped && !c->rec.cut) {
		c->rec.cut = true;
		model__inconsistent(m, INCONSISTENT_LATE_STAMP);
	}
	if (c->adopted)
		c->streams = ev->refcount;
	else
		miscount(c, ev->refcount, ev->hdr.ts_ns);
}

static void on_store(struct model *m, const struct ovlw_merged *ev, struct mtask *t,
		     struct mdir *dir)
{
	struct mmerged *c = merged__find(m, ev->cache), *old;

	if (c) {
		/* an address comes back only after a free */
		if (!c->rec.freed_ns && !merged__has_losses(m, c))
			merged__stop_judging(m, INCONSISTENT_MERGED_MISSED_FREE);
		merged__end(m, c, MERGED_END_UNKNOWN, ev->hdr.ts_ns);
	}
	old = ev->dir.slot != ev->cache ? merged__find(m, ev->dir.slot) : NULL;
	if (old && old->dir == dir)
		merged__unslot(m, old, t, ev->hdr.ts_ns);
	if (ev->flags & OVLW_MF_BADLIST)
		model__inconsistent(m, INCONSISTENT_BAD_LIST);
	c = merged__add(m, ev, dir);
	if (!c)
		return;
	c->rec.stored_ns = ev->hdr.ts_ns;
	c->rec.version_known = ev->flags & OVLW_MF_VERSION;
	c->rec.version_read = c->rec.version_known ? ev->version : 0;
	if (c->rec.version_known && c->rec.version_read != ev->stamp)
		c->stale_ns = ev->hdr.ts_ns;
	merged__keep_stack(m, c, &ev->hdr);
	c->rec.entries = ev->entries;
	c->rec.gets = 1;
	c->in_slot = true;
	c->streams = 1;
	miscount(c, ev->refcount, ev->hdr.ts_ns);
	if (c->reported) {
		m->counts.merged_stores++;
		m->counts.merged_gets++;
	}
	if (merged__stream_find(m, ev->file)) {
		if (!merged__has_losses(m, c))
			merged__stop_judging(m, INCONSISTENT_MERGED_STREAM);
		merged__stream_drop(m, merged__stream_find(m, ev->file));
	}
	merged__stream_add(m, ev->file, c);
}

/* A stream that was just opened or rewound must get a cache of the current version. */
static void outdated(struct mmerged *c, const struct ovlw_merged *ev)
{
	/* a newer cache may have been stored while the listing had dropped the lock */
	if (c->rec.freed_ns || !(ev->flags & OVLW_MF_VERSION) || ev->stamp == ev->version ||
	    ev->stamp == ev->dir.version)
		return;
	if (!c->rec.outdated++ && !c->stale_ns)
		c->stale_ns = ev->hdr.ts_ns;
}

static void on_get(struct model *m, const struct ovlw_merged *ev, struct mdir *dir)
{
	struct mmerged *c = merged__find(m, ev->cache);
	struct mstream *s = merged__stream_find(m, ev->file);

	if (ev->flags & OVLW_MF_ODD) {
		merged__stop_judging(m, INCONSISTENT_MERGED_STREAM);
		return;
	}
	if (s) {
		if (!merged__has_losses(m, s->cache))
			merged__stop_judging(m, INCONSISTENT_MERGED_STREAM);
		merged__stream_drop(m, s);
	}
	if (!c)
		c = adopt(m, ev, dir, 1);
	if (!c)
		return;
	c->streams++;
	c->rec.gets++;
	m->counts.merged_gets += c->reported;
	if (c->rec.freed_ns) {
		c->rec.got_after_free++;
		wrong(c, ev->hdr.ts_ns);
	}
	if (c->last_by) {
		c->last_by->unfreed = NULL;
		c->last_by = NULL;
	}
	check(m, c, ev);
	outdated(c, ev);
	merged__stream_add(m, ev->file, c);
}

static void on_kept(struct model *m, const struct ovlw_merged *ev, struct mdir *dir)
{
	struct mmerged *c = merged__find(m, ev->cache);

	if (!c)
		c = adopt(m, ev, dir, 0);
	if (c)
		outdated(c, ev);
}

static void on_put(struct model *m, const struct ovlw_merged *ev, struct mtask *t, struct mdir *dir)
{
	struct mmerged *c = merged__find(m, ev->cache);
	struct mstream *s = merged__stream_find(m, ev->file);

	if (!ev->cache || !dir) {
		if (ev->hdr.ts_ns > m->begin_ns + EARLY_NS)
			merged__stop_judging(m, INCONSISTENT_MERGED_PUT);
		return;
	}
	if (ev->flags & OVLW_MF_LATE && !m->opts.late_merged_puts)
		merged__stop_judging(m, INCONSISTENT_MERGED_PUT);
	if (!c)
		c = adopt(m, ev, dir, 0);
	if (!c)
		return;
	if (s ? s->cache != c : c->rec.version_known && !c->adopted) {
		if (!merged__has_losses(m, c))
			merged__stop_judging(m, INCONSISTENT_MERGED_STREAM);
	}
	merged__stream_drop(m, s);
	check(m, c, ev);
	c->streams--;
	c->rec.puts++;
	m->counts.merged_puts += c->reported;
	merged__abandoned(m, c, t, ev->hdr.ts_ns);
}

static void on_free(struct model *m, const struct ovlw_merged *ev)
{
	struct mmerged *c = merged__find(m, ev->cache);

	if (!c) {
		if (!m->lost_seen)
			merged__stop_judging(m, INCONSISTENT_MERGED_LATE_FREE);
		return;
	}
	m->counts.merged_frees += c->reported && !c->rec.freed_ns;
	c->rec.freed_ns = ev->hdr.ts_ns;
	if (c->streams > 0) {
		c->rec.freed_under = c->streams;
		wrong(c, ev->hdr.ts_ns);
	}
	if (!c->streams && !c->in_slot)
		merged__end(m, c, MERGED_END_FREED, ev->hdr.ts_ns);
}

void merged__event(struct model *m, const struct ovlw_merged *ev, struct mtask *t, struct mdir *dir)
{
	bool of_it = (ev->hdr.type == OVLW_M_FREE || ev->hdr.type == OVLW_M_UNSLOT) && t->unfreed &&
		     t->unfreed->rec.cache == ev->cache;
	struct mmerged *c;

	if (!of_it)
		merged__judge_task(m, t, ev->hdr.ts_ns);
	if (!dir && ev->hdr.type != OVLW_M_PUT && ev->hdr.type != OVLW_M_FREE)
		return;
	switch (ev->hdr.type) {
	case OVLW_M_STORE:
		on_store(m, ev, t, dir);
		break;
	case OVLW_M_GET:
		on_get(m, ev, dir);
		break;
	case OVLW_M_KEPT:
		on_kept(m, ev, dir);
		break;
	case OVLW_M_PUT:
		on_put(m, ev, t, dir);
		break;
	case OVLW_M_UNSLOT:
		c = merged__find(m, ev->cache);
		if (c)
			merged__unslot(m, c, t, ev->hdr.ts_ns);
		break;
	case OVLW_M_FREE:
		on_free(m, ev);
		break;
	default:
		break;
	}
}
