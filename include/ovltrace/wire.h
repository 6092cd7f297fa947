/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The events that the BPF programs write and userspace reads: the one header
 * that both include.  All integers are in host byte order; times are
 * CLOCK_MONOTONIC nanoseconds.
 *
 * Order: every event of one directory is written by a task that holds the
 * directory's i_rwsem for writing (see fs/overlayfs/readdir.c, WRAP_DIR_ITER),
 * except inode destruction, which has no concurrent users. Each CPU has its own
 * ring. hdr.seq is taken from one counter while the lock is held, and gives the
 * order in which events happened. The events of one rebuild are buffered and
 * written as one record at its end, so their numbers may arrive late. An event
 * whose number never arrives was lost.
 */
#ifndef OVLTRACE_WIRE_H
#define OVLTRACE_WIRE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>
#endif

enum {
	OVLW_COMM = 16, /* TASK_COMM_LEN */
	OVLW_NAME = 256, /* NAME_MAX + 1 */
	OVLW_PATH = 4096,
	OVLW_MAX_SITES = 128,
};

enum ovlw_type {
	OVLW_NOTHING, /* the rest of the record is empty */
	OVLW_BEGIN = 1, /* a rebuild is about to read the upper directory */
	OVLW_READ, /* the same rebuild reads it again */
	OVLW_DROP, /* the reader is about to release i_rwsem */
	OVLW_REACQUIRE, /* the reader has i_rwsem again */
	OVLW_SET, /* ovl_set_dir_cache() is about to write the slot */
	OVLW_FREE, /* a cache is about to be freed */
	OVLW_MODIFY, /* ovl_dir_modified() returned while a task's window was open */
	OVLW_CLEAR, /* the reader is about to clear the impure flag */
	OVLW_LEAVE, /* a readdir returned that began a rebuild, whose end was not seen */
	OVLW_DESTROY, /* the inode is destroyed, and the cache in its slot */
	OVLW_PATH_NAME, /* the directory's path from the root of its mount */
	OVLW_INCIDENT, /* a readdir, lookup or modification violated an invariant */
	/* caches of merged directories, with --merged: see bpf/trace/merged.h */
	OVLW_M_STORE, /* a listing built the cache, and holds a reference */
	OVLW_M_GET, /* a listing took a reference to the cache in the slot */
	OVLW_M_KEPT, /* a rewound listing continues with its outdated cache */
	OVLW_M_PUT, /* a stream is about to drop its reference, or has just done so */
	OVLW_M_UNSLOT, /* the slot is set to NULL */
	OVLW_M_FREE, /* the cache is about to be freed */
	OVLW_STACK, /* the kernel stack of the task's next event, with --stacks */
};

/* Where events can be lost; each place has its own counter. */
enum ovlw_place {
	OVLW_LOST_RING, /* the CPU's ring buffer was full */
	OVLW_LOST_TASK, /* too many tasks were in a rebuild at once */
	OVLW_LOST_LEDGER, /* the map of live caches was full */
	OVLW_LOST_PLACES,
};

struct ovlw_hdr {
	__u64 seq; /* 0, 1, 2 ... */
	__u64 ts_ns;
	__u64 lost; /* sum of all losses when this event was written */
	__u64 start_ns; /* BEGIN: the task's start time, to detect a reused tid; else 0 */
	__u32 pid; /* in the sense of userspace: the thread group */
	__u32 tid;
	__u16 type; /* enum ovlw_type */
	__u16 site; /* index of the plan's site, 0 if there is none */
	__u32 pad;
};

/* State of a directory at the time of the event; inode == 0 means unknown. */
struct ovlw_dir {
	__u64 inode; /* address of struct inode; identifies it until DESTROY */
	__u64 ino; /* i_ino */
	__u64 version; /* ovl_inode->version */
	__u64 slot; /* ovl_inode->cache */
	__u32 dev; /* i_sb->s_dev, the kernel's encoding: major << 20 | minor */
	__u16 impure; /* 1: OVL_IMPURE is set */
	__u16 whiteouts; /* 1: OVL_WHITEOUTS is set: the directory is or was merged */
};

struct ovlw_task {
	__u64 cgroup; /* id in the unified hierarchy */
	char comm[OVLW_COMM];
};

/* OVLW_BEGIN, OVLW_READ, OVLW_DROP, OVLW_REACQUIRE, OVLW_CLEAR, OVLW_LEAVE, OVLW_DESTROY */
struct ovlw_event {
	struct ovlw_hdr hdr;
	struct ovlw_dir dir;
	struct ovlw_task task; /* OVLW_BEGIN only */
	__u64 wait_ns; /* REACQUIRE: how long the task waited for the lock; 0 unknown */
	__u32 locked; /* 1: the task holds i_rwsem for writing */
	__s32 ret; /* LEAVE: what the readdir returned */
	__u64 stamp; /* LEAVE: of the cache in dir.slot */
};

