// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caches of merged directories. One is stored by the listing that built
 * it, taken by others, given back by each, and freed by the last. The kernel
 * counts its streams in refcount; here they are counted from what each stream
 * does, and the two must agree.
 *
 * A cache that no stream has, and that is in no slot, must be freed by whoever
 * made it so before that task does anything else.
 */
#include "model_int.h"

#include <stdlib.h>
#include <string.h>

#include "detect.h"

/* A task may have been in the middle of a put when the probes came. */
#define EARLY_NS 1000000000ULL

bool merged__is(uint16_t type)
{
	return type >= OVLW_M_STORE && type <= OVLW_M_FREE;
}

static struct mmerged *find(struct model *m, uint64_t ptr)
{
	struct mmerged *c;

	HASH_FIND(hh, m->merged, &ptr, sizeof(ptr), c);
	return c;
}

static struct mstream *stream_find(struct model *m, uint64_t file)
{
	struct mstream *s = NULL;

	if (file)
		HASH_FIND(hh, m->streams, &file, sizeof(file), s);
	return s;
}

static void stream_drop(struct model *m, struct mstream *s)
{
	if (!s)
		return;
	s->cache->known--;
	HASH_DEL(m->streams, s);
	free(s);
}

static void stream_add(struct model *m, uint64_t file, struct mmerged *c)
{
	struct mstream *s;

	if (!file)
		return;
	s = calloc(1, sizeof(*s));
	if (!s) {
		model__doubt(m, DOUBT_NO_MEMORY);
		return;
	}
	s->file = file;
	s->cache = c;
	c->known++;
	HASH_ADD(hh, m->streams, file, sizeof(s->file), s);
}

static bool lossy(const struct model *m, const struct mmerged *c)
{
	return m->lost_seen != c->lost_before;
}

/* What streams have is not what was seen: from here on nothing is judged. */
static void unsure(struct model *m, enum model_doubt doubt)
{
	model__doubt(m, doubt);
	m->merged_unsure = true;
}

static void forget(struct model *m, struct mmerged *c)
{
	struct mstream *s, *tmp;

	if (c->last_by)
		c->last_by->unfreed = NULL;
	if (c->known)
		HASH_ITER(hh, m->streams, s, tmp)
			if (s->cache == c)
				stream_drop(m, s);
	HASH_DEL(m->merged, c);
	DL_DELETE(c->dir->merged, c);
	free(c);
}

/* The record comes when the life is over. */
static uint64_t began(const struct mmerged *c, enum finding_kind kind)
{
	switch (kind) {
	case FINDING_MERGED_LEAK:
		return c->left_ns;
	case FINDING_MERGED_STALE:
		return c->stale_ns ? c->stale_ns : c->rec.stored_ns;
	default:
		return c->wrong_ns;
	}
}

/* Its life is over, in that way unless it was freed: writes it down, and judges it. */
static void end(struct model *m, struct mmerged *c, enum merged_end how, uint64_t ts_ns)
{
	struct ovl_record rec = { .type = RECORD_MERGED_CACHE };
	char text[DETECT_TEXT];
	uint64_t seq;
	size_t i;

	c->rec.how = c->rec.freed_ns ? MERGED_END_FREED : how;
	c->rec.cut |= lossy(m, c) || m->merged_unsure;
	model__rec_dir(&c->rec.dir, c->dir);
	if (c->reported) {
		rec.merged = c->rec;
		seq = model__emit(m, &rec, ts_ns);
		for (i = 0; detectors[i]; i++)
			if (detectors[i]->merged && detectors[i]->merged(&c->rec, text))
				model__finding_at(m, detectors[i]->kind, c->dir, &c->rec.task,
						  c->rec.stored_ns, &seq, 1, text,
						  began(c, detectors[i]->kind), ts_ns);
	}
	forget(m, c);
}

static struct mmerged *add(struct model *m, const struct ovlw_merged *ev, struct mdir *dir)
{
	struct mmerged *c = calloc(1, sizeof(*c));

