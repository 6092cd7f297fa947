/* SPDX-License-Identifier: GPL-2.0-only */
/* One history while it runs. */
#ifndef OVLTRACE_PERFORM_INTERNAL_H
#define OVLTRACE_PERFORM_INTERNAL_H

#include "perform/perform.h"
#include "perform/world.h"

/* What a stream has listed. */
struct listed {
	uint8_t once, twice; /* names, a bit each */
	uint8_t dots; /* "." and "..", a bit each */
	int64_t off; /* d_off of the last entry */
};

struct reading {
	int fd;
	struct listed all, first; /* since the start; of the first part */
};

struct run {
	struct world *world;
	struct perform_state *st;
	struct model model; /* after the step that runs */
	const char *dir; /* the name of D before it */
	int fd; /* the directory of this history */
	unsigned int history; /* in the chunk */
	struct reading reading[EXPLORE_STREAMS];
	const struct perform_caches *caches; /* NULL: not to be read */
	void *reader; /* of caches */
	struct perform_cache cache; /* at the end of the history */
	bool bad; /* a rule is violated: the rest of the history is not looked at */
	bool story; /* write down what is seen */
};

/* One history, or the modifications of a schedule. */
void run__begin(struct run *r);
void run__step(struct run *r, struct explore_step s);
/* Compares what a user sees at the end with what must be there. */
void run__end(struct run *r);
/* Reports a violation; only the first of a history is kept. */
__attribute__((format(printf, 3, 4))) void run__report(struct run *r, enum explore_rule rule,
						       const char *fmt, ...);
/* A piece of the story. */
__attribute__((format(printf, 2, 3))) void run__describe(struct run *r, const char *fmt, ...);

/* Opens D, or a stream of it. The descriptor, or -1 after a report. */
int run__open_dir(struct run *r);

/* ---- reading.c ------------------------------------------------------------------- */

enum {
	READ_PART = 72, /* bytes: three entries with names as short as ours */
	READ_ALL = 4096,
};

/* Each entry that getdents returned. */
typedef void reading_entry(void *ctx, int name, uint64_t ino, unsigned char type);

struct reading_call {
	size_t size; /* of the buffer */
	bool dead; /* the directory was removed */
	reading_entry *entry; /* may be NULL; name: enum explore_name, -1 ".", -2 ".." */
	void *ctx;
};

/* Calls getdents once; what is listed is added to *to. Bytes, 0 at the end or after a report. */
long reading__call(struct run *r, int fd, struct listed *to, const struct reading_call *call);
/* What a new stream lists must be the names that are there, with their types. */
void reading__check_new(struct run *r, const struct listed *l);
/* The stream's steps. */
void reading__step(struct run *r, struct explore_step s);
/* Reads the streams that are open to their ends, and closes them. */
void reading__finish(struct run *r);

/* ---- caches.c ---------------------------------------------------------------------- */

/* Reads the cache of D, and judges its version and references. */
void caches__read(struct run *r);
/* What it has of that name. st_ino: 0 if the name is not there. */
void caches__compare(struct run *r, int name, uint64_t st_ino);

/* ---- oracle.c ------------------------------------------------------------------------ */

/* At the end of a history: a new listing against stat, and both against the model. */
void oracle__check(struct run *r);

#endif
