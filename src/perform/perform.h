/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Histories on real overlays. A process of its own does a chunk of them: one mount,
 * and in it a fresh pair of directories for each history, so that nothing has to be
 * reset. The mounts are in a mount namespace of that process and end with it.
 */
#ifndef OVLTRACE_PERFORM_H
#define OVLTRACE_PERFORM_H

#include "explore/model.h"

enum {
	PERFORM_CHUNK = 512, /* histories at most */
	PERFORM_TEXT = 240,
	PERFORM_STORY = 4096,
};

enum perform_phase {
	PERFORM_PREPARING,
	PERFORM_UNFIT, /* this system cannot set it up; the reason is in `why` */
	PERFORM_RUNNING,
	PERFORM_DONE,
};

struct violation {
	uint32_t history; /* index in the chunk */
	uint32_t rule; /* enum explore_rule */
	bool unflagged; /* a number is wrong, and the upper directory has no impure flag */
	char text[PERFORM_TEXT];
};

/* What the process did and saw, in shared memory. */
struct perform_state {
	uint32_t phase; /* enum perform_phase */
	/* the history that runs, written before it does; a kernel may not survive it */
	uint32_t at;
	uint32_t step; /* steps that were begun */
	uint64_t entries; /* entries of new listings that were compared */
	uint64_t calls; /* of getdents64 */
	uint64_t caches; /* that were read */
	char caches_why[PERFORM_TEXT]; /* why none could be; "" */
	uint32_t nviolations;
	struct violation violation[PERFORM_CHUNK]; /* the first of each history */
	char why[PERFORM_TEXT];
	char story[PERFORM_STORY]; /* of a chunk of one history: what each step listed */
};

/* The cache of a directory. */
struct perform_cache {
	bool exists, merged, impure;
	uint64_t version; /* the directory's */
	uint64_t stamp; /* the cache's */
	int64_t refcount;
	uint8_t names; /* enum explore_name, a bit each: entries that would be listed */
	uint64_t ino[EXPLORE_NAMES];
};

/* Who reads caches: something above us, which knows how. */
struct perform_caches {
	/* A reader for one process at a time. NULL with why. */
	void *(*open)(char why[PERFORM_TEXT]);
	void (*close)(void *reader);
	/* In the process that does the histories, before it enters namespaces. 0 or -errno. */
	int (*attach)(void *reader);
	int (*fd)(const void *reader); /* the descriptor that it needs there */
	/* Of the directory fd, on which nothing else happens. 0 or -errno. */
	int (*read)(void *reader, int fd, struct perform_cache *c);
};

struct perform_chunk {
	const struct perform_caches *caches; /* NULL: they are not read */
	void *reader; /* of caches */
	const struct explore_config *config;
	uint32_t n;
	struct explore_history history[PERFORM_CHUNK];
};

/* Does them all. The process must end after it. */
void perform__run(const struct perform_chunk *chunk, struct perform_state *st);

#endif
