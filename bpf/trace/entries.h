/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of an operation that adds entries to a directory or removes them. The
 * impure cache has the entries whose inode number for users differs from the upper
 * file's. If one of them changed, the directory's version must have risen.
 *
 * Created files have no origin, so only link, unlink, rmdir and rename matter. The
 * VFS holds the parents' i_rwsem throughout: a cache that is fresh when the
 * operation returns was fresh when it began, and the version did not rise. This is
 * rare and cheap to check, so the programs check it first. Kernel sources that this
 * relies on: fs/overlayfs/dir.c, util.c (ovl_path_type, ovl_dir_version_inc),
 * inode.c (ovl_get_inode, ovl_map_ino), read at 6.1 and 6.12.
 */
#ifndef OVLTRACE_BPF_TRACE_ENTRIES_H
#define OVLTRACE_BPF_TRACE_ENTRIES_H

#include "trace/incident.h"
#include "trace/modify.h"

enum {
	RENAME_EXCHANGE_FLAG = 2, /* include/uapi/linux/fs.h: RENAME_EXCHANGE */
	MODE_TYPE = 0170000, /* include/uapi/linux/stat.h: S_IFMT, S_IFREG */
	MODE_REGULAR = 0100000,
	DAC_READ_SEARCH = 2, /* include/uapi/linux/capability.h: CAP_DAC_READ_SEARCH */
};

static __always_inline __u64 upper_inode(__u64 inode)
{
	__u64 upper = inode ? read_u64(inode + layout.inode_upper) : 0;

	return upper ? (__u64)BPF_CORE_READ((struct dentry *)upper, d_inode) : 0;
}

/*
 * Does its inode number for users differ from the upper file's? The condition of
 * OVL_TYPE_ORIGIN; i_ino is the number that users get (ovl_map_ino). Without a
 * common st_dev nothing is translated, but then there is no impure cache either.
 */
static __always_inline bool is_translated(__u64 dentry)
{
	__u64 inode = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_inode);
	__u64 upper = upper_inode(inode);

	return upper && (read_u64(inode + layout.inode_flags) >> (layout.const_ino_bit & 63) & 1) &&
	       BPF_CORE_READ((struct inode *)inode, i_ino) !=
		       BPF_CORE_READ((struct inode *)upper, i_ino);
}

/* May the copy-up have stored the origin? user.* is for regular files only. */
static __always_inline bool stores_origin(__u64 fs, struct inode *inode)
{
	bool noxattr = read_u64(fs + layout.fs_noxattr) & 0xff;
	bool userxattr = read_u64(fs + layout.fs_userxattr) & 0xff;

	return !noxattr &&
	       (!userxattr || (BPF_CORE_READ(inode, i_mode) & MODE_TYPE) == MODE_REGULAR);
}

/* The result of the next lookup of a new hard link. */
enum origin {
	ORIGIN_LOST, /* the new name gets the upper file's number: nothing is translated */
	ORIGIN_FOUND,
	ORIGIN_UNKNOWN,
};

/* Links into a directory with a fresh cache whose new name has an unknown number. For userspace. */
__u64 unknown_links;

/*
 * ovl_link() drops the new dentry; the next lookup decodes the origin again.
 * That needs file handles of the lower layer, and CAP_DAC_READ_SEARCH of the
 * mounter in the initial namespace (ovl_decode_real_fh). The lower layer is
 * known only where all layers are on one filesystem (xino_mode 0). With xino on
 * several ones the new name may get the upper number; without, no directory has
 * an impure cache.
 */
static __always_inline enum origin find_origin(__u64 dentry)
{
	struct inode *inode = BPF_CORE_READ((struct dentry *)dentry, d_inode);
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);
	__u64 upper = upper_inode((__u64)inode), fs = (__u64)BPF_CORE_READ(sb, s_fs_info);
	struct cred *creator;
	__u64 capable = 0;

	if (!upper || !fs || BPF_CORE_READ(sb, s_user_ns, level) || !stores_origin(fs, inode))
		return ORIGIN_LOST;
	creator = (struct cred *)read_u64(fs + layout.fs_creator);
	bpf_core_read(&capable, sizeof(capable), &creator->cap_effective);
	if (!(capable >> DAC_READ_SEARCH & 1))
		return ORIGIN_LOST;
	if ((__u32)read_u64(fs + layout.fs_xino_mode))
		return ORIGIN_UNKNOWN;
	return BPF_CORE_READ((struct inode *)upper, i_sb, s_export_op) ? ORIGIN_FOUND : ORIGIN_LOST;
}

/* An entry of a directory. */
struct entry {
	__u64 dentry, dir;
};

/* Typed pointers are read without a helper. */
static __always_inline struct entry entry_of(struct dentry *dentry)
{
	return (struct entry){ as_number(dentry), as_number(dentry->d_parent->d_inode) };
}

static __always_inline struct entry entry_at(__u64 dentry)
{
	return (struct entry){ dentry, parent_of(dentry) };
}

static __always_inline bool has_fresh_cache(struct incident *i)
{
	struct inode_words w;
	__u64 stamp;

	inode_read(&w, i->inode);
	i->cache = w.slot;
	if (!w.slot || !w.impure || w.whiteouts)
		return false;
	cache_words(w.slot, &i->refcount, &stamp);
	return !i->refcount && stamp == w.version && dir_wanted(i->inode);
}

