// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace events for ui.perfetto.dev: a track for each thread with its rebuilds,
 * tracks for each directory with its caches and with the times its lock was
 * dropped, arrows from cause to defect. Streamed: what is drawn is written as
 * soon as its end is known, since the order of events does not matter.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "json.h"
#include "sink.h"

enum {
	FLUSH_BYTES = 64 << 10,
	DIRS = 4096, /* that have tracks of their own */
	THREADS = 4096, /* whose name and last slice are known; a table by tid */
	REFS = 1 << 16, /* records that an arrow may begin at; a ring by seq */
	MARK_NS = 1000, /* how long a moment is drawn */
	PIDS = 1 << 23, /* more than a kernel has: each recording gets so many */
	DIR_PID = 1 << 30,
};

struct dir {
	UT_hash_handle hh;
	struct {
		uint64_t ino, dev;
	} key;
	uint32_t pid; /* of its tracks */
	/* in its slot, as far as known; 0: none */
	uint64_t cache, stored_ns, seq, version;
};

struct thread {
	uint32_t pid, tid;
	uint64_t end_ns; /* of its last slice */
	char comm[OVLW_COMM];
};

struct ref {
	uint64_t seq, ts_ns;
	uint32_t pid, tid;
};

struct perfetto {
	struct sink sink;
	struct json j;
	FILE *f;
	unsigned int recording;
	uint64_t first_realtime_ns; /* of the first recording: all times count from there */
	uint64_t offset_ns, flows;
	uint32_t ndirs;
	struct dir *dirs;
	struct thread thread[THREADS];
	struct ref ref[REFS];
};

static void flush(struct perfetto *s)
{
	fwrite(s->j.buf, 1, s->j.len, s->f);
	s->j.len = 0;
}

static uint32_t pid_of(const struct perfetto *s, uint32_t pid)
{
	return (pid ? pid % PIDS : PIDS - 1) + (s->recording - 1) % 100 * PIDS;
}

/* An event's common members; it is left open for more. */
static void event(struct perfetto *s, const char *ph, const char *name, uint32_t pid, uint32_t tid,
		  uint64_t ts_ns)
{
	uint64_t start = s->sink.info->start_ns;

	json__open(&s->j, NULL, '{');
	json__word(&s->j, "ph", ph);
	json__str(&s->j, "name", name);
	json__word(&s->j, "cat", "ovltrace");
	json__u64(&s->j, "pid", pid);
	json__u64(&s->j, "tid", tid);
	json__us(&s->j, "ts", s->offset_ns + (ts_ns > start ? ts_ns - start : 0));
}

static void event_end(struct perfetto *s)
{
	json__close(&s->j, '}');
	if (s->j.len >= FLUSH_BYTES)
		flush(s);
}

static void name_track(struct perfetto *s, const char *what, uint32_t pid, uint32_t tid,
		       const char *name, size_t len)
{
	json__open(&s->j, NULL, '{');
	json__word(&s->j, "ph", "M");
	json__word(&s->j, "name", what);
	json__u64(&s->j, "pid", pid);
	json__u64(&s->j, "tid", tid);
	json__open(&s->j, "args", '{');
	json__bytes(&s->j, "name", name, len);
	json__close(&s->j, '}');
	event_end(s);
}

static struct thread *thread_of(struct perfetto *s, const struct rec_task *task)
{
	uint32_t pid = pid_of(s, task->pid), tid = pid_of(s, task->tid);
	struct thread *t = &s->thread[tid * 2654435761U >> 20];
	char name[160];

	if (t->tid == tid && t->pid == pid && !memcmp(t->comm, task->comm, sizeof(t->comm)))
		return t;
	if (t->tid != tid || t->pid != pid)
		t->end_ns = 0;
	t->pid = pid;
	t->tid = tid;
	memcpy(t->comm, task->comm, sizeof(t->comm));
	name_track(s, "thread_name", pid, tid, task->comm, strnlen(task->comm, OVLW_COMM));
	snprintf(name, sizeof(name), "%s%sprocess", s->sink.info->host ? s->sink.info->host : "",
		 s->sink.info->host ? " " : "");
	name_track(s, "process_name", pid, pid, name, strlen(name));
	return t;
}

/* NULL: too many directories to give this one a track. */
static struct dir *dir_of(struct perfetto *s, const struct rec_dir *rec)
{
	struct dir *d, key = { .key = { rec->ino, rec->dev } };
	char name[600];

	HASH_FIND(hh, s->dirs, &key.key, sizeof(key.key), d);
	if (d || HASH_COUNT(s->dirs) >= DIRS)
		return d;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->key = key.key;
	d->pid = DIR_PID + s->ndirs++;
	HASH_ADD(hh, s->dirs, key, sizeof(d->key), d);
	snprintf(name, sizeof(name), "%s%s%.500s (dev %u:%u, ino %" PRIu64 ")",
		 s->sink.info->host ? s->sink.info->host : "", s->sink.info->host ? " " : "",
		 rec->path ? rec->path : "directory", rec->dev >> 20, rec->dev & 0xfffff, rec->ino);
	name_track(s, "process_name", d->pid, d->pid, name, strlen(name));
	return d;
}

