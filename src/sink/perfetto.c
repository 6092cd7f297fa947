// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace events for ui.perfetto.dev: a track for each thread with its rebuilds,
 * tracks for each directory with its caches and its lock-drop windows, and
 * arrows from cause to defect. The viewer sorts events, so an event is written when
 * its end is known.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record/records.h"
#include "record/write.h"
#include "sink/perfetto_internal.h"

enum {
	MARK_NS = 1000, /* width of events without a duration */
	/*
	 * Importers bind an arrow to the slice that is open at its time. They truncate to
	 * nanoseconds what they read as a double: then one nanosecond may have no width.
	 */
	ARROW_NS = 2,
};

/* An arrow may begin or end in the slice of rec, which begins at `from`. */
static void ref_set(struct perfetto *s, const struct ovl_record *rec, const struct thread *t,
		    uint64_t from)
{
	struct ref *r = &s->ref[rec->seq % REFS];

	if (t->end_ns - from < ARROW_NS)
		return;
	r->seq = rec->seq;
	r->ts_ns = from;
	r->track = t->track;
}

static void on_session(void *ctx, const struct ovl_record *rec)
{
	struct perfetto *s = ctx;
	const struct rec_session *rs = &rec->session;

	s->host = rs->host ? rs->host : "";
	s->start_ns = rec->ts_ns;
	if (!s->recording++) {
		s->first_realtime_ns = rs->start_realtime_ns;
		/* no displayTimeUnit: some importers take it for the unit of ts */
		json__open(&s->j, NULL, '{');
		json__open(&s->j, "traceEvents", '[');
	}
	s->offset_ns = rs->start_realtime_ns > s->first_realtime_ns ?
			       rs->start_realtime_ns - s->first_realtime_ns :
			       0;
	memset(s->thread, 0, sizeof(s->thread));
	memset(s->ref, 0, sizeof(s->ref));
}

static void directory(struct json *j, const struct rec_dir *dir)
{
	json__str(j, "directory", dir->path);
	if (dir->path && dir->mount_ns)
		json__u64(j, "mount_ns", dir->mount_ns);
}

static void rebuild_args(struct perfetto *s, const struct ovl_record *rec)
{
	const struct rec_rebuild *r = &rec->rebuild;
	struct json *j = &s->j;

	json__open(j, "args", '{');
	json__u64(j, "seq", rec->seq);
	directory(j, &r->dir);
	json__u64(j, "version_read", r->version_read);
	json__u64(j, "version_at_store", r->version_at_store);
	json__word(j, "outcome", rebuild_outcome__name(r->outcome));
	if (r->outcome == OUTCOME_STORED) {
		json__u64(j, "version_stamped", r->version_stamped);
		json__hex(j, "cache", r->cache);
		json__hex(j, "slot_before", r->overwritten);
		json__u64(j, "entries", r->entries);
	}
	json__stack(j, &r->stack);
	json__close(j, '}');
}

static void window_bar(struct perfetto *s, const struct ovl_record *rec, size_t i,
		       const struct dir *d)
{
	const struct rec_window *w = &rec->rebuild.windows[i];
	char id[64];
	struct bar bar = {
		.name = "lock dropped",
		.id = id,
		.ended = "retaken",
		.from = w->drop_ns,
		.to = w->retake_ns,
	};

	snprintf(id, sizeof(id), "w%u.%" PRIu64 ".%zu", s->recording, rec->seq, i);
	perfetto__bar(s, d, &bar);
}

/* One end of a slice on a thread's track; ph is B or E. */
static void edge(struct perfetto *s, const struct thread *t, const char *ph, const char *name,
		 uint64_t ts_ns)
{
	perfetto__event(s, ph, name, t->track, ts_ns);
	perfetto__event_end(s);
}

static void window_slices(struct perfetto *s, const struct thread *t, const struct rec_window *w)
{
	static const char dropped[] = "lock dropped", waits[] = "waits for the lock";

	edge(s, t, "B", dropped, w->drop_ns);
	if (w->wait_ns) {
		edge(s, t, "B", waits, w->retake_ns - w->wait_ns);
		edge(s, t, "E", waits, w->retake_ns);
	}
	edge(s, t, "E", dropped, w->retake_ns);
}

static void rebuild_edge(struct perfetto *s, const struct ovl_record *rec, const struct thread *t,
			 const char *ph)
{
	perfetto__event(s, ph, "rebuild", t->track,
			*ph == 'B' ? rec->rebuild.begin_ns : rec->rebuild.end_ns);
	rebuild_args(s, rec);
	perfetto__event_end(s);
}

