/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bpf/follow reports: which processes belong to a tree. Both sides include it.
 */
#ifndef OVLTRACE_FOLLOW_WIRE_H
#define OVLTRACE_FOLLOW_WIRE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

/* The trees that a process may belong to, a bit each. */
enum ovlf_tree {
	OVLF_COMMAND = 1, /* COMMAND and its descendants */
	OVLF_PIDS = 2, /* the processes of --pid and their descendants */
};

enum ovlf_what {
	OVLF_FORK, /* pid is new, and belongs to trees */
	OVLF_REUSED, /* pid belonged to a tree; it is another process from now on */
	OVLF_FREED, /* that process is gone, and no event of it can follow */
	OVLF_OTHER, /* while gathering: pid was forked by a process of no tree */
};

/* A process of a tree. */
struct ovlf_member {
	__u64 start_ns; /* its start time, to detect a reused pid; 0: not known */
	__u32 trees;
	__u32 pad;
};

struct ovlf_move {
	__u64 ts_ns;
	__u32 what; /* enum ovlf_what */
	__u32 pid; /* process, as the initial pid namespace counts */
	__u32 parent; /* who forked it */
	__u32 trees; /* FORK only */
};

enum {
	OVLF_MEMBERS = 16384,
	OVLF_RING = 512 << 10, /* bytes */
};

#endif
