// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that `ovltrace check` and `run --widen` attach beside the trace. They act
 * only on descendants of ovltrace:
 *
 * - They hold windows open. A reader that looks up the first entry of a rebuild without
 *   the directory's lock waits until the directory changes or widen_ns have passed. A
 *   reader that holds the lock does not wait.
 *
 * For check only:
 *
 * - They hold readers of schedules, each until it is let go: see readers.h.
 * - They watch the order in which a copied-up directory is published and flagged.
 * - With --provoke they hold that gap open, too, and count the consequences.
 *
 * Each helper has two entries: a trampoline, and a kprobe for kernels without BTF.
 */
#include "common/inode.h"
#include "common/notes.h"
#include "common/store.h"
#include "common/task.h"
#include "hold/readers.h"
#include <bpf/bpf_tracing.h>
#include "ovltrace/wire.h"

enum {
	MAX_ANCESTORS = 16,
	VAIN_ROW = 32, /* after so many successive timeouts, hold only each VAIN_SKIP-th reader */
	VAIN_SKIP = 8,
	MAX_TURNS = 1 << 20,
};

const volatile __u64 widen_ns;
const volatile __u64 provoke_ns;
const volatile __u32 free_cpu; /* hold no task there: it is for the task that modifies */
const volatile __u32 max_waiting; /* at the same time, to leave a processor for modifications */
const volatile bool gives_up; /* hold less often after timeouts */

__u32 root; /* our process: its pid in the initial namespace */
__u64 waiting, vain, tried; /* vain: successive timeouts */
/*
 * The CPU of the last modification, plus 1. A task that is held there would block the
 * modifying task, which usually stays on its CPU.
 */
__u32 modified_cpu;
/* Read by userspace. */
__u64 waits, waits_over, waited_ns; /* waits_over: timeouts after widen_ns */
__u64 copy_ups, copy_ups_wrong;
__u64 mixed_stores, mixed_frees;
__u64 lookups, lookups_locked; /* unlocked lookups; those in a directory that the task has locked */

/* The state of one of our tasks. */
struct task_state {
	__u64 key; /* tid */
	__u32 turn;
	__u32 waited; /* it was held in this readdir */
	__u64 copying; /* the directory that it copies up, 0 if none */
};

NOTES(state, struct task_state, 4096)

/* Is the current task a descendant of our process? */
static __always_inline bool is_ours(void)
{
	struct task_struct *t = (struct task_struct *)bpf_get_current_task();
	__u32 i, tgid;

	for (i = 0; i < MAX_ANCESTORS; i++) {
		t = BPF_CORE_READ(t, real_parent);
		tgid = BPF_CORE_READ(t, tgid);
		if (tgid == root)
			return true;
		if (tgid <= 1)
			break;
	}
	return false;
}

static __always_inline struct task_state *state_get(void)
{
	struct task_state fresh = { .key = current_tid() }, *st = state_find(fresh.key);

	if (st || !state_put(&fresh))
		return st;
	return state_find(fresh.key);
}

struct turn {
	__u64 version_at, version, until;
	__u64 moved;
};

static long one_turn(__u32 i, struct turn *t)
{
	t->moved = read_u64(t->version_at) != t->version;
	return t->moved || bpf_ktime_get_ns() >= t->until;
}

static __always_inline void wait_for_change(__u64 inode)
{
	struct turn t = {};
	__u64 now;

	if (gives_up && vain >= VAIN_ROW && __sync_fetch_and_add(&tried, 1) % VAIN_SKIP)
		return;
	now = bpf_ktime_get_ns();
	t.version_at = inode + layout.inode_version;
	t.version = read_u64(t.version_at);
	t.until = now + widen_ns;
	bpf_loop(MAX_TURNS, one_turn, &t, 0);
	__sync_fetch_and_add(&waits, 1);
	__sync_fetch_and_add(&waited_ns, bpf_ktime_get_ns() - now);
	if (t.moved) {
		vain = 0;
	} else {
		__sync_fetch_and_add(&waits_over, 1);
		__sync_fetch_and_add(&vain, 1);
	}
}