/* The slices of one rebuild: windows, waits and the store nest in it. */
static void rebuild_slices(struct perfetto *s, const struct ovl_record *rec, struct thread *t,
			   const struct dir *d)
{
	const struct rec_rebuild *r = &rec->rebuild;
	uint64_t from = r->begin_ns, mark;
	const char *end;
	size_t i;

	/* A thread does one rebuild at a time: if two overlap, the file was modified. */
	if (from < t->end_ns)
		return;
	rebuild_edge(s, rec, t, "B");
	for (i = 0; i < r->nwindows; i++) {
		window_slices(s, t, &r->windows[i]);
		from = r->windows[i].retake_ns;
		if (d)
			window_bar(s, rec, i, d);
	}
	mark = r->end_ns - from > MARK_NS ? r->end_ns - MARK_NS : from;
	end = r->outcome == OUTCOME_STORED ? "store" : rebuild_outcome__name(r->outcome);
	edge(s, t, "B", end, mark);
	edge(s, t, "E", end, r->end_ns);
	rebuild_edge(s, rec, t, "E");
	t->end_ns = r->end_ns;
	ref_set(s, rec, t, mark);
}

static void on_rebuild(void *ctx, const struct ovl_record *rec)
{
	struct perfetto *s = ctx;
	const struct rec_rebuild *r = &rec->rebuild;
	struct thread *t = perfetto__thread(s, &r->task);
	struct dir *d = perfetto__dir(s, &r->dir);

	rebuild_slices(s, rec, t, d);
	if (!d)
		return;
	if (d->cache && r->overwritten == d->cache)
		perfetto__cache_end(s, d, r->end_ns, "overwritten");
	else
		/* There is no record of the free, but the cache was outdated when this rebuild began. */
		perfetto__cache_end(s, d, r->begin_ns, "outdated");
	if (r->outcome != OUTCOME_STORED)
		return;
	d->cache = r->cache;
	d->stored_ns = r->end_ns;
	d->seq = rec->seq;
	d->version = r->version_stamped;
}

static void modify_edge(struct perfetto *s, const struct ovl_record *rec, const char *ph,
			uint64_t ts_ns)
{
	const struct rec_modify *m = &rec->modify;

	perfetto__event(s, ph, ovlw_op__name(m->op), perfetto__thread(s, &m->task)->track, ts_ns);
	json__open(&s->j, "args", '{');
	json__u64(&s->j, "seq", rec->seq);
	directory(&s->j, &m->dir);
	json__str(&s->j, "entry", m->name);
	if (*m->name2)
		json__str(&s->j, "new_entry", m->name2);
	json__u64(&s->j, "version_before", m->version_before);
	json__u64(&s->j, "version_after", m->version_after);
	if (*ph == 'B')
		json__stack(&s->j, &m->stack);
	json__close(&s->j, '}');
	perfetto__event_end(s);
}

static void on_modify(void *ctx, const struct ovl_record *rec)
{
	struct perfetto *s = ctx;
	const struct rec_modify *m = &rec->modify;
	struct thread *t = perfetto__thread(s, &m->task);
	uint64_t from = rec->ts_ns > MARK_NS ? rec->ts_ns - MARK_NS : 0;

	if (from < s->start_ns)
		from = s->start_ns;
	if (from < t->end_ns)
		from = t->end_ns;
	if (from > rec->ts_ns)
		return;
	modify_edge(s, rec, "B", from);
	modify_edge(s, rec, "E", rec->ts_ns);
	t->end_ns = rec->ts_ns;
	ref_set(s, rec, t, from);
}

static void on_incident(void *ctx, const struct ovl_record *rec)
{
	struct perfetto *s = ctx;
	const struct rec_incident *in = &rec->incident;
	struct thread *t = perfetto__thread(s, &in->task);

	perfetto__event(s, "i", ovlw_what__name(in->what), t->track, rec->ts_ns);
	json__word(&s->j, "s", "t");
	json__open(&s->j, "args", '{');
	json__u64(&s->j, "seq", rec->seq);
	directory(&s->j, &in->dir);
	if (in->cache) {
		json__hex(&s->j, "cache", in->cache);
		json__i64(&s->j, "refcount", in->refcount);
	}
	if (in->what == OVLW_BAD_RETURN)
		json__i64(&s->j, "value", in->value);
	if (*in->name)
		json__str(&s->j, "entry", in->name);
	json__stack(&s->j, &in->stack);
	json__close(&s->j, '}');
	perfetto__event_end(s);
}

static const struct ref *ref_find(const struct perfetto *s, uint64_t seq)
{
	const struct ref *r = &s->ref[seq % REFS];

	return seq && r->seq == seq ? r : NULL;
}

