/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What bpf/stats/stats.bpf.c counts for each directory, and userspace reads: shared
 * by both. Counters only rise while an entry is there; an entry that userspace
 * took out begins at 0 again.
 */
#ifndef OVLTRACE_DIRSTAT_WIRE_H
#define OVLTRACE_DIRSTAT_WIRE_H

#include "ovltrace/wire.h"

enum ovls_kind {
	OVLS_IMPURE, /* its cache translates inode numbers; it stays in the inode */
	OVLS_MERGED, /* its cache is the merged listing; it goes with the last stream */
	OVLS_KINDS,
};

enum {
	OVLS_TASKS = 1024, /* in a listing that no cache serves at once; a power of two */
	OVLS_DEPTH = 3, /* overlays on overlays: FILESYSTEM_MAX_STACK_DEPTH is 2 */
	OVLS_MAX_ENTRIES = 1 << 14, /* of a cache; more are not counted */
	/* what is not an operation, beside enum ovlw_op */
	OVLS_REBUILDS = 64,
};

/* An address is an identity as long as the inode lives: with its number it is one for longer. */
struct ovls_key {
	__u64 inode, ino;
	__u32 dev; /* the kernel's encoding: major << 20 | minor */
	__u32 kind; /* enum ovls_kind */
};

struct ovls_dir {
	__u64 listings; /* readdirs from the begin on */
	__u64 readdirs, hits, rebuilds;
	__u64 cold; /* of the rebuilds: there was no cache to begin with */
	__u64 rebuild_ns, max_ns; /* from the call of ovl_iterate() to the store */
	__u64 windows_ns; /* of rebuild_ns: without the directory's lock */
	__u64 mods; /* version bumps seen */
	__u64 invalidations; /* those that outdated a cache */
	/* of the cache that was measured last, at most MEASURE_NS before the last store */
	__u64 measured_ns, name_bytes;
	__u32 entries;
	__u32 building; /* tasks that have dropped its lock in a rebuild */
	__u64 version; /* at the last event */
	__u64 parent, hash_len; /* what its path was read from; 0: not reported */
};

/* Who rebuilt or outdated a directory's caches. */
struct ovls_actor {
	struct ovls_key dir;
	__u64 cgroup;
	__u32 pid;
	__u32 what; /* enum ovlw_op, or OVLS_REBUILDS */
	char comm[OVLW_COMM];
};

struct ovls_actor_count {
	__u64 count, ns;
};

/* What found no room in a table; its directories and tasks have no name. */
struct ovls_rest {
	__u64 readdirs, hits, rebuilds, rebuild_ns;
};

enum ovls_reported {
	OVLS_REPORTED_PATH,
	OVLS_REPORTED_ACTOR, /* without a path: who is new in a table */
};

/* A directory's path, as in struct ovlw_path, and who is there. */
struct ovls_path {
	struct ovls_key dir;
	__u64 cgroup; /* looked up while it is there */
	__u32 pid;
	__u32 told; /* enum ovls_reported */
	__u32 len;
	__u32 truncated;
	char path[OVLW_PATH];
};

/* Beside struct ovlw_layout; -1: not known. */
struct ovls_layout {
	__s32 file_is_real; /* in struct ovl_dir_file */
	__s32 file_cache;
	__s32 entry_len; /* in struct ovl_cache_entry */
	__s32 entry_node;
	__u32 entry_size; /* without the name and its NUL */
	__u32 cache_size;
};

/* A call of ovl_iterate() that is not, or not surely, served from a cache. */
struct ovls_listing {
	struct ovls_key dir;
	__u64 id; /* of the call: its file, or its stack pointer */
	__u64 od, dentry; /* struct ovl_dir_file, dentry */
	__u64 slot; /* when it began */
	__u64 begin_ns, store_ns; /* store_ns: 0, nothing was stored */
	__u64 drop_ns, windows_ns;
	__u32 fresh; /* what was in the slot could have served it */
	__u16 began; /* a rebuild */
	__u16 first; /* from the begin of the directory on */
};

struct ovls_task {
	__u32 tid; /* 0: the place is free */
	__u32 depth;
	struct ovls_listing in[4]; /* OVLS_DEPTH, and a power of two */
};

OVLW_ASSERT(sizeof(struct ovls_key) == 24);
OVLW_ASSERT(sizeof(struct ovls_dir) == 128);
OVLW_ASSERT(sizeof(struct ovls_actor) == 56);
OVLW_ASSERT(__builtin_offsetof(struct ovls_path, path) == 48);

#endif
