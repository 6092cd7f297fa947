/* SPDX-License-Identifier: GPL-2.0-only */
/* Sorts bad histories: most contain a shorter one that is bad in the same way. */
#ifndef OVLTRACE_CHECK_EXPLORE_FOUND_H
#define OVLTRACE_CHECK_EXPLORE_FOUND_H

#include "check/explore_pool.h"

/* Adds the violations of a chunk. scratch: a job without a child, for histories alone. */
void explore_found__add(struct explore_report *e, const struct pool_job *done,
			struct pool_job *scratch);
/* How many caches were read, or why none. */
void explore_found__add_caches(struct explore_report *e, const struct pool_job *job);
/* Adds the history in which the child died or hangs. */
void explore_found__add_end(struct explore_report *e, const struct pool_job *over,
			    enum pool_end end);

#endif
