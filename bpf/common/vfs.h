/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VFS's part of a directory: include/linux/fs.h and dcache.h. Offsets come from the
 * running kernel's BTF.
 */
#ifndef OVLTRACE_BPF_COMMON_VFS_H
#define OVLTRACE_BPF_COMMON_VFS_H

#include "common/read.h"

/* S_ISDIR() */
static __always_inline bool inode_is_dir(struct inode *inode)
{
	return (BPF_CORE_READ(inode, i_mode) & 0170000) == 0040000;
}

/* include/uapi/linux/magic.h: OVERLAYFS_SUPER_MAGIC */
static __always_inline bool inode_is_overlay_dir(struct inode *inode)
{
	return inode_is_dir(inode) && BPF_CORE_READ(inode, i_sb, s_magic) == 0x794c7630;
}

/* The kernel's encoding of st_dev: major << 20 | minor. */
static __always_inline __u32 inode_dev(__u64 inode)
{
	return read_member(read_member(inode, struct inode, i_sb), struct super_block, s_dev);
}

enum {
	RWSEM_OWNER_FLAGS = 6, /* RWSEM_NONSPINNABLE and a spare one: kernel/locking/rwsem.c */
	RT_MUTEX_HAS_WAITERS = 1, /* kernel/locking/rtmutex_common.h */
	WRITER_BIAS = 1 << 30, /* include/linux/rwbase_rt.h */
};

/*
 * The same with PREEMPT_RT. A task owns the rt_mutex in more cases than the one
 * asked for: a writer that waits for readers to leave has it, and so has, for a
 * moment, a reader that had to wait for a writer. But `readers` is WRITER_BIAS
 * exactly from the end of down_write() to the begin of up_write() or
 * downgrade_write(): both take it back first, and release the rt_mutex last
 * (kernel/locking/rwbase_rt.c, read at 6.1 and 6.12).
 */
static __always_inline bool rt_rwsem_locked(struct rw_semaphore___rt *sem)
{
	__u64 owner = (__u64)BPF_CORE_READ(sem, rwbase.rtmutex.owner);

	return (owner & ~(__u64)RT_MUTEX_HAS_WAITERS) == (__u64)bpf_get_current_task() &&
	       BPF_CORE_READ(sem, rwbase.readers.counter) == WRITER_BIAS;
}

/*
 * Does the current task hold i_rwsem for writing? The owner's flag bits are
 * masked, the reader bit is not: it stays set after a reader and means that no
 * writer has come since (kernel/locking/rwsem.c).
 */
static __always_inline bool inode_locked(__u64 inode)
{
	__u64 sem = inode + bpf_core_field_offset(struct inode, i_rwsem), owner;

	if (bpf_core_field_exists(struct rw_semaphore___rt, rwbase))
		return rt_rwsem_locked((struct rw_semaphore___rt *)sem);
	owner = read_u64(sem + bpf_core_field_offset(struct rw_semaphore, owner));
	return (owner & ~(__u64)RWSEM_OWNER_FLAGS) == (__u64)bpf_get_current_task();
}

/* A lock function takes i_rwsem; inode_lock() and inode_unlock() take the inode. */
static __always_inline bool inode_has_lock(__u64 inode, __u64 arg)
{
	return arg == inode || arg == inode + bpf_core_field_offset(struct inode, i_rwsem);
}

/* A directory has at most one dentry; NULL: none. d_alias is in d_u or in an unnamed union. */
static __always_inline struct dentry *inode_alias(__u64 inode)
{
	__u64 node = (__u64)BPF_CORE_READ((struct inode *)inode, i_dentry.first);

	if (!node)
		return NULL;
	if (bpf_core_field_exists(struct dentry, d_u.d_alias))
		return (void *)(node - bpf_core_field_offset(struct dentry, d_u.d_alias));
	if (bpf_core_field_exists(struct dentry___plain, d_alias))
		return (void *)(node - bpf_core_field_offset(struct dentry___plain, d_alias));
	return NULL;
}

#endif