/* path: of the directory whose entry is looked up. */
static __always_inline void hold_window(__u64 path)
{
	struct task_state *st;
	__u64 inode;
	__u32 cpu;

	if (!widen_ns)
		return;
	inode = (__u64)BPF_CORE_READ((struct path *)path, dentry, d_inode);
	/* check the lock first: if it is held, nothing else is done */
	if (!inode || inode_locked(inode) || !is_ours())
		return;
	st = state_get();
	cpu = bpf_get_smp_processor_id();
	if (!st || st->waited || cpu == free_cpu || cpu + 1 == modified_cpu)
		return;
	st->waited = 1;
	if (__sync_fetch_and_add(&waiting, 1) < max_waiting)
		wait_for_change(inode);
	__sync_fetch_and_add(&waiting, -1);
}

/*
 * A readdir begins. Where ovl_iterate_real() is inlined, that may be one of a merged
 * directory, which may replace its outdated cache. At its begin, ovl_dir_reset() turns
 * a stream that was opened as a real one into a merged one.
 */
static __always_inline void readdir_begins(__u64 file)
{
	__u64 inode, od, slot;
	struct task_state *st = state_find(current_tid());
	bool is_upper = false, is_real = false;

	/* only our tasks have a state */
	if (st)
		st->waited = 0;
	if (!provoke_ns || layout.file_is_upper < 0 || layout.file_is_real < 0 || !is_ours())
		return;
	inode = (__u64)BPF_CORE_READ((struct file *)file, f_inode);
	od = (__u64)BPF_CORE_READ((struct file *)file, private_data);
	bpf_probe_read_kernel(&is_upper, sizeof(is_upper), (void *)(od + layout.file_is_upper));
	bpf_probe_read_kernel(&is_real, sizeof(is_real), (void *)(od + layout.file_is_real));
	if (!is_real || (!BPF_CORE_READ((struct file *)file, f_pos) && inode_whiteouts(inode)))
		return;
	slot = inode_slot(inode);
	/* the cache has streams and is outdated: this readdir will free it */
	if (is_upper && slot && inode_impure(inode) &&
	    (__s32)read_u64(slot + layout.cache_refcount) &&
	    read_u64(slot + layout.cache_version) != read_u64(inode + layout.inode_version))
		__sync_fetch_and_add(&mixed_frees, 1);
}

static __always_inline void copy_up_begins(__u64 dentry)
{
	__u64 inode;
	struct task_state *st;

	if (!is_ours())
		return;
	inode = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_inode);
	if (!inode_is_dir((struct inode *)inode))
		return;
	st = state_get();
	if (st)
		st->copying = inode_whiteouts(inode) ? 0 : inode;
}

/* From here on others see the upper half: the flag must be set by now. */
static __always_inline void published(__u64 inode)
{
	struct task_state *st;

	if (!is_ours())
		return;
	st = state_get();
	if (!st || !st->copying || st->copying != inode)
		return;
	__sync_fetch_and_add(&copy_ups, 1);
	if (!inode_whiteouts(inode))
		__sync_fetch_and_add(&copy_ups_wrong, 1);
	else
		st->copying = 0;
}

static long one_pause(__u32 i, struct turn *t)
{
	return bpf_ktime_get_ns() >= t->until;
}

static __always_inline void hold_copy_up(__u64 inode)
{
	struct task_state *st;
	struct turn t = {};

	if (!provoke_ns || !is_ours())
		return;
	st = state_get();
	if (!st || !st->copying || st->copying != inode)
		return;
	st->copying = 0;
	t.until = bpf_ktime_get_ns() + provoke_ns;
	bpf_loop(MAX_TURNS, one_pause, &t, 0);
}

/* A cache without a refcount is stored on a merged inode. */
static __always_inline void cache_stored(__u64 inode, __u64 cache)
{
	if (cache && is_ours() && inode_whiteouts(inode) &&
	    !(__s32)read_u64(cache + layout.cache_refcount))
		__sync_fetch_and_add(&mixed_stores, 1);
}