/* OVLW_SET, OVLW_FREE */
struct ovlw_cache {
	struct ovlw_hdr hdr;
	struct ovlw_dir dir; /* slot: before the store */
	__u64 cache; /* address; 0 if the slot is set to NULL */
	__u64 stamp; /* cache->version */
	__s64 refcount; /* cache->refcount: 0 for an impure cache */
	__s64 slot_refcount; /* SET: of the cache in dir.slot */
	__s32 err; /* FREE: negative errno of the rebuild that ends, 0 if none */
	__u32 entries; /* SET: entries in the list, counted up to 16384 */
	__u32 flags; /* OVLW_F_* */
	__u32 reads; /* at the end of a rebuild: reads of the directory that were seen */
};

enum {
	OVLW_F_REBUILD = 1, /* the task is in a rebuild of this directory */
	OVLW_F_NEW = 2, /* FREE: the cache was never in a slot */
	OVLW_F_BADLIST = 4, /* cache->entries is not a list: the layout is wrong */
	OVLW_F_GUESS = 8, /* FREE: err was found in a register */
	OVLW_F_LATER =
		16, /* FREE: not by a rebuild, and without the lock; dir may no longer exist */
};

/* OVLW_M_*: written with the directory's lock held, except a FREE after its release */
struct ovlw_merged {
	struct ovlw_hdr hdr;
	struct ovlw_dir dir; /* slot: before the store */
	struct ovlw_task task; /* STORE only */
	__u64 cache; /* 0: a put of an unknown cache */
	__u64 stamp; /* cache->version */
	__u64 file; /* struct ovl_dir_file: the stream; 0 unknown */
	__u64 version; /* with OVLW_MF_VERSION: the directory's, when the listing or its read began */
	__s32 refcount; /* STORE, GET: including this stream; PUT: before the put */
	__u32 entries; /* STORE: as in ovlw_cache */
	__u32 flags; /* OVLW_MF_* */
	__u32 pad;
};

enum {
	OVLW_MF_VERSION = 1, /* version is known */
	OVLW_MF_BADLIST = 2, /* cache->entries is not a list */
	OVLW_MF_LATE = 4, /* PUT: reported after the lock was released */
	OVLW_MF_ODD = 8, /* GET: not of the cache that this listing stored */
};

enum {
	OVLW_STACK_DEPTH = 40, /* return addresses, those of the tracer included */
};

/* Written before the event that it belongs to. */
struct ovlw_stack {
	struct ovlw_hdr hdr;
	__u32 of; /* enum ovlw_type of that event */
	__u32 inside; /* 1: the first frames are the tracer's own */
	__s32 bytes; /* in ip, or a negative errno */
	__u32 pad;
	__u64 ip[OVLW_STACK_DEPTH]; /* the innermost first */
};

union ovlw_any {
	struct ovlw_hdr hdr;
	struct ovlw_event event;
	struct ovlw_cache cache;
};

enum {
	OVLW_TASKS = 1024, /* tasks in a rebuild at a time; a power of two */
	OVLW_TASK_EVENTS = 5, /* of an ordinary rebuild: FREE BEGIN DROP REACQUIRE SET */
	OVLW_TASK_ROOM = 8, /* a power of two, so that a mask proves the bound to the verifier */
};

/* The directory of a cache: state of the BPF programs. */
struct ovlw_owner {
	__u64 cache; /* 0: unused */
	__u64 inode, ino;
	__u32 dev, pad;
};

/* A task in a rebuild: state of the BPF programs, which userspace may read. */
struct ovlw_state {
	__u32 tid; /* 0: the slot is unused */
	__u32 nevents;
	__u64 inode; /* directory of the rebuild in progress, 0 if none */
	__u64 inside; /* directory that ovl_iterate_real() lists, if that is probed */
	__u64 ino; /* of that directory */
	__u64 version; /* at the last sample of the begin or a read */
	__u64 freed; /* the cache that the task freed last */
	__u64 window; /* inode whose lock the task has dropped, 0 if none */
	__u64 lock_ns; /* when the task began to wait for that lock again */
	__u64 parent, hash_len; /* of the directory's dentry when its path was reported */
	__u64 gen; /* generation in which ino, dev, parent and hash_len were read */
	__u64 known; /* inode that these belong to; kept after the rebuild */
	__u32 dev; /* of the directory */
	__u32 reads;
	__u32 drops; /* since the last read */
	__s32 err; /* of ovl_dir_read_impure(), if its return is seen */
	__u32 unfinished; /* 1: the readdir may begin its rebuild again */
	__u32 pad;
	union ovlw_any ev[OVLW_TASK_ROOM]; /* nevents of them */
};

