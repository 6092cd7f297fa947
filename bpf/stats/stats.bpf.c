// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts listings, rebuilds and invalidations of directory caches, impure and merged,
 * for each directory, without writing events. Loaded only for `run --hits`, `top` and
 * `slow`, which also has the parts of slow listings.
 *
 * fs/overlayfs/readdir.c, read at 6.1, 6.12 and 7.3: ovl_iterate() is the file
 * operation, so it is a function wherever overlayfs is. It runs with the
 * directory's lock held for writing, and so do the bumps of its version.
 */
#include "common/store.h"
#include "stats/listing.h"

/* With BTF, kernel memory is read by plain loads. */
#define TYPED_KEY(inode)                                                                      \
	{                                                                                     \
		.inode = as_number(inode), .ino = (inode)->i_ino, .dev = (inode)->i_sb->s_dev \
	}

static __always_inline void key_read(struct ovls_key *key, struct inode *inode)
{
	key->inode = (__u64)inode;
	key->ino = BPF_CORE_READ(inode, i_ino);
	key->dev = BPF_CORE_READ(inode, i_sb, s_dev);
}

SEC("fentry")
int BPF_PROG(ovlt_stat_in_iterate, struct file *file, struct dir_context *at)
{
	struct inode *inode = file->f_inode;
	struct ovls_key key = TYPED_KEY(inode);

	listing_enters(&key, as_number(file), as_number(file->private_data),
		       as_number(file->f_path.dentry), !at->pos);
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_stat_out_iterate, struct file *file, struct dir_context *at, int ret)
{
	listing_leaves(as_number(file), ret);
	return 0;
}

/* The same without trampolines. */
SEC("kprobe")
int ovlt_stat_on_iterate(struct pt_regs *ctx)
{
	struct file *file = (struct file *)PT_REGS_PARM1(ctx);
	struct ovls_key key = {};

	key_read(&key, BPF_CORE_READ(file, f_inode));
	listing_enters(&key, PT_REGS_SP(ctx), (__u64)BPF_CORE_READ(file, private_data),
		       (__u64)BPF_CORE_READ(file, f_path.dentry),
		       !BPF_CORE_READ((struct dir_context *)PT_REGS_PARM2(ctx), pos));
	return 0;
}

/* The return address, where it was on the stack, has already been popped. */
SEC("kretprobe")
int ovlt_stat_ret_iterate(struct pt_regs *ctx)
{
	listing_leaves(PT_REGS_SP(ctx) - RETURN_POPS, (int)PT_REGS_RC(ctx));
	return 0;
}

/* iterate_dir(), of every directory of the system and of the layers: for `slow` only. */
SEC("fentry")
int BPF_PROG(ovlt_stat_in_iterate_dir, struct file *file)
{
	struct super_block *sb = file->f_inode->i_sb;

	if (is_overlay(sb->s_magic) && wanted(sb->s_dev))
		call_begins(as_number(file));
	read_begins(as_number(file));
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_stat_out_iterate_dir, struct file *file)
{
	read_ends();
	return 0;
}

SEC("kprobe")
int ovlt_stat_on_iterate_dir(struct pt_regs *ctx)
{
	struct file *file = (struct file *)PT_REGS_PARM1(ctx);
	struct super_block *sb = BPF_CORE_READ(file, f_inode, i_sb);

	if (is_overlay(BPF_CORE_READ(sb, s_magic)) && wanted(BPF_CORE_READ(sb, s_dev)))
		call_begins((__u64)file);
	read_begins((__u64)file);
	return 0;
}

SEC("kretprobe")
int ovlt_stat_ret_iterate_dir(struct pt_regs *ctx)
{
	read_ends();
	return 0;
}

/* ovl_cache_update(), ovl_cache_update_ino() before 6.12: an entry is looked up. */
SEC("fentry")
int BPF_PROG(ovlt_stat_in_lookup)
{
	lookup_begins();
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_stat_out_lookup)
{
	lookup_ends();
	return 0;
}

