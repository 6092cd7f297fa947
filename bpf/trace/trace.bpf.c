// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probes: each program states where it is attached and calls one helper. The
 * plan chooses the place on a given kernel: the entry of a function, or a call site in
 * a caller into which the function was inlined. At a call site the registers hold the
 * callee's arguments. Some probes are right before the call, where other registers hold
 * them: src/plan/early.c.
 */
#include "common/store.h"
#include "trace/free.h"
#include "trace/later.h"
#include "trace/invariants_hooks.h"
#include "trace/entries.h"
#include "trace/modify.h"
#include "trace/merged_hooks.h"

/* Call site of ovl_path_upper(dentry, path) in ovl_dir_read_impure(). */
SEC("kprobe")
int ovlt_at_path_upper(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);

	begin((struct dentry *)site_arg(ctx, cookie, 0), OVLW_COOKIE_SITE(cookie));
	return 0;
}

/* Entry of ovl_dir_read_impure(path, list, root), where it is a function. */
SEC("kprobe")
int ovlt_on_read_impure(struct pt_regs *ctx)
{
	struct path *path = (struct path *)PT_REGS_PARM1(ctx);

	begin(BPF_CORE_READ(path, dentry), 0);
	return 0;
}

/* Its return: the only exact source of a rebuild's errno. */
SEC("kretprobe")
int ovlt_ret_read_impure(struct pt_regs *ctx)
{
	struct ovlw_state *st = state_peek();

	if (st)
		st->err = (__s32)PT_REGS_RC(ctx);
	return 0;
}

/* Call site of ovl_path_open() or ovl_dir_read(): the listing begins. */
SEC("kprobe")
int ovlt_at_read(struct pt_regs *ctx)
{
	content_read(state_peek(), OVLW_COOKIE_SITE(bpf_get_attach_cookie(ctx)));
	return 0;
}

/* Call site of up_write(sem) or a variant: the lock is about to be released. */
SEC("kprobe")
int ovlt_at_unlock(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);

	lock_drop(site_arg(ctx, cookie, 0), OVLW_COOKIE_ARG(cookie), OVLW_COOKIE_SITE(cookie));
	return 0;
}

/* Call site of down_write(sem) or a variant: the wait for the lock begins. */
SEC("kprobe")
int ovlt_at_lock(struct pt_regs *ctx)
{
	lock_wait(site_arg(ctx, bpf_get_attach_cookie(ctx), 0));
	return 0;
}

/* After the call of down_write() or a variant. */
SEC("kprobe")
int ovlt_at_locked(struct pt_regs *ctx)
{
	lock_retaken(OVLW_COOKIE_SITE(bpf_get_attach_cookie(ctx)));
	return 0;
}

/*
 * Entry of ovl_set_dir_cache(inode, cache). Merged directories use it, too; their
 * caches have a refcount.
 */
SEC("fentry")
int BPF_PROG(ovlt_in_set_dir_cache, struct inode *inode, struct ovl_dir_cache *cache)
{
	set_dir_cache(&(struct store){ as_number(inode), as_number(cache) }, cache, NULL);
	return 0;
}

/* The same without fentry. */
SEC("kprobe")
int ovlt_on_set_dir_cache(struct pt_regs *ctx)
{
	set_dir_cache(&(struct store){ PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx) }, NULL, ctx);
	return 0;
}

/* Before the call of ovl_set_dir_cache(inode, cache) on the impure path. */
SEC("kprobe")
int ovlt_at_store(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u32 inode = OVLW_COOKIE_ARG(cookie), cache = OVLW_STORE_CACHE(cookie);
	__u32 stamp = OVLW_CALL_STAMP(cookie);
	struct store s = {
		.inode = inode == OVLW_CALL_STACK ?
				 read_u64(PT_REGS_SP(ctx) + OVLW_COOKIE_DISP(cookie)) :
				 reg_of(ctx, inode) + OVLW_COOKIE_DISP(cookie),
		.cache = cache == OVLW_REG_NULL ? 0 : reg_of(ctx, cache),
		.stamped = stamp != 0,
	};

	if (stamp)
		s.stamp = reg_of(ctx, stamp - 1);
	set_dir_cache(&s, NULL, ctx);
	return 0;
}

/*
 * An instruction that writes the slot, where ovl_set_dir_cache() was inlined or
 * is not used.
 */
SEC("kprobe")
int ovlt_at_slot_write(struct pt_regs *ctx)
{
	struct store s = {};

	if (store_read(ctx, bpf_get_attach_cookie(ctx), &s.inode, &s.cache))
		set_dir_cache(&s, NULL, ctx);
	return 0;
}

/* Call site of kfree(p) or a variant on the impure path. */
SEC("kprobe")
int ovlt_at_free(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u64 p = site_arg(ctx, cookie, OVLW_COOKIE_ARG(cookie));

	if (p)
		freed_by_site(ctx, p, OVLW_COOKIE_SITE(cookie) & (OVLW_MAX_SITES - 1));
	return 0;
}

/* The same where the caller is not the readdir: an RCU callback, a worker, another reader. */
SEC("kprobe")
int ovlt_at_free_later(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx), p = arg_of(ctx, OVLW_COOKIE_ARG(cookie));

	if (p)
		freed_later(p, OVLW_COOKIE_SITE(cookie) & (OVLW_MAX_SITES - 1));
	return 0;
}