enum ovlw_op {
	OVLW_OP_UNKNOWN,
	OVLW_OP_CREATE,
	OVLW_OP_MKDIR,
	OVLW_OP_MKNOD,
	OVLW_OP_SYMLINK,
	OVLW_OP_LINK,
	OVLW_OP_UNLINK,
	OVLW_OP_RMDIR,
	OVLW_OP_RENAME,
	OVLW_OP_COUNT,
};

/* The direction of a rename, seen from the directory of the event. */
enum ovlw_moved {
	OVLW_MOVED_WITHIN, /* or no rename */
	OVLW_MOVED_OUT,
	OVLW_MOVED_IN,
};

struct ovlw_modify {
	struct ovlw_hdr hdr;
	struct ovlw_dir dir;
	struct ovlw_task task;
	__u32 op; /* enum ovlw_op */
	__u32 moved; /* enum ovlw_moved, of a rename */
	char name[OVLW_NAME]; /* what was created, removed or moved; "" unknown */
	char name2[OVLW_NAME]; /* rename, link: the other name */
};

struct ovlw_path {
	struct ovlw_hdr hdr;
	struct ovlw_dir dir; /* inode, ino, dev */
	__u32 len; /* bytes in path */
	__u32 truncated; /* 1: deeper or longer than can be read */
	char path[OVLW_PATH]; /* components, innermost first, each ended by NUL */
};

/* Violated invariants that one event shows. SET reports the first one. */
enum ovlw_what {
	OVLW_IMPURE_STORE, /* an impure cache was put on a merged directory */
	OVLW_MERGED_FREE, /* the impure path freed a cache that is refcounted */
	OVLW_MERGED_SERVED, /* the impure path served such a cache as fresh */
	OVLW_IMPURE_SERVED, /* the merged path took a cache that is not refcounted */
	OVLW_REAL_LISTING, /* a merged directory was listed as a real one */
	OVLW_BAD_RETURN, /* a readdir returned a value that is no errno, or EIO after a rebuild */
	OVLW_LOCKED_LOOKUP, /* a lookup takes the lock that its task holds */
	OVLW_MISSED_INVALIDATION, /* an entry that the cache translates changed, the version did not */
	OVLW_WHATS,
};

struct ovlw_incident {
	struct ovlw_hdr hdr;
	struct ovlw_dir dir;
	struct ovlw_task task;
	__u64 cache; /* address, 0 if no cache is involved */
	__s64 refcount; /* of that cache */
	__s32 value; /* BAD_RETURN: the return value */
	__u32 what; /* enum ovlw_what */
	__u32 op; /* enum ovlw_op: MISSED_INVALIDATION */
	__u32 pad;
	char name[OVLW_NAME]; /* LOCKED_LOOKUP, MISSED_INVALIDATION: the entry; "" unknown */
};

/* Open windows are counted by a hash of the inode: see bpf/trace/state.h. */
enum {
	OVLW_WINDOW_SLOTS = 4096,
};

/* Inodes come from a slab, so their low bits are equal. */
#define OVLW_WINDOW_SLOT(inode) ((inode)*0x9e3779b97f4a7c15ULL >> 52 & (OVLW_WINDOW_SLOTS - 1))

#define OVLW_ASSERT(what) _Static_assert(what, #what)
OVLW_ASSERT(sizeof(struct ovlw_hdr) == 48);
OVLW_ASSERT(sizeof(struct ovlw_event) == sizeof(struct ovlw_cache));
OVLW_ASSERT(sizeof(struct ovlw_cache) == 136);
OVLW_ASSERT(sizeof(struct ovlw_dir) == 40);
OVLW_ASSERT(sizeof(struct ovlw_merged) == 160);
OVLW_ASSERT(sizeof(struct ovlw_modify) == 632);
OVLW_ASSERT(sizeof(struct ovlw_incident) == 400);
OVLW_ASSERT(sizeof(struct ovlw_stack) == 384);
OVLW_ASSERT(__builtin_offsetof(struct ovlw_path, path) == 96);

/* Readers of schedules that `check --explore` holds by a program: see bpf/hold/readers.h. */
enum {
	OVLW_READERS = 4, /* a power of two */
	OVLW_READER_TURNS = 1 << 17, /* of a loop, and so many loops: more than any hold lasts */
};

