/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of each directory, shared by bpf/stats/stats.bpf.c, which counts, and
 * userspace, which reads. Counters only rise. If userspace deletes an entry, the
 * next one for that directory starts at 0.
 */
#ifndef OVLTRACE_DIRSTAT_WIRE_H
#define OVLTRACE_DIRSTAT_WIRE_H

#include "ovltrace/wire.h"

enum ovls_kind {
	OVLS_IMPURE, /* the cache translates inode numbers and stays in the inode */
	OVLS_MERGED, /* the cache is the merged listing and is freed with the last stream */
	OVLS_KINDS,
};

enum {
	OVLS_TASKS = 1024, /* tasks at a time in a listing without a cache hit; a power of two */
	OVLS_DEPTH = 3, /* overlays on overlays: FILESYSTEM_MAX_STACK_DEPTH is 2 */
	OVLS_MAX_ENTRIES = 1 << 14, /* of a cache; more are not counted */
	/* of the time of rebuilds. 0: below 1 us; n: from 2^(n-1) us, below 2^n us but for the last */
	OVLS_BUCKETS = 24,
	/* a value of ovls_actor.what that is not in enum ovlw_op */
	OVLS_REBUILDS = 64,
	OVLS_SLOW_ENTRIES = 1 << 20, /* of a cache; the entries of a larger one are not known */
};

/* An address alone identifies an inode only while it lives, so the key has its number, too. */
struct ovls_key {
	__u64 inode, ino;
	__u32 dev; /* the kernel's encoding: major << 20 | minor */
	__u32 kind; /* enum ovls_kind */
};

struct ovls_dir {
	__u64 listings; /* readdirs from offset 0 */
	__u64 readdirs, hits, rebuilds;
	__u64 cold; /* rebuilds that began without a cache */
	__u64 rebuild_ns, max_ns; /* from the call of ovl_iterate() to the store */
	__u64 windows_ns; /* the part of rebuild_ns without the directory's lock */
	__u64 mods; /* version bumps seen */
	__u64 invalidations; /* version bumps that outdated a cache */
	/* of the last cache that was measured, at most MEASURE_NS before the last store */
	__u64 measured_ns, name_bytes;
	__u32 entries;
	__u32 building; /* tasks that have dropped its lock in a rebuild */
	__u64 version; /* at the last event */
	__u64 parent, hash_len; /* of the dentry when its path was reported; 0: not yet */
	__u32 bucket[OVLS_BUCKETS]; /* rebuilds */
};

/* A task that rebuilt or outdated a directory's caches. */
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

/* Which tasks list a directory: their counters are a struct ovls_dir, if userspace chooses tasks. */
struct ovls_share {
	struct ovls_key dir;
	__u64 cgroup;
	char comm[OVLW_COMM];
};

/* Sums of what did not fit into a table. */
struct ovls_rest {
	__u64 readdirs, hits, rebuilds, rebuild_ns;
};

enum ovls_reported {
	OVLS_REPORTED_PATH,
	OVLS_REPORTED_ACTOR, /* without a path: a task that is new in a table */
};

/* A directory's path, as in struct ovlw_path, and the task that uses it. */
struct ovls_path {
	struct ovls_key dir;
	__u64 cgroup; /* its name is looked up while it exists */
	__u32 pid;
	__u32 reported; /* enum ovls_reported */
	__u32 len;
	__u32 truncated;
	char path[OVLW_PATH];
};

/* Offsets that struct ovlw_layout lacks; -1: unknown. */
struct ovls_layout {
	__s32 file_is_real; /* in struct ovl_dir_file */
	__s32 file_cache;
	__s32 entry_len; /* in struct ovl_cache_entry */
	__s32 entry_node;
	__s32 file_realfile; /* in struct ovl_dir_file */
	__u32 entry_size; /* without the name and its NUL byte */
	__u32 cache_size;
	__u32 pad;
};

/* A call of ovl_iterate() that may not be a cache hit. */
struct ovls_listing {
	struct ovls_key dir;
	__u64 id; /* of the call: its struct file, or its stack pointer */
	__u64 od, dentry; /* struct ovl_dir_file, dentry */
	__u64 slot; /* its value at the start of the call */
	__u64 begin_ns, store_ns; /* store_ns is 0 if nothing was stored */
	__u64 drop_ns, windows_ns;
	__u32 fresh; /* the cache in the slot could have served it */
	__u16 began; /* a rebuild has started */
	__u16 first; /* from offset 0 */
	/* for `slow` only, see bpf/stats/slow.h */
	__u64 call_ns; /* iterate_dir() was entered; 0: not seen */
	__u64 stamp; /* of the cache in the slot, at the start of the call */
	__u64 read_file, read_ns; /* the read of a layer that runs; read_ns is 0 if there is none */
	__u64 layer_file; /* the layer that was read last */
	__u64 layers_ns;
	__u64 served_ns; /* a real directory's entries begin to go to the caller */
	__u64 lookup_ns; /* the lookup of an entry that runs began; 0: none */
	__u64 lookups_ns, late_lookups_ns; /* until the cache is there, and after that */
	__u32 layers, lookups;
	__u16 plain; /* a directory without a cache */
	__u16 torn; /* the end of a read or a lookup was not seen */
	__u32 unused;
};

enum ovls_slow_kind {
	OVLS_SLOW_IMPURE,
	OVLS_SLOW_MERGED,
	OVLS_SLOW_PLAIN, /* neither: it is listed without a cache */
	OVLS_SLOW_UNKNOWN,
};

enum ovls_outcome {
	OVLS_NO_CACHE, /* the listing uses none */
	OVLS_HIT,
	OVLS_REBUILT,
	OVLS_FAILED, /* without a cache */
};

/* Who outdated a cache. */
struct ovls_change {
	__u64 slot, stamp; /* of that cache */
	__u64 ns, cgroup;
	__u32 pid;
	__u32 op; /* enum ovlw_op */
	char comm[OVLW_COMM];
};

/* A listing that took longer than the threshold of `slow`. */
struct ovls_slow {
	struct ovls_listing in;
	struct ovls_change by; /* ns is 0 if it is unknown */
	__u64 end_ns;
	__u32 tid;
	__s32 ret;
	__u32 kind; /* enum ovls_slow_kind */
	__u32 outcome; /* enum ovls_outcome */
	__u32 entries; /* of the cache */
	__u32 unused;
	char comm[OVLW_COMM];
	struct ovls_path at; /* its path is cut to its length */
};

struct ovls_task {
	__u32 tid; /* 0: unused */
	__u32 depth;
	struct ovls_listing in[4]; /* OVLS_DEPTH, and a power of two */
};

OVLW_ASSERT(sizeof(struct ovls_key) == 24);
OVLW_ASSERT(sizeof(struct ovls_dir) == 224);
OVLW_ASSERT(sizeof(struct ovls_actor) == 56);
OVLW_ASSERT(sizeof(struct ovls_share) == 48);
OVLW_ASSERT(__builtin_offsetof(struct ovls_path, path) == 48);
OVLW_ASSERT(sizeof(struct ovls_listing) == 192);
OVLW_ASSERT(__builtin_offsetof(struct ovls_slow, at) == 296);

#endif