/* Entry of ovl_dir_cache_free(inode): frees the cache in the slot. */
SEC("kprobe")
int ovlt_on_dir_cache_free(struct pt_regs *ctx)
{
	__u64 inode = PT_REGS_PARM1(ctx);
	struct free_info f = {};

	owner_fill(&f.is, inode_slot(inode), inode, NULL);
	if (!f.is.cache || !dir_wanted(inode))
		return 0;
	if (!ledger_find(f.is.cache))
		merged_free(NULL, f.is.cache, inode);
	freed(&f);
	return 0;
}

/* An instruction that clears the impure flag in memory. The register holds the inode. */
SEC("kprobe")
int ovlt_at_flag_clear(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	struct ovlw_state *st = state_peek();

	if (st && st->inode && st->inode == reg_of(ctx, OVLW_COOKIE_ARG(cookie)))
		flag_clear(ctx, st, OVLW_COOKIE_SITE(cookie));
	return 0;
}

/* Call site of vfs_removexattr(): the impure flag is cleared on disk, then in memory. */
SEC("kprobe")
int ovlt_at_removexattr(struct pt_regs *ctx)
{
	struct ovlw_state *st = state_peek();

	if (st && st->inode)
		flag_clear(ctx, st, OVLW_COOKIE_SITE(bpf_get_attach_cookie(ctx)));
	return 0;
}

/* Call site of ovl_dir_cache_free(inode) in ovl_destroy_inode(). */
SEC("kprobe")
int ovlt_at_destroy(struct pt_regs *ctx)
{
	destroyed(PT_REGS_PARM1(ctx), OVLW_COOKIE_SITE(bpf_get_attach_cookie(ctx)));
	return 0;
}

/* Entry of ovl_destroy_inode(inode), if it frees the cache itself. */
SEC("kprobe")
int ovlt_on_destroy_inode(struct pt_regs *ctx)
{
	struct inode *inode = (struct inode *)PT_REGS_PARM1(ctx);

	/* S_ISDIR: only a directory has a cache in that union */
	if (inode_is_dir(inode))
		destroyed((__u64)inode, 0);
	return 0;
}

/*
 * Entry of a directory operation (ovl_rename() etc.), to name the task, the operation
 * and the entry. The VFS holds the parents' locks, so a relevant window is already open.
 */
SEC("kprobe")
int ovlt_on_op(struct pt_regs *ctx)
{
	__u64 cookie;

	if (!*(volatile __s64 *)&open_windows)
		return 0;
	cookie = bpf_get_attach_cookie(ctx);
	op_begins(OVLW_OP_OF(cookie), op_name(ctx, OVLW_OP_ARG(cookie)),
		  op_name(ctx, OVLW_OP_ARG2(cookie)));
	return 0;
}

/* The same by trampolines: see bpf/trace/entries.h for the functions and their exits. */
SEC("fentry")
int BPF_PROG(ovlt_in_link, struct dentry *old, struct inode *dir, struct dentry *new)
{
	op_begins(OVLW_OP_LINK, 0, as_number(new));
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_unlink, struct inode *dir, struct dentry *dentry)
{
	op_begins(OVLW_OP_UNLINK, as_number(dentry), 0);
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_rmdir, struct inode *dir, struct dentry *dentry)
{
	op_begins(OVLW_OP_RMDIR, as_number(dentry), 0);
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_rename, void *idmap, struct inode *olddir, struct dentry *old,
	     struct inode *newdir, struct dentry *new)
{
	op_begins(OVLW_OP_RENAME, as_number(old), as_number(new));
	return 0;
}

/*
 * Return of ovl_dir_modified(dentry, impurity). It does not always bump the version, so
 * the version is read afterwards.
 */
SEC("fexit")
int BPF_PROG(ovlt_out_dir_modified, struct dentry *dentry)
{
	__u64 inode = modified_dir(dentry);

	if (inode)
		modified(NULL, inode, op_peek());
	return 0;
}

/* The same without fexit: entry and return. */
SEC("kprobe")
int ovlt_on_dir_modified(struct pt_regs *ctx)
{
	__u64 inode = modified_dir((struct dentry *)PT_REGS_PARM1(ctx));
	op_in_dir(inode ? op_peek() : NULL, inode);
	return 0;
}

SEC("kretprobe")
int ovlt_ret_dir_modified(struct pt_regs *ctx)
{
	struct op_state *op;

	if (!*(volatile __s64 *)&open_windows)
		return 0;
	op = op_peek();
	if (op && op->dir) {
		modified(ctx, op->dir, op);
		op_in_dir(op, 0);
	}
	return 0;
}

/*
 * From here on: programs for kernels whose call sites cannot be probed. Most are on
 * paths of unrelated tasks, and attached only with --costly.
 */
SEC("fentry")
int BPF_PROG(ovlt_in_iterate_real, struct file *file)
{
	listing_begins(file);
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_out_iterate_real)
{
	listing_ends();
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_path_upper, struct dentry *dentry)
{
	begin_inside(dentry);
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_path_open)
{
	content_read(state_peek(), 0);
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_up_write, struct rw_semaphore *sem)
{
	lock_drop(as_number(sem), false, 0);
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_down_write, struct rw_semaphore *sem)
{
	lock_wait(as_number(sem));
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_out_down_write)
{
	lock_retaken(0);
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_out_killable_down_write)
{
	lock_retaken(0);
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_removexattr)
{
	struct ovlw_state *st = state_peek();

	if (st && st->inode)
		flag_clear(NULL, st, 0);
	return 0;
}

SEC("raw_tp/kfree")
int BPF_PROG(ovlt_tp_kfree, unsigned long call_site, __u64 p)
{
	freed_anywhere(p);
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_in_destroy_inode, struct inode *inode)
{
	if ((inode->i_mode & 0170000) == 0040000)
		destroyed(as_number(inode), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