/* The lookup will take the directory's lock: does the task already hold it? */
static __always_inline void lookup_begins(__u64 dentry)
{
	__u64 inode;

	if (!is_ours())
		return;
	inode = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_inode);
	__sync_fetch_and_add(&lookups, 1);
	if (inode && inode_locked(inode))
		__sync_fetch_and_add(&lookups_locked, 1);
}

/* Our process runs this once: it notes the pid in the initial namespace. */
SEC("syscall")
int ovlt_hold_note_root(void *ctx)
{
	root = current_pid();
	return 0;
}

/* Entry of ovl_cache_update(path, ...) or ovl_cache_update_ino(path, ...). */
SEC("fentry")
int BPF_PROG(ovlt_hold_in_update, struct path *path, void *entry)
{
	hold_window(as_number(path));
	hold_reader(as_number(path), as_number(entry));
	return 0;
}

SEC("kprobe")
int ovlt_hold_on_update(struct pt_regs *ctx)
{
	hold_window(PT_REGS_PARM1(ctx));
	hold_reader(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
	return 0;
}

/* Entry of ovl_iterate_real(file, ...), or of ovl_iterate(file, ...). */
SEC("fentry")
int BPF_PROG(ovlt_hold_in_readdir, struct file *file)
{
	readdir_begins(as_number(file));
	return 0;
}

SEC("kprobe")
int ovlt_hold_on_readdir(struct pt_regs *ctx)
{
	readdir_begins(PT_REGS_PARM1(ctx));
	return 0;
}

/* Entry of ovl_dir_modified(dentry, ...), for `run` only. */
SEC("fentry")
int BPF_PROG(ovlt_hold_in_modified)
{
	modified_cpu = bpf_get_smp_processor_id() + 1;
	return 0;
}

SEC("kprobe")
int ovlt_hold_on_modified(struct pt_regs *ctx)
{
	modified_cpu = bpf_get_smp_processor_id() + 1;
	return 0;
}

/* Entry of ovl_copy_up_start(dentry, ...). */
SEC("fentry")
int BPF_PROG(ovlt_hold_in_copy_up, struct dentry *dentry)
{
	copy_up_begins(as_number(dentry));
	return 0;
}

SEC("kprobe")
int ovlt_hold_on_copy_up(struct pt_regs *ctx)
{
	copy_up_begins(PT_REGS_PARM1(ctx));
	return 0;
}

/* Entry of ovl_inode_update(inode, upperdentry). */
SEC("fentry")
int BPF_PROG(ovlt_hold_in_publish, struct inode *inode)
{
	published(as_number(inode));
	return 0;
}

SEC("kprobe")
int ovlt_hold_on_publish(struct pt_regs *ctx)
{
	published(PT_REGS_PARM1(ctx));
	return 0;
}

/* Its return, with --provoke only. */
SEC("fexit")
int BPF_PROG(ovlt_hold_out_publish, struct inode *inode)
{
	hold_copy_up(as_number(inode));
	return 0;
}

/* Entry of ovl_set_dir_cache(inode, cache), with --provoke only. */
SEC("fentry")
int BPF_PROG(ovlt_hold_in_store, struct inode *inode, struct ovl_dir_cache *cache)
{
	cache_stored(as_number(inode), as_number(cache));
	return 0;
}

SEC("kprobe")
int ovlt_hold_on_store(struct pt_regs *ctx)
{
	cache_stored(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
	return 0;
}

/* An instruction that writes the slot, where that function was inlined. */
SEC("kprobe")
int ovlt_hold_at_store(struct pt_regs *ctx)
{
	__u64 inode, cache;

	if (store_read(ctx, bpf_get_attach_cookie(ctx), &inode, &cache))
		cache_stored(inode, cache);
	return 0;
}

/* Entry of lookup_one_unlocked() or a variant, for both positions of the directory's argument. */
SEC("kprobe")
int ovlt_hold_arg1_lookup(struct pt_regs *ctx)
{
	lookup_begins(PT_REGS_PARM2(ctx));
	return 0;
}

SEC("kprobe")
int ovlt_hold_arg2_lookup(struct pt_regs *ctx)
{
	lookup_begins(PT_REGS_PARM3(ctx));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
