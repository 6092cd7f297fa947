/* SPDX-License-Identifier: GPL-2.0-only */
/* Loads and attaches bpf/follow, and keeps a table of the processes of trees. */
#ifndef OVLTRACE_FOLLOW_PROBE_H
#define OVLTRACE_FOLLOW_PROBE_H

#include "model/follow.h"

struct follow_probe;

/* Returns 0, or -errno with the reason in why. */
int follow_probe__new(struct follow_probe **out, char why[256]);
void follow_probe__free(struct follow_probe *p);
/*
 * These processes and their descendants are the tree OVLF_PIDS: what they fork from now on,
 * and what of it exists already. Returns 0 or -errno.
 */
int follow_probe__gather(struct follow_probe *p, const uint32_t *pids, size_t n);
/* Between these calls, what our process forks is the root of COMMAND's tree. */
void follow_probe__adopt(struct follow_probe *p, bool on);
/* To be called several times a second. unread: events may wait for longer than usual. */
void follow_probe__tick(struct follow_probe *p, uint64_t now_ns, bool unread);
/* As follow__belongs(), with all moves until now. */
enum tristate follow_probe__belongs(struct follow_probe *p, uint32_t pid, uint64_t ts_ns,
				    enum ovlf_tree tree);
/* Is the map without a process that belongs to it? 1 or 0. p may be NULL. */
uint64_t follow_probe__missing(const struct follow_probe *p);
/* The map of the processes: struct ovlf_member by pid. */
int follow_probe__map(const struct follow_probe *p);

#endif