static void arrow(struct perfetto *s, const char *name, const struct ref *from,
		  const struct ref *to)
{
	const struct ref *end[2] = { from, to };
	int i;

	if (from->ts_ns > to->ts_ns)
		return;
	s->flows++;
	for (i = 0; i < 2; i++) {
		perfetto__event(s, i ? "f" : "s", name, end[i]->track, end[i]->ts_ns);
		if (i)
			json__word(&s->j, "bp", "e");
		json__u64(&s->j, "id", s->flows);
		perfetto__event_end(s);
	}
}

/* Draws arrows from the other evidence to the last: the rebuild that caused the defect. */
static void on_finding(void *ctx, const struct ovl_record *rec)
{
	struct perfetto *s = ctx;
	const struct rec_finding *f = &rec->finding;
	struct thread *t = perfetto__thread(s, &f->task);
	const struct ref *to = f->nevidence ? ref_find(s, f->evidence[f->nevidence - 1]) : NULL;
	size_t i;

	perfetto__event(s, "i", finding_kind__name(f->kind), t->track, rec->ts_ns);
	json__word(&s->j, "s", "t");
	json__open(&s->j, "args", '{');
	json__u64(&s->j, "seq", rec->seq);
	json__str(&s->j, "text", f->text);
	json__close(&s->j, '}');
	perfetto__event_end(s);
	for (i = 0; to && i + 1 < f->nevidence; i++) {
		const struct ref *from = ref_find(s, f->evidence[i]);

		if (from)
			arrow(s,
			      f->kind == FINDING_UNFREED_CACHE ? "overwritten by" : "makes stale",
			      from, to);
	}
}

static void on_summary(void *ctx, const struct ovl_record *rec)
{
	struct perfetto *s = ctx;
	struct dir *d, *tmp;

	HASH_ITER(hh, s->dirs, d, tmp) {
		perfetto__cache_end(s, d, rec->ts_ns, "trace");
		HASH_DEL(s->dirs, d);
		free(d);
	}
}

static void on_stale_end(void *ctx, const struct ovl_record *rec)
{
	const struct rec_stale_end *end = &rec->stale_end;
	struct perfetto *s = ctx;
	struct dir *d = perfetto__dir(s, &end->dir);

	if (d && d->stored_ns == end->stored_ns)
		perfetto__cache_end(s, d, rec->ts_ns, stale_end__name(end->how));
}

/* Lives of caches overlap where one is outdated and streams still have it: each is a bar. */
static void on_merged_cache(void *ctx, const struct ovl_record *rec)
{
	const struct rec_merged *m = &rec->merged;
	struct perfetto *s = ctx;
	struct dir *d = perfetto__dir(s, &m->dir);
	char id[64];
	struct bar bar = {
		.name = "merged cache",
		.id = id,
		.ended = merged_end__name(m->how),
		.merged = m,
		.from = m->stored_ns ? m->stored_ns : s->start_ns,
		.to = m->freed_ns ? m->freed_ns : rec->ts_ns,
	};

	if (!d || bar.to < bar.from)
		return;
	snprintf(id, sizeof(id), "m%u.%" PRIu64, s->recording, rec->seq);
	perfetto__bar(s, d, &bar);
}

static const record_fn handlers[RECORD_TYPES] = {
	[RECORD_SESSION] = on_session,
	[RECORD_REBUILD] = on_rebuild,
	[RECORD_MODIFY] = on_modify,
	[RECORD_INCIDENT] = on_incident,
	[RECORD_FINDING] = on_finding,
	[RECORD_STALE_END] = on_stale_end,
	[RECORD_MERGED_CACHE] = on_merged_cache,
	[RECORD_SUMMARY] = on_summary,
};

static void record(struct sink *sink, const struct ovl_record *rec)
{
	record__dispatch(handlers, sink, rec);
}

static int end(struct sink *sink)
{
	struct perfetto *s = (struct perfetto *)sink;

	if (!s->recording)
		return 0;
	json__close(&s->j, ']');
	json__close(&s->j, '}');
	json__newline(&s->j);
	perfetto__flush(s);
	return s->j.failed ? -ENOMEM : 0;
}

static void perfetto_free(struct sink *sink)
{
	struct perfetto *s = (struct perfetto *)sink;
	struct dir *d, *tmp;

	HASH_ITER(hh, s->dirs, d, tmp) {
		HASH_DEL(s->dirs, d);
		free(d);
	}
	json__deinit(&s->j);
	free(s);
}

struct sink *sink_perfetto__new(FILE *f)
{
	struct perfetto *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sink.record = record;
	s->sink.end = end;
	s->sink.free = perfetto_free;
	s->f = f;
	return &s->sink;
}