/* A slice on a thread's track: the caller adds args and ends it. */
static void slice(struct perfetto *s, const struct thread *t, const char *name, uint64_t from,
		  uint64_t to)
{
	event(s, "X", name, t->pid, t->tid, from);
	json__us(&s->j, "dur", to - from);
}

/* A bar on a directory's track. */
static void bar(struct perfetto *s, const struct dir *d, const char *name, const char *id,
		uint64_t from, uint64_t to, const char *how)
{
	event(s, "b", name, d->pid, d->pid, from);
	json__word(&s->j, "id", id);
	json__open(&s->j, "args", '{');
	json__word(&s->j, "ended", how);
	json__close(&s->j, '}');
	event_end(s);
	event(s, "e", name, d->pid, d->pid, to);
	json__word(&s->j, "id", id);
	event_end(s);
}

static void cache_end(struct perfetto *s, struct dir *d, uint64_t at, const char *how)
{
	char id[64];

	if (!d->cache)
		return;
	snprintf(id, sizeof(id), "c%u.%" PRIu64, s->recording, d->seq);
	bar(s, d, "cache", id, d->stored_ns, at > d->stored_ns ? at : d->stored_ns, how);
	d->cache = 0;
}

static void ref_set(struct perfetto *s, const struct ovl_record *rec, const struct thread *t,
		    uint64_t ts_ns)
{
	struct ref *r = &s->ref[rec->seq % REFS];

	r->seq = rec->seq;
	r->ts_ns = ts_ns;
	r->pid = t->pid;
	r->tid = t->tid;
}

static void on_session(struct perfetto *s)
{
	const struct session_info *info = s->sink.info;

	if (!s->recording++) {
		s->first_realtime_ns = info->start_realtime_ns;
		json__open(&s->j, NULL, '{');
		json__word(&s->j, "displayTimeUnit", "ns");
		json__open(&s->j, "traceEvents", '[');
	}
	s->offset_ns = info->start_realtime_ns > s->first_realtime_ns ?
			       info->start_realtime_ns - s->first_realtime_ns : 0;
	memset(s->thread, 0, sizeof(s->thread));
	memset(s->ref, 0, sizeof(s->ref));
}

static void rebuild_args(struct perfetto *s, const struct ovl_record *rec)
{
	const struct rec_rebuild *r = &rec->rebuild;
	struct json *j = &s->j;

	json__open(j, "args", '{');
	json__u64(j, "seq", rec->seq);
	json__str(j, "directory", r->dir.path);
	json__u64(j, "version_read", r->version_read);
	json__u64(j, "version_at_store", r->version_at_store);
	json__word(j, "outcome", rebuild_outcome__name(r->outcome));
	if (r->outcome == OUTCOME_STORED) {
		json__u64(j, "version_stamped", r->version_stamped);
		json__hex(j, "cache", r->cache);
		json__hex(j, "slot_before", r->overwritten);
		json__u64(j, "entries", r->entries);
	}
	json__close(j, '}');
}

/* The slices of one rebuild: windows, waits and the store nest in it. */
static void rebuild_slices(struct perfetto *s, const struct ovl_record *rec, struct thread *t,
			   struct dir *d)
{
	const struct rec_rebuild *r = &rec->rebuild;
	uint64_t from = r->begin_ns, mark;
	char id[64];
	size_t i;

	/* what overlaps was no trace, but a changed file */
	if (from < t->end_ns)
		return;
	slice(s, t, "rebuild", from, r->end_ns);
	rebuild_args(s, rec);
	event_end(s);
	for (i = 0; i < r->nwindows; i++) {
		const struct rec_window *w = &r->windows[i];

		slice(s, t, "lock dropped", w->drop_ns, w->retake_ns);
		event_end(s);
		if (w->wait_ns) {
			slice(s, t, "waits for the lock", w->retake_ns - w->wait_ns, w->retake_ns);
			event_end(s);
		}
		from = w->retake_ns;
		if (!d)
			continue;
		snprintf(id, sizeof(id), "w%u.%" PRIu64 ".%zu", s->recording, rec->seq, i);
		bar(s, d, "lock dropped", id, w->drop_ns, w->retake_ns, "retaken");
	}
	mark = r->end_ns - from > MARK_NS ? r->end_ns - MARK_NS : from;
	slice(s, t, r->outcome == OUTCOME_STORED ? "store" : rebuild_outcome__name(r->outcome), mark,
	      r->end_ns);
	event_end(s);
	t->end_ns = r->end_ns;
	ref_set(s, rec, t, mark);
}

static void on_rebuild(struct perfetto *s, const struct ovl_record *rec)
{
	const struct rec_rebuild *r = &rec->rebuild;
	struct thread *t = thread_of(s, &r->task);
	struct dir *d = dir_of(s, &r->dir);

	rebuild_slices(s, rec, t, d);
	if (!d)
		return;
	if (d->cache && r->overwritten == d->cache)
		cache_end(s, d, r->end_ns, "overwritten");
	else
		/* a free is no record, but it was outdated when this began */
		cache_end(s, d, r->begin_ns, "outdated");
	if (r->outcome != OUTCOME_STORED)
		return;
	d->cache = r->cache;
	d->stored_ns = r->end_ns;
	d->seq = rec->seq;
	d->version = r->version_stamped;
}

