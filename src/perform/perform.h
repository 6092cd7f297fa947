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
	uint32_t nviolations;
	struct violation violation[PERFORM_CHUNK]; /* the first of each history */
	char why[PERFORM_TEXT];
	char story[PERFORM_STORY]; /* of a chunk of one history: what each step listed */
};

struct perform_chunk {
	const struct explore_config *config;
	uint32_t n;
	struct explore_history history[PERFORM_CHUNK];
};

/* Does them all. The process must end after it. */
void perform__run(const struct perform_chunk *chunk, struct perform_state *st);

#endif
