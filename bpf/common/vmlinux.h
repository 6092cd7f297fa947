/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types that the BPF programs use, with only the members used. Offsets come
 * from the running kernel's BTF at load time (preserve_access_index), so order and
 * gaps here have no meaning. The plan finds the layout of overlayfs' types, because a
 * module may lack BTF (see src/code/layout.c).
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};
enum {
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
};
enum {
	BPF_RB_AVAIL_DATA = 0,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* arch/x86/include/asm/ptrace.h */
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax, ip, cs, flags, sp, ss;
};

/* arch/arm64/include/uapi/asm/ptrace.h */
struct user_pt_regs {
	__u64 regs[31];
	__u64 sp, pc, pstate;
};

/* include/linux/types.h */
typedef struct {
	__s64 counter;
} atomic_long_t;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

/* include/linux/list_bl.h */
struct hlist_bl_node {
	struct hlist_bl_node *next, **pprev;
};

/* include/linux/rwsem.h; the owner's low bits are flags (kernel/locking/rwsem.c) */
struct rw_semaphore {
	atomic_long_t owner;
};

/* include/linux/types.h */
typedef struct {
	int counter;
} atomic_t;

/* include/linux/rtmutex.h */
struct rt_mutex_base {
	struct task_struct *owner; /* the lowest bit is a flag */
};

/* include/linux/rwbase_rt.h */
struct rwbase_rt {
	atomic_t readers;
	struct rt_mutex_base rtmutex;
};

/* include/linux/rwsem.h with CONFIG_PREEMPT_RT */
struct rw_semaphore___rt {
	struct rwbase_rt rwbase;
};

/* include/linux/user_namespace.h */
struct user_namespace {
	int level; /* 0: the initial one */
};

/* include/linux/cred.h; kernel_cap_t has been two words of 32 bits and one of 64 */
struct capability_words {
	__u64 val;
};

struct cred {
	struct capability_words cap_effective;
};

/* include/linux/fs.h */

struct super_block {
	unsigned long s_magic;
	__u32 s_dev;
	void *s_export_op;
	struct user_namespace *s_user_ns;
	void *s_fs_info;
	struct list_head s_inodes;
};

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	struct rw_semaphore i_rwsem;
	struct list_head i_sb_list;
	struct hlist_head i_dentry;
};

/* fs/overlayfs/readdir.c; for programs that follow typed pointers only */
struct ovl_dir_cache {
	long refcount;
	struct list_head entries;
};

struct ovl_cache_entry {
	__u64 real_ino;
};

/* older kernels */
struct ovl_dir_cache___int {
	int refcount;
};

/* include/linux/path.h */
struct path {
	struct dentry *dentry;
};

/* include/linux/fs.h */
struct dir_context;

struct file {
	struct inode *f_inode;
	void *private_data;
	struct path f_path;
	long long f_pos;
};

/* include/linux/dcache.h */
struct qstr {
	union {
		struct {
			__u32 hash;
			__u32 len;
		};
		__u64 hash_len;
	};
	const unsigned char *name;
};

/* include/linux/fs.h */
struct dir_context {
	__s64 pos;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	union {
		struct hlist_node d_alias;
	} d_u;
};

/* where d_alias is not in a union that has a name */
struct dentry___plain {
	struct hlist_node d_alias;
};

/* include/linux/sched.h */
struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	__u64 start_boottime;
};

/* kernel/bpf/task_iter.c */
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

#endif