static void on_modify(struct perfetto *s, const struct ovl_record *rec)
{
	const struct rec_modify *m = &rec->modify;
	struct thread *t = thread_of(s, &m->task);
	uint64_t from = rec->ts_ns > MARK_NS ? rec->ts_ns - MARK_NS : 0;

	if (from < s->sink.info->start_ns)
		from = s->sink.info->start_ns;
	if (from < t->end_ns)
		from = t->end_ns;
	if (from > rec->ts_ns)
		return;
	slice(s, t, ovlw_op__name(m->op), from, rec->ts_ns);
	json__open(&s->j, "args", '{');
	json__u64(&s->j, "seq", rec->seq);
	json__str(&s->j, "directory", m->dir.path);
	json__str(&s->j, "entry", m->name);
	if (*m->name2)
		json__str(&s->j, "new_entry", m->name2);
	json__u64(&s->j, "version_before", m->version_before);
	json__u64(&s->j, "version_after", m->version_after);
	json__close(&s->j, '}');
	event_end(s);
	t->end_ns = rec->ts_ns;
	ref_set(s, rec, t, from);
}

static void on_incident(struct perfetto *s, const struct ovl_record *rec)
{
	const struct rec_incident *in = &rec->incident;
	struct thread *t = thread_of(s, &in->task);

	event(s, "i", ovlw_what__name(in->what), t->pid, t->tid, rec->ts_ns);
	json__word(&s->j, "s", "t");
	json__open(&s->j, "args", '{');
	json__u64(&s->j, "seq", rec->seq);
	json__str(&s->j, "directory", in->dir.path);
	if (in->cache) {
		json__hex(&s->j, "cache", in->cache);
		json__i64(&s->j, "refcount", in->refcount);
	}
	if (in->what == OVLW_BAD_RETURN)
		json__i64(&s->j, "value", in->value);
	if (*in->name)
		json__str(&s->j, "entry", in->name);
	json__close(&s->j, '}');
	event_end(s);
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
		event(s, i ? "f" : "s", name, end[i]->pid, end[i]->tid, end[i]->ts_ns);
		if (i)
			json__word(&s->j, "bp", "e");
		json__u64(&s->j, "id", s->flows);
		event_end(s);
	}
}

/* All that is in evidence points at the last of it: the rebuild that did it. */
static void on_finding(struct perfetto *s, const struct ovl_record *rec)
{
	const struct rec_finding *f = &rec->finding;
	struct thread *t = thread_of(s, &f->task);
	const struct ref *to = f->nevidence ? ref_find(s, f->evidence[f->nevidence - 1]) : NULL;
	size_t i;

	event(s, "i", finding_kind__name(f->kind), t->pid, t->tid, rec->ts_ns);
	json__word(&s->j, "s", "t");
	json__open(&s->j, "args", '{');
	json__u64(&s->j, "seq", rec->seq);
	json__str(&s->j, "text", f->text);
	json__close(&s->j, '}');
	event_end(s);
	for (i = 0; to && i + 1 < f->nevidence; i++) {
		const struct ref *from = ref_find(s, f->evidence[i]);

		if (from)
			arrow(s, f->kind == FINDING_UNFREED_CACHE ? "overwritten by" : "makes stale",
			      from, to);
	}
}

static void on_summary(struct perfetto *s, const struct ovl_record *rec)
{
	struct dir *d, *tmp;

	HASH_ITER(hh, s->dirs, d, tmp) {
		cache_end(s, d, rec->ts_ns, "trace");
		HASH_DEL(s->dirs, d);
		free(d);
	}
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct perfetto *s = (struct perfetto *)sink;
	struct dir *d;

	switch (rec->type) {
	case RECORD_SESSION:
		on_session(s);
		break;
	case RECORD_REBUILD:
		on_rebuild(s, rec);
		break;
	case RECORD_MODIFY:
		on_modify(s, rec);
		break;
	case RECORD_INCIDENT:
		on_incident(s, rec);
		break;
	case RECORD_FINDING:
		on_finding(s, rec);
		break;
	case RECORD_STALE_END:
		d = dir_of(s, &rec->stale_end.dir);
		if (d && d->stored_ns == rec->stale_end.stored_ns)
			cache_end(s, d, rec->ts_ns, stale_end__name(rec->stale_end.how));
		break;
	case RECORD_SUMMARY:
		on_summary(s, rec);
		break;
	default:
		break;
	}
}

static int end(struct sink *sink)
{
	struct perfetto *s = (struct perfetto *)sink;

	if (!s->recording)
		return 0;
	json__close(&s->j, ']');
	json__close(&s->j, '}');
	json__newline(&s->j);
	flush(s);
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

struct sink *sink_perfetto__new(FILE *f, const struct session_info *info)
{
	struct perfetto *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sink.record = record;
	s->sink.end = end;
	s->sink.free = perfetto_free;
	s->sink.info = info;
	s->f = f;
	return &s->sink;
}
