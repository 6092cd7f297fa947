/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which processes belonged to a tree (COMMAND's, or that of --pid) at what time, from the
 * moves that bpf/follow reports. Pure.
 *
 * A process belongs to the trees of the one that forked it, from the fork until it is gone
 * with all its threads. A pid may be another process later, so each has periods. What was
 * not reported makes answers unknown, and never wrong.
 */
#ifndef OVLTRACE_MODEL_FOLLOW_H
#define OVLTRACE_MODEL_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ovltrace/follow_wire.h"
#include "util/tristate.h"

struct follow;

/* NULL: no memory. */
struct follow *follow__new(void);
void follow__free(struct follow *f);

void follow__move(struct follow *f, const struct ovlf_move *move);
/* From that time on processes may belong to a tree that are not known to. */
void follow__incomplete(struct follow *f, uint64_t ts_ns);
/* From that time on nothing is known: moves were lost. */
void follow__lost(struct follow *f, uint64_t ts_ns);
/* Did it belong to that tree at that time? pid 0 is unknown. */
enum tristate follow__belongs(const struct follow *f, uint32_t pid, uint64_t ts_ns,
			      enum ovlf_tree tree);
/* Has any process belonged to that tree? */
bool follow__has(const struct follow *f, enum ovlf_tree tree);
/* Forgets the processes that were gone by then. */
void follow__forget(struct follow *f, uint64_t before_ns);

/*
 * Processes that exist when the trace begins are gathered: first all that the system has,
 * and what is forked in the meantime (OVLF_OTHER), become links. Then the roots join the
 * tree, and the others by their links.
 */
void follow__link(struct follow *f, uint32_t parent, uint32_t pid);
void follow__root(struct follow *f, uint32_t pid, enum ovlf_tree tree);
/*
 * One that joins the tree because the process that it is linked to belongs to it. False:
 * there is none. *pid has to be made known to the programs, before the moves since are read.
 */
bool follow__join(struct follow *f, enum ovlf_tree tree, uint32_t *pid);
void follow__gathered(struct follow *f);

#endif
