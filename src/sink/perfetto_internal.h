/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the Perfetto sink: its tracks, and how an event on one is written. */
#ifndef OVLTRACE_SINK_PERFETTO_INT_H
#define OVLTRACE_SINK_PERFETTO_INT_H

#include <stdio.h>
#include <uthash.h>

#include "util/json.h"
#include "sink/sink.h"

enum {
	THREADS = 4096, /* whose name and last slice are known; a table by tid */
	REFS = 1 << 16, /* records that an arrow may begin at; a ring by seq */
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

void perfetto__flush(struct perfetto *s);

/* An event's common members; it is left open for more. */
void perfetto__event(struct perfetto *s, const char *ph, const char *name, uint32_t pid,
		     uint32_t tid, uint64_t ts_ns);
void perfetto__event_end(struct perfetto *s);

struct thread *perfetto__thread(struct perfetto *s, const struct rec_task *task);
/* NULL: too many directories to give this one a track. */
struct dir *perfetto__dir(struct perfetto *s, const struct rec_dir *rec);

/* A slice on a thread's track: the caller adds args and ends it. */
void perfetto__slice(struct perfetto *s, const struct thread *t, const char *name, uint64_t from,
		     uint64_t to);
/* A bar on a directory's track. */
void perfetto__bar(struct perfetto *s, const struct dir *d, const char *name, const char *id,
		   uint64_t from, uint64_t to, const char *how);
/* The bar of the cache in d's slot, if there is one. */
void perfetto__cache_end(struct perfetto *s, struct dir *d, uint64_t at, const char *how);

#endif
