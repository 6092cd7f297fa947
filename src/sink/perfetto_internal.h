/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the two files of the Perfetto sink: perfetto.c turns records into
 * slices, bars and arrows; perfetto_tracks.c names tracks and writes events.
 */
#ifndef OVLTRACE_SINK_PERFETTO_INTERNAL_H
#define OVLTRACE_SINK_PERFETTO_INTERNAL_H

#include <stdio.h>

#include "sink/sink.h"
#include "util/hash.h"
#include "util/json.h"

enum {
	THREADS = 4096, /* hash table by tid: a thread's name and last slice */
	REFS = 1 << 16, /* ring by seq: possible starts of arrows */
};

/* Where the viewer draws an event. */
struct track {
	uint32_t pid, tid;
};

struct dir {
	UT_hash_handle hh;
	struct {
		uint64_t ino, dev;
	} key;
	struct track track;
	/* the cache in the directory's slot, according to the records; 0: none */
	uint64_t cache, stored_ns, seq, version;
};

struct thread {
	struct track track;
	uint64_t end_ns; /* of its last slice */
	char comm[OVLW_COMM];
};

/* The slice drawn for a record. */
struct ref {
	uint64_t seq, ts_ns;
	struct track track;
};

/* A span on a directory's track; it may overlap others. */
struct bar {
	const char *name;
	const char *id; /* unique in the trace */
	const char *ended; /* what ended it */
	const struct rec_merged *merged; /* the cache of a merged directory, or NULL */
	uint64_t from, to;
};

struct perfetto {
	struct sink sink;
	struct json j;
	FILE *f;
	const char *host; /* of the current recording; "": unknown */
	uint64_t start_ns; /* likewise */
	unsigned int recording;
	uint64_t first_realtime_ns; /* of the first recording: all times count from there */
	uint64_t offset_ns, flows;
	uint32_t ndirs;
	struct dir *dirs;
	struct thread thread[THREADS];
	struct ref ref[REFS];
};

void perfetto__flush(struct perfetto *s);

/* Opens an event with the members that all events have; the caller may add more. */
void perfetto__event(struct perfetto *s, const char *ph, const char *name, struct track track,
		     uint64_t ts_ns);
void perfetto__event_end(struct perfetto *s);

struct thread *perfetto__thread(struct perfetto *s, const struct rec_task *task);
/* NULL: too many directories have a track already, or out of memory. */
struct dir *perfetto__dir(struct perfetto *s, const struct rec_dir *rec);

void perfetto__bar(struct perfetto *s, const struct dir *d, const struct bar *bar);
/* Writes the bar of the cache in the slot of d, if there is one, and empties the slot. */
void perfetto__cache_end(struct perfetto *s, struct dir *d, uint64_t at, const char *ended);

#endif
