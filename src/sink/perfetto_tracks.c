// SPDX-License-Identifier: GPL-2.0-only
/* Names the tracks of threads and directories, and writes events on them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record/write.h"
#include "sink/perfetto_internal.h"
#include "sink/table.h"

enum {
	FLUSH_BYTES = 64 << 10,
	DIRS = 4096, /* directories with a track */
	PIDS = 1 << 23, /* pids of a recording, above the kernel's PID_MAX_LIMIT of 2^22 */
	DIR_PID = 1 << 30,
};

void perfetto__flush(struct perfetto *s)
{
	fwrite(s->j.buf, 1, s->j.len, s->f);
	s->j.len = 0;
}

static uint32_t pid_of(const struct perfetto *s, uint32_t pid)
{
	return (pid ? pid % PIDS : PIDS - 1) + (s->recording - 1) % 100 * PIDS;
}

void perfetto__event(struct perfetto *s, const char *ph, const char *name, struct track track,
		     uint64_t ts_ns)
{
	uint64_t start = s->start_ns;

	json__open(&s->j, NULL, '{');
	json__word(&s->j, "ph", ph);
	json__str(&s->j, "name", name);
	json__word(&s->j, "cat", "ovltrace");
	json__u64(&s->j, "pid", track.pid);
	json__u64(&s->j, "tid", track.tid);
	json__us(&s->j, "ts", s->offset_ns + (ts_ns > start ? ts_ns - start : 0));
}

void perfetto__event_end(struct perfetto *s)
{
	json__close(&s->j, '}');
	if (s->j.len >= FLUSH_BYTES)
		perfetto__flush(s);
}

static void name_track(struct perfetto *s, const char *what, struct track track, const char *name)
{
	json__open(&s->j, NULL, '{');
	json__word(&s->j, "ph", "M");
	json__word(&s->j, "name", what);
	json__u64(&s->j, "pid", track.pid);
	json__u64(&s->j, "tid", track.tid);
	json__open(&s->j, "args", '{');
	json__str(&s->j, "name", name);
	json__close(&s->j, '}');
	perfetto__event_end(s);
}

struct thread *perfetto__thread(struct perfetto *s, const struct rec_task *task)
{
	struct track track = { pid_of(s, task->pid), pid_of(s, task->tid) };
	struct thread *t = &s->thread[track.tid * 2654435761U >> 20];
	bool same = t->track.tid == track.tid && t->track.pid == track.pid;
	char name[160];

	if (same && !memcmp(t->comm, task->comm, sizeof(t->comm)))
		return t;
	if (!same)
		t->end_ns = 0;
	t->track = track;
	memcpy(t->comm, task->comm, sizeof(t->comm));
	/* a comm of 16 bytes has no NUL */
	snprintf(name, sizeof(name), "%.*s", OVLW_COMM, *task->comm ? task->comm : "thread");
	name_track(s, "thread_name", track, name);
	snprintf(name, sizeof(name), "%s%sprocess", s->host, *s->host ? " " : "");
	name_track(s, "process_name", (struct track){ track.pid, track.pid }, name);
	return t;
}

struct dir *perfetto__dir(struct perfetto *s, const struct rec_dir *rec)
{
	struct dir *d, key = { .key = { rec->ino, rec->dev } };
	char name[600], ns[TABLE_NAMESPACE];

	HASH_FIND(hh, s->dirs, &key.key, sizeof(key.key), d);
	if (d || HASH_COUNT(s->dirs) >= DIRS)
		return d;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->key = key.key;
	HASH_ADD(hh, s->dirs, key, sizeof(d->key), d);
	if (!hash__holds(d)) {
		free(d);
		return NULL;
	}
	d->track.pid = d->track.tid = DIR_PID + s->ndirs++;
	snprintf(name, sizeof(name), "%s%s%.500s%s (dev %u:%u, ino %" PRIu64 ")", s->host,
		 *s->host ? " " : "", rec->path ? rec->path : "directory",
		 table__namespace(ns, rec), rec->dev >> 20, rec->dev & 0xfffff, rec->ino);
	name_track(s, "process_name", d->track, name);
	return d;
}

static void merged_args(struct json *j, const struct rec_merged *m)
{
	json__hex(j, "cache", m->cache);
	if (m->version_known)
		json__u64(j, "version_read", m->version_read);
	json__u64(j, "version_stamped", m->version_stamped);
	json__u64(j, "entries", m->entries);
	json__u64(j, "gets", m->gets);
	json__u64(j, "puts", m->puts);
	json__u64(j, "outdated", m->outdated);
	if (m->freed_under)
		json__u64(j, "freed_under", m->freed_under);
	if (m->got_after_free)
		json__u64(j, "got_after_free", m->got_after_free);
	json__stack(j, &m->stack);
}

void perfetto__bar(struct perfetto *s, const struct dir *d, const struct bar *bar)
{
	perfetto__event(s, "b", bar->name, d->track, bar->from);
	json__word(&s->j, "id", bar->id);
	json__open(&s->j, "args", '{');
	json__word(&s->j, "ended", bar->ended);
	if (bar->merged)
		merged_args(&s->j, bar->merged);
	json__close(&s->j, '}');
	perfetto__event_end(s);
	perfetto__event(s, "e", bar->name, d->track, bar->to);
	json__word(&s->j, "id", bar->id);
	perfetto__event_end(s);
}

void perfetto__cache_end(struct perfetto *s, struct dir *d, uint64_t at, const char *ended)
{
	char id[64];
	struct bar bar = {
		.name = "cache",
		.id = id,
		.ended = ended,
		.from = d->stored_ns,
		.to = at > d->stored_ns ? at : d->stored_ns,
	};

	if (!d->cache)
		return;
	snprintf(id, sizeof(id), "c%u.%" PRIu64, s->recording, d->seq);
	perfetto__bar(s, d, &bar);
	d->cache = 0;
}
