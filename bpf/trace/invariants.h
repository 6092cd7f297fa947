/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watches invariants: caches used by the path of the other kind, readdirs that return
 * invalid values, lookups that deadlock on the task's own lock. Violations are rare, so
 * only the checks must be cheap.
 */
#ifndef OVLTRACE_BPF_TRACE_INVARIANTS_H
#define OVLTRACE_BPF_TRACE_INVARIANTS_H

#include "trace/cache.h"

enum {
	EIO_ERRNO = 5,
	MAX_ERRNO = 4095,
};

/*
 * Directories that were copied up, and those that were published before OVL_WHITEOUTS
 * was set. Only a kernel that does this can mistake one kind of directory for the
 * other. Until it has done so once, listings are not examined.
 */
__u64 copy_ups, copy_ups_wrong;

/* The directory that a task is copying up. */
struct copying {
	__u64 key; /* tid */
	__u32 turn, pad;
	__u64 inode;
};

NOTES(copying, struct copying, 1024)

/*
 * Streams that are known to be mistaken for real ones, to report each once. A struct
 * file is reused, so directory and process are kept, too.
 */
struct mistake {
	__u64 key; /* struct ovl_dir_file */
	__u32 turn;
	__u32 pid;
	__u64 inode;
};

NOTES(mistaken, struct mistake, 1024)

/* The file that a task lists, for kretprobes, which do not see arguments. */
struct listing {
	__u64 key; /* tid */
	__u32 turn, pad;
	__u64 file;
};

NOTES(listing, struct listing, 4096)

static __always_inline void copy_up_begins(__u64 dentry)
{
	__u64 inode = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_inode);
	struct copying now = { .key = current_tid(), .inode = inode };

	if (inode_is_dir((struct inode *)inode) && !inode_whiteouts(inode))
		copying_put(&now);
}

/* From here on others see the upper half: the flag must be set by now. */
static __always_inline void published(__u64 inode)
{
	__u32 tid = current_tid();
	struct copying *now = copying_find(tid);
	bool mine = now && now->inode == inode;

	if (!now || !copying_drop(tid) || !mine)
		return;
	__sync_fetch_and_add(&copy_ups, 1);
	if (!inode_whiteouts(inode))
		__sync_fetch_and_add(&copy_ups_wrong, 1);
}

static __always_inline bool file_flag(__u64 od, __s32 offset)
{
	bool v = false;

	if (offset >= 0)
		bpf_probe_read_kernel(&v, sizeof(v), (void *)(od + offset));
	return v;
}

static __always_inline bool mistake_is_new(__u64 od, __u64 inode)
{
	struct mistake now = { .key = od, .inode = inode, .pid = current_pid() }, *was;

	was = mistaken_find(od);
	if (was && was->inode == now.inode && was->pid == now.pid)
		return false;
	mistaken_put(&now);
	return true;
}

/*
 * A listing ends, and its directory's lock is still held. A stream that was opened as
 * real while the directory was being published stays real until a rewind corrects it
 * (ovl_dir_reset()).
 */
__noinline int kinds_listed(__u64 file, __u64 inode)
{
	__u64 od = (__u64)BPF_CORE_READ((struct file *)file, private_data), cache;
	struct incident i = { .inode = inode };
	struct ovlw_owner *owner;

	if (layout.file_is_real < 0 || layout.file_cache < 0)
		return 0;
	if (file_flag(od, layout.file_is_real)) {
		if (!file_flag(od, layout.file_is_upper) || !inode_whiteouts(inode))
			return 0;
		if (mistake_is_new(od, inode)) {
			i.what = OVLW_REAL_LISTING;
			incident_report(&i);
		}
		return 0;
	}
	mistaken_drop(od);
	cache = read_u64(od + layout.file_cache);
	owner = cache ? ledger_find(cache) : NULL;
	if (!owner || owner->inode != inode)
		return 0;
	/* only once: from now on the stream holds a reference to it */
	ledger_remove(cache);
	i.what = OVLW_IMPURE_SERVED;
	i.cache = cache;
	i.refcount = (__s32)read_u64(cache + layout.cache_refcount);
	incident_report(&i);
	return 0;
}

/* ovl_iterate() has returned this value. */
static __always_inline void iterated(struct pt_regs *regs, __u64 file, __s32 ret)
{
	bool valid = ret <= 0 && ret >= -MAX_ERRNO;
	__u64 inode = (__u64)BPF_CORE_READ((struct file *)file, f_inode);
	struct incident i = { .inode = inode, .what = OVLW_BAD_RETURN, .value = ret };

	if (!dir_wanted(inode))
		return;
	if (!valid || ret == -EIO_ERRNO)
		incident_at(regs, &i);
	if (*(volatile __u64 *)&copy_ups_wrong)
		kinds_listed(file, inode);
}

/* ovl_iterate_real() begins on a kernel that mixes kinds: a fresh cache will be served. */
static __always_inline void real_listing(struct pt_regs *regs, __u64 file)
{
	struct incident i = { .what = OVLW_MERGED_SERVED };
	bool fresh = false;
	__u64 version;

	if (!impure_listing((struct file *)file, &i.inode, &fresh) || !fresh)
		return;
	i.cache = inode_slot(i.inode);
	cache_words(i.cache, &i.refcount, &version);
	if (i.refcount)
		incident_at(regs, &i);
}

/* The lookup will take the directory's lock: does the task already hold it? */
static __always_inline void lookup_begins(struct pt_regs *regs, __u64 dentry, __u64 name)
{
	struct incident i = { .what = OVLW_LOCKED_LOOKUP, .name = name };

	i.inode = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_inode);
	if (i.inode && inode_locked(i.inode) && dir_wanted(i.inode))
		incident_at(regs, &i);
}

#endif
