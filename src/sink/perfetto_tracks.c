// SPDX-License-Identifier: GPL-2.0-only
/* The tracks of threads and directories, and what is drawn on them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sink/perfetto_internal.h"

enum {
	FLUSH_BYTES = 64 << 10,
	DIRS = 4096, /* that have tracks of their own */
	PIDS = 1 << 23, /* more than a kernel has: each recording gets so many */
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

void perfetto__event(struct perfetto *s, const char *ph, const char *name, uint32_t pid,
		     uint32_t tid, uint64_t ts_ns)
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

void perfetto__event_end(struct perfetto *s)
{
	json__close(&s->j, '}');
	if (s->j.len >= FLUSH_BYTES)
		perfetto__flush(s);
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
	perfetto__event_end(s);
}

struct thread *perfetto__thread(struct perfetto *s, const struct rec_task *task)
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

struct dir *perfetto__dir(struct perfetto *s, const struct rec_dir *rec)
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

void perfetto__slice(struct perfetto *s, const struct thread *t, const char *name, uint64_t from,
		     uint64_t to)
{
	perfetto__event(s, "X", name, t->pid, t->tid, from);
	json__us(&s->j, "dur", to - from);
}

void perfetto__bar(struct perfetto *s, const struct dir *d, const char *name, const char *id,
		   uint64_t from, uint64_t to, const char *how)
{
	perfetto__event(s, "b", name, d->pid, d->pid, from);
	json__word(&s->j, "id", id);
	json__open(&s->j, "args", '{');
	json__word(&s->j, "ended", how);
	json__close(&s->j, '}');
	perfetto__event_end(s);
	perfetto__event(s, "e", name, d->pid, d->pid, to);
	json__word(&s->j, "id", id);
	perfetto__event_end(s);
}

void perfetto__cache_end(struct perfetto *s, struct dir *d, uint64_t at, const char *how)
{
	char id[64];

	if (!d->cache)
		return;
	snprintf(id, sizeof(id), "c%u.%" PRIu64, s->recording, d->seq);
	perfetto__bar(s, d, "cache", id, d->stored_ns, at > d->stored_ns ? at : d->stored_ns, how);
	d->cache = 0;
}