static __always_inline void entry_report(struct pt_regs *regs, struct incident *i,
					 const struct entry *e)
{
	struct dentry *dentry = (struct dentry *)e->dentry;

	i->name = (__u64)BPF_CORE_READ(dentry, d_name.name);
	incident_at(regs, i);
}

/* The dentry keeps its inode until the VFS makes it negative. */
static __always_inline void removed(struct pt_regs *regs, struct entry e, __u32 op)
{
	struct incident i = { .what = OVLW_MISSED_INVALIDATION, .op = op, .inode = e.dir };

	if (has_fresh_cache(&i) && is_translated(e.dentry))
		entry_report(regs, &i, &e);
}

static __always_inline void linked(struct pt_regs *regs, __u64 old, struct entry new)
{
	struct incident i = { .what = OVLW_MISSED_INVALIDATION,
			      .op = OVLW_OP_LINK,
			      .inode = new.dir };
	enum origin origin;

	if (!has_fresh_cache(&i) || !is_translated(old))
		return;
	origin = find_origin(old);
	if (origin == ORIGIN_FOUND)
		entry_report(regs, &i, &new);
	else if (origin == ORIGIN_UNKNOWN)
		__sync_fetch_and_add(&unknown_links, 1);
}

static __always_inline void renamed(struct pt_regs *regs, struct entry old, struct entry new,
				    __u64 flags)
{
	struct incident from = { .what = OVLW_MISSED_INVALIDATION, .op = OVLW_OP_RENAME };
	struct incident to = from;
	bool in_from, in_to, of_old, of_new;

	from.inode = old.dir;
	to.inode = new.dir;
	in_to = has_fresh_cache(&to);
	in_from = from.inode != to.inode && has_fresh_cache(&from);
	if (!in_to && !in_from)
		return;
	of_old = is_translated(old.dentry);
	of_new = is_translated(new.dentry);
	if (in_to && (of_old || of_new))
		entry_report(regs, &to, &new);
	if (in_from && (of_old || (of_new && (flags & RENAME_EXCHANGE_FLAG))))
		entry_report(regs, &from, &old);
}

/* ovl_link(old, newdir, new) */
SEC("fexit")
int BPF_PROG(ovlt_out_link, struct dentry *old, struct inode *dir, struct dentry *new, int ret)
{
	if (!ret)
		linked(NULL, as_number(old), entry_of(new));
	return 0;
}

/* ovl_unlink(dir, dentry) */
SEC("fexit")
int BPF_PROG(ovlt_out_unlink, struct inode *dir, struct dentry *dentry, int ret)
{
	if (!ret)
		removed(NULL, entry_of(dentry), OVLW_OP_UNLINK);
	return 0;
}

/* ovl_rmdir(dir, dentry) */
SEC("fexit")
int BPF_PROG(ovlt_out_rmdir, struct inode *dir, struct dentry *dentry, int ret)
{
	if (!ret)
		removed(NULL, entry_of(dentry), OVLW_OP_RMDIR);
	return 0;
}

/* ovl_rename(idmap, olddir, old, newdir, new, flags); the VFS moves the dentries later */
SEC("fexit")
int BPF_PROG(ovlt_out_rename, void *idmap, struct inode *olddir, struct dentry *old,
	     struct inode *newdir, struct dentry *new, unsigned int flags, int ret)
{
	if (!ret)
		renamed(NULL, entry_of(old), entry_of(new), flags);
	return 0;
}

/*
 * The same without trampolines: a probe at the entry, and one at each instruction that
 * returns. The stack pointer is the same at both, and identifies the call: on nested
 * overlays a task is in several.
 */
struct operation {
	__u64 key; /* the stack pointer */
	__u32 turn;
	__u32 op; /* enum ovlw_op */
	__u64 dentry, dentry2, flags;
};

NOTES(operation, struct operation, 1024)

/* Operations whose arguments are not known when they return. For userspace. */
__u64 unknown_operations;

SEC("kprobe")
int ovlt_on_operation(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	struct operation now = { .key = PT_REGS_SP(ctx), .op = OVLW_OP_OF(cookie) };

	now.dentry = arg_of(ctx, OVLW_OP_ARG(cookie));
	now.dentry2 = arg_of(ctx, OVLW_OP_ARG2(cookie));
	now.flags = reg_of(ctx, ARG6);
	operation_put(&now);
	return 0;
}

SEC("kprobe")
int ovlt_at_operation_end(struct pt_regs *ctx)
{
	struct operation *note = operation_find(PT_REGS_SP(ctx)), now;

	if (note)
		now = *note;
	/* it began before the trace, or more run at once than there are places */
	if (!note || !operation_drop(PT_REGS_SP(ctx))) {
		__sync_fetch_and_add(&unknown_operations, 1);
		return 0;
	}
	if ((__s32)PT_REGS_RC(ctx))
		return 0;
	if (now.op == OVLW_OP_LINK)
		linked(ctx, now.dentry, entry_at(now.dentry2));
	else if (now.op == OVLW_OP_RENAME)
		renamed(ctx, entry_at(now.dentry), entry_at(now.dentry2), now.flags);
	else
		removed(ctx, entry_at(now.dentry), now.op);
	return 0;
}

#endif