	if (!c) {
		model__doubt(m, DOUBT_NO_MEMORY);
		return NULL;
	}
	c->dir = dir;
	c->rec.cache = ev->cache;
	model__task(&c->rec.task, &ev->hdr, &ev->task);
	c->rec.version_stamped = ev->stamp;
	c->lost_before = ev->hdr.lost;
	c->reported = model__pid_wanted(m, ev->hdr.pid);
	HASH_ADD(hh, m->merged, rec.cache, sizeof(c->rec.cache), c);
	DL_APPEND(dir->merged, c);
	return c;
}

/* One that is older than the trace: its refcount is believed. before: this event's stream. */
static struct mmerged *adopt(struct model *m, const struct ovlw_merged *ev, struct mdir *dir,
			     int before)
{
	struct mmerged *c = add(m, ev, dir);

	if (!c)
		return NULL;
	c->adopted = true;
	c->streams = ev->refcount - before;
	c->in_slot = ev->dir.slot == ev->cache;
	return c;
}

/* Nobody has it any more: t has until its next operation to free it. */
static void abandoned(struct model *m, struct mmerged *c, struct mtask *t, uint64_t ts_ns)
{
	if (c->streams || c->in_slot || c->last_by == t)
		return;
	if (c->rec.freed_ns) {
		end(m, c, MERGED_END_FREED, ts_ns);
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
		end(m, t->unfreed, seen ? MERGED_END_LEAKED : MERGED_END_UNKNOWN, ts_ns);
}

static void unslot(struct model *m, struct mmerged *c, struct mtask *t, uint64_t ts_ns)
{
	c->in_slot = false;
	abandoned(m, c, t, ts_ns);
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

/* The kernel's count against ours, where ours goes back to the cache's begin. */
static void check(struct model *m, struct mmerged *c, const struct ovlw_merged *ev)
{
	if (c->rec.freed_ns)
		return; /* what is read there now is anybody's */
	if (ev->stamp != c->rec.version_stamped && !c->rec.cut) {
		c->rec.cut = true;
		model__doubt(m, DOUBT_LATE_STAMP);
	}
	if (c->adopted)
		c->streams = ev->refcount;
	else
		miscount(c, ev->refcount, ev->hdr.ts_ns);
}

static void on_store(struct model *m, const struct ovlw_merged *ev, struct mtask *t,
		     struct mdir *dir)
{
	struct mmerged *c = find(m, ev->cache), *old;

	if (c) {
		/* an address comes back only after a free */
		if (!c->rec.freed_ns && !lossy(m, c))
			unsure(m, DOUBT_MERGED_MISSED_FREE);
		end(m, c, MERGED_END_UNKNOWN, ev->hdr.ts_ns);
	}
	old = ev->dir.slot != ev->cache ? find(m, ev->dir.slot) : NULL;
	if (old && old->dir == dir)
		unslot(m, old, t, ev->hdr.ts_ns);
	if (ev->flags & OVLW_MF_BADLIST)
		model__doubt(m, DOUBT_BAD_LIST);
	c = add(m, ev, dir);
	if (!c)
		return;
	c->rec.stored_ns = ev->hdr.ts_ns;
	c->rec.version_known = ev->flags & OVLW_MF_VERSION;
	c->rec.version_read = c->rec.version_known ? ev->version : 0;
	if (c->rec.version_known && c->rec.version_read != ev->stamp)
		c->stale_ns = ev->hdr.ts_ns;
	c->rec.entries = ev->entries;
	c->rec.gets = 1;
	c->in_slot = true;
	c->streams = 1;
	miscount(c, ev->refcount, ev->hdr.ts_ns);
	if (c->reported) {
		m->counts.merged_stores++;
		m->counts.merged_gets++;
	}
	if (stream_find(m, ev->file)) {
		if (!lossy(m, c))
			unsure(m, DOUBT_MERGED_STREAM);
		stream_drop(m, stream_find(m, ev->file));
	}
	stream_add(m, ev->file, c);
}

/* Of a stream that was just opened or rewound: is it what the directory is now? */
static void outdated(struct mmerged *c, const struct ovlw_merged *ev)
{
	/* the slot's may have become a newer one while the listing had dropped the lock */
	if (c->rec.freed_ns || !(ev->flags & OVLW_MF_VERSION) || ev->stamp == ev->version ||
	    ev->stamp == ev->dir.version)
		return;
	if (!c->rec.outdated++ && !c->stale_ns)
		c->stale_ns = ev->hdr.ts_ns;
}

static void on_get(struct model *m, const struct ovlw_merged *ev, struct mdir *dir)
{
	struct mmerged *c = find(m, ev->cache);
	struct mstream *s = stream_find(m, ev->file);

	if (ev->flags & OVLW_MF_ODD) {
		unsure(m, DOUBT_MERGED_STREAM);
		return;
	}
	if (s) {
		if (!lossy(m, s->cache))
			unsure(m, DOUBT_MERGED_STREAM);
		stream_drop(m, s);
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
	stream_add(m, ev->file, c);
}

static void on_kept(struct model *m, const struct ovlw_merged *ev, struct mdir *dir)
{
	struct mmerged *c = find(m, ev->cache);

	if (!c)
		c = adopt(m, ev, dir, 0);
	if (c)
		outdated(c, ev);
}

static void on_put(struct model *m, const struct ovlw_merged *ev, struct mtask *t, struct mdir *dir)
{
	struct mmerged *c = find(m, ev->cache);
	struct mstream *s = stream_find(m, ev->file);

	if (!ev->cache || !dir) {
		if (ev->hdr.ts_ns > m->begin_ns + EARLY_NS)
			unsure(m, DOUBT_MERGED_PUT);
		return;
	}
	if (ev->flags & OVLW_MF_LATE && !m->opts.late_merged_puts)
		unsure(m, DOUBT_MERGED_PUT);
	if (!c)
		c = adopt(m, ev, dir, 0);
	if (!c)
		return;
	if (s ? s->cache != c : c->rec.version_known && !c->adopted) {
		if (!lossy(m, c))
			unsure(m, DOUBT_MERGED_STREAM);
	}
	stream_drop(m, s);
	check(m, c, ev);
	c->streams--;
	c->rec.puts++;
	m->counts.merged_puts += c->reported;
	abandoned(m, c, t, ev->hdr.ts_ns);
}

static void on_free(struct model *m, const struct ovlw_merged *ev)
{
	struct mmerged *c = find(m, ev->cache);

	if (!c) {
		if (!m->lost_seen)
			unsure(m, DOUBT_MERGED_LATE_FREE);
		return;
	}
	m->counts.merged_frees += c->reported && !c->rec.freed_ns;
	c->rec.freed_ns = ev->hdr.ts_ns;
	if (c->streams > 0) {
		c->rec.freed_under = c->streams;
		wrong(c, ev->hdr.ts_ns);
	}
	if (!c->streams && !c->in_slot)
		end(m, c, MERGED_END_FREED, ev->hdr.ts_ns);
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
		c = find(m, ev->cache);
		if (c)
			unslot(m, c, t, ev->hdr.ts_ns);
		break;
	case OVLW_M_FREE:
		on_free(m, ev);
		break;
	default:
		break;
	}
}

void merged__destroyed(struct model *m, struct mdir *dir, uint64_t slot, uint64_t ts_ns)
{
	struct mmerged *c, *tmp;

	DL_FOREACH_SAFE(dir->merged, c, tmp) {
		if (c->rec.freed_ns) {
			end(m, c, MERGED_END_FREED, ts_ns);
		} else if (c->last_by) {
			merged__judge_task(m, c->last_by, ts_ns);
		} else if (slot && c->rec.cache == slot && !c->streams) {
			end(m, c, MERGED_END_INODE, ts_ns);
		} else {
			/* an inode has no open streams when it goes */
			if (slot && c->streams && !lossy(m, c))
				unsure(m, DOUBT_MERGED_STREAM);
			end(m, c, MERGED_END_UNKNOWN, ts_ns);
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
			end(m, c, MERGED_END_TRACE, ts_ns);
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
		stream_drop(m, s);
}

/* A defect that was seen is counted, even where others may have gone unseen. */
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
		unseen(&c->finding[FINDING_MERGED_STALE]);
	if (!stores || !gets || !puts)
		unseen(&c->finding[FINDING_MERGED_REFCOUNT]);
	if (!stores || !gets || !puts || !frees)
		unseen(&c->finding[FINDING_MERGED_LEAK]);
}