/* Offsets that the plan found for the programs; rodata of the skeleton. */
struct ovlw_layout {
	__s32 inode_cache; /* bytes from struct inode to ovl_inode->cache */
	__s32 inode_version;
	__s32 inode_flags;
	__u32 impure_bit;
	__u32 whiteouts_bit;
	__u32 cache_refcount; /* bytes from struct ovl_dir_cache */
	__u32 cache_version;
	__u32 cache_entries;
	__s32 file_is_upper; /* bytes from struct ovl_dir_file; -1: unknown */
	__s32 file_is_real; /* the same */
	__s32 file_cache; /* the same */
	__s32 inode_upper; /* bytes from struct inode to ovl_inode->__upperdentry; 0: unknown */
	__u32 const_ino_bit; /* of ovl_inode->flags, valid if inode_upper is known */
	/* bytes from struct ovl_fs, valid if inode_upper is known */
	__u32 fs_noxattr, fs_userxattr, fs_xino_mode, fs_creator;
};

/* The attach cookie of a call site. */
#define OVLW_COOKIE(site, arg) ((__u64)(site) << 8 | (__u64)(arg))
#define OVLW_COOKIE_SITE(c) ((__u32)((c) >> 8 & 0xff))
#define OVLW_COOKIE_ARG(c) ((__u32)((c)&0xff))
/*
 * Added to it if the probe is before the call: the argument is what this register holds plus
 * disp. OVLW_COOKIE_REG is 0 if it is not added, else the register's number plus one.
 */
#define OVLW_COOKIE_HELD(reg, disp) ((__u64)(__u32)(disp) << 32 | (__u64)((__u32)(reg) + 1) << 16)
#define OVLW_COOKIE_REG(c) ((__u32)((c) >> 16 & 0xff))
#define OVLW_COOKIE_DISP(c) ((__s32)((c) >> 32))
/*
 * Arguments of a lookup: the index of the directory, and that of the name plus one, 0 for none.
 * OVLW_NAME_QSTR is set in the latter if the name is a struct qstr.
 */
#define OVLW_LOOKUP_ARG(dir, name) ((dir) | (name) << 4)
#define OVLW_NAME_QSTR 8
/*
 * The attach cookie of an instruction that writes the slot: the registers of the
 * inode and of the cache, as instructions encode them; OVLW_REG_NULL: the cache is
 * NULL.
 */
#define OVLW_STORE_COOKIE(site, inode, cache) ((__u64)(cache) << 16 | OVLW_COOKIE(site, inode))
#define OVLW_STORE_CACHE(c) ((__u32)((c) >> 16 & 0xff))
#define OVLW_REG_NULL 0xff
/*
 * Added to it if the probe is before a call of ovl_set_dir_cache(). The inode is what its register
 * holds, or with OVLW_CALL_STACK the word on the stack at disp. The stamp is in the register
 * whose number plus one is OVLW_CALL_STAMP; 0: it is in the cache.
 */
#define OVLW_CALL_COOKIE(stamp, disp) \
	((__u64)(__u32)(disp) << 32 | (__u64)((__u32)(stamp) + 1) << 24)
#define OVLW_CALL_STAMP(c) ((__u32)((c) >> 24 & 0xff))
#define OVLW_CALL_STACK 0xff /* as the inode's register */
/* The attach cookie of an operation: the op, and the indexes of the names. */
#define OVLW_OP_COOKIE(op, arg, arg2) ((__u64)(op) << 16 | (__u64)(arg) << 8 | (__u64)(arg2))
#define OVLW_OP_OF(c) ((__u32)((c) >> 16 & 0xff))
#define OVLW_OP_ARG(c) ((__u32)((c) >> 8 & 0xff))
#define OVLW_OP_ARG2(c) ((__u32)((c)&0xff))

#ifndef __VMLINUX_H__
/* An event's size in bytes; a path's without the path itself. */
static inline size_t event__size(uint16_t type)
{
	switch (type) {
	case OVLW_MODIFY:
		return sizeof(struct ovlw_modify);
	case OVLW_INCIDENT:
		return sizeof(struct ovlw_incident);
	case OVLW_M_STORE ... OVLW_M_FREE:
		return sizeof(struct ovlw_merged);
	case OVLW_PATH_NAME:
		return __builtin_offsetof(struct ovlw_path, path);
	case OVLW_STACK:
		return sizeof(struct ovlw_stack);
	default:
		return sizeof(union ovlw_any);
	}
}
#endif

#endif