SEC("kprobe")
int ovlt_stat_on_lookup(struct pt_regs *ctx)
{
	lookup_begins();
	return 0;
}

SEC("kretprobe")
int ovlt_stat_ret_lookup(struct pt_regs *ctx)
{
	lookup_ends();
	return 0;
}

/* Call site of ovl_path_upper(dentry, path) in ovl_dir_read_impure(). */
SEC("kprobe")
int ovlt_stat_at_path_upper(struct pt_regs *ctx)
{
	if (*(volatile __s64 *)&open_listings)
		rebuild_begins((__u64)BPF_CORE_READ((struct dentry *)PT_REGS_PARM1(ctx), d_inode));
	return 0;
}

/* Entry of ovl_dir_read_impure(path, list, root), where it is a function. */
SEC("kprobe")
int ovlt_stat_on_read_impure(struct pt_regs *ctx)
{
	struct path *path = (struct path *)PT_REGS_PARM1(ctx);

	rebuild_begins((__u64)BPF_CORE_READ(path, dentry, d_inode));
	return 0;
}

/* Call site of up_write(sem) or a variant. */
SEC("kprobe")
int ovlt_stat_at_unlock(struct pt_regs *ctx)
{
	lock_drop(PT_REGS_PARM1(ctx));
	return 0;
}

/* After the call of down_write() or a variant. */
SEC("kprobe")
int ovlt_stat_at_locked(struct pt_regs *ctx)
{
	lock_retaken();
	return 0;
}

SEC("fentry")
int BPF_PROG(ovlt_stat_in_set_dir_cache, struct inode *inode, struct ovl_dir_cache *cache)
{
	stored(as_number(inode), as_number(cache));
	return 0;
}

SEC("kprobe")
int ovlt_stat_on_set_dir_cache(struct pt_regs *ctx)
{
	stored(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
	return 0;
}

/* An instruction that writes the slot. */
SEC("kprobe")
int ovlt_stat_at_slot_write(struct pt_regs *ctx)
{
	__u64 inode, cache;

	if (store_read(ctx, bpf_get_attach_cookie(ctx), &inode, &cache))
		stored(inode, cache);
	return 0;
}

/* Entry of a directory operation, before it modifies anything. */
SEC("kprobe")
int ovlt_stat_on_op(struct pt_regs *ctx)
{
	struct op now = { .key = current_tid(), .op = bpf_get_attach_cookie(ctx) >> 16 & 0xff };

	op_put(&now);
	return 0;
}

/* It may bump the version. */
SEC("fexit")
int BPF_PROG(ovlt_stat_out_modified, struct dentry *dentry, bool impurity)
{
	struct inode *inode = dentry->d_inode;
	struct ovls_key key = TYPED_KEY(inode);

	modified(&key, as_number(dentry), impurity);
	return 0;
}

/* Stores the arguments of the call, which a kretprobe does not see. */
struct modifying {
	__u64 key; /* tid */
	__u32 turn;
	__u32 impurity;
	__u64 dentry;
};

NOTES(modifying, struct modifying, 4096)

SEC("kprobe")
int ovlt_stat_on_modified(struct pt_regs *ctx)
{
	struct modifying now = {
		.key = current_tid(),
		.impurity = (__u8)PT_REGS_PARM2(ctx),
		.dentry = PT_REGS_PARM1(ctx),
	};

	modifying_put(&now);
	return 0;
}

SEC("kretprobe")
int ovlt_stat_ret_modified(struct pt_regs *ctx)
{
	__u32 tid = current_tid();
	struct modifying *now = modifying_find(tid);
	struct ovls_key key = {};
	struct dentry *dentry;
	bool impurity;

	if (!now)
		return 0;
	dentry = (struct dentry *)now->dentry;
	impurity = now->impurity;
	if (!modifying_drop(tid))
		return 0;
	key_read(&key, BPF_CORE_READ(dentry, d_inode));
	modified(&key, (__u64)dentry, impurity);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
