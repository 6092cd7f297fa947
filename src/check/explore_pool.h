/* SPDX-License-Identifier: GPL-2.0-only */
/* Children that do chunks of histories, one each; a child that hangs is left behind. */
#ifndef OVLTRACE_CHECK_EXPLORE_POOL_H
#define OVLTRACE_CHECK_EXPLORE_POOL_H

#include <sys/types.h>

#include "check/explore.h"

/* Why a child is over. */
enum pool_end {
	POOL_RUNS, /* it is not */
	POOL_DONE,
	POOL_UNFIT, /* chunk's configuration is not possible; state->why */
	POOL_DIED, /* in the history state->at */
	POOL_HUNG, /* there, too */
};

struct pool_job {
	struct perform_chunk *chunk;
	struct perform_state *state; /* shared with the child */
	pid_t pid; /* 0: none */
	int pidfd; /* of pid; -1 where the kernel has none */
	uint64_t first; /* the number of the chunk's first history */
	uint64_t begun_ns;
	uint64_t moved_ns; /* when it last made progress */
	uint64_t progress;
};

/* 0, or -1 without memory. */
int pool_job__init(struct pool_job *j, const struct perform_caches *caches);
void pool_job__deinit(struct pool_job *j);
/* Starts a child for j->chunk. 0 or -errno. */
int pool_job__start(struct pool_job *j);
/* Looks, and returns at once. After another answer than POOL_RUNS the job is free. */
enum pool_end pool_job__look(struct pool_job *j);
/* Until one of n jobs may have ended, or for a moment. */
void pool_jobs__pause(const struct pool_job *j, unsigned int n);
/* Waits for the end. */
enum pool_end pool_job__wait(struct pool_job *j);

#endif
