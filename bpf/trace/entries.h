/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of an operation that adds entries to a directory or removes them. The
 * impure cache has the entries whose number for users is not the upper file's
 * own: if one of them changed, the directory's version must have risen.
 *
 * Files that are created have no origin, so link, unlink, rmdir and rename are
 * all that has to be looked at. The VFS holds the parents' i_rwsem throughout:
 * a cache that is fresh when the operation returns was fresh when it began, and
 * the version did not rise. Kernel sources that this relies on:
 * fs/overlayfs/dir.c, util.c (ovl_path_type, ovl_dir_version_inc), inode.c
 * (ovl_get_inode, ovl_map_ino), read at 6.1 and 6.12.
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
 * Is its number for users another than the upper file's own? The condition of
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

/* What the next lookup of a new hard link comes to. */
enum origin {
	ORIGIN_LOST, /* the new name gets the upper file's number: nothing to translate */
	ORIGIN_FOUND,
	ORIGIN_UNKNOWN,
};

/* Links into a fresh directory whose new name has an unknown number; read by userspace. */
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

static __always_inline bool fresh_cache(struct incident *i)
{
	struct inode_words w;
	__u64 stamp;

	inode_read(&w, i->inode);
	i->cache = w.slot;
	if (!w.slot || !w.impure || w.whiteouts)
		return false;
	cache_words(w.slot, &i->refcount, &stamp);
	return !i->refcount && stamp == w.version;
}

/* The directory of the dentry, if it is traced and its impure cache is fresh. */
static __always_inline bool in_fresh(struct incident *i, __u64 dentry)
{
	i->inode = parent_of(dentry);
	return i->inode && dir_wanted(i->inode) && fresh_cache(i);
}

/* An entry of the dentry's directory changed, and its number is translated. */
static __always_inline void entry_changed(__u64 dentry, __u32 op)
{
	struct incident i = { .what = OVLW_MISSED_INVALIDATION, .op = op };

	if (!in_fresh(&i, dentry))
		return;
	i.name = (__u64)BPF_CORE_READ((struct dentry *)dentry, d_name.name);
	incident_report(&i);
}

/* old has the new name, and its number is translated. */
static __always_inline void linked(__u64 old, __u64 new)
{
	enum origin origin = find_origin(old);
	struct incident i = { 0 };

	if (origin == ORIGIN_FOUND)
		entry_changed(new, OVLW_OP_LINK);
	else if (origin == ORIGIN_UNKNOWN && in_fresh(&i, new))
		__sync_fetch_and_add(&unknown_links, 1);
}

static __always_inline void renamed(__u64 old, __u64 new, __u64 flags)
{
	bool of_old = is_translated(old), of_new = is_translated(new);
	bool back = (flags & RENAME_EXCHANGE_FLAG) && of_new;

	if (of_old || of_new)
		entry_changed(new, OVLW_OP_RENAME);
	if ((of_old || back) && parent_of(old) != parent_of(new))
		entry_changed(old, OVLW_OP_RENAME);
}

/* ovl_link(old, newdir, new) */
SEC("fexit")
int BPF_PROG(ovlt_out_link, struct dentry *old, struct inode *dir, struct dentry *new, int ret)
{
	__u64 from = as_number(old);

	if (!ret && is_translated(from))
		linked(from, as_number(new));
	return 0;
}

/* ovl_unlink(dir, dentry); the dentry has its inode until the VFS lets go of it */
SEC("fexit")
int BPF_PROG(ovlt_out_unlink, struct inode *dir, struct dentry *dentry, int ret)
{
	__u64 entry = as_number(dentry);

	if (!ret && is_translated(entry))
		entry_changed(entry, OVLW_OP_UNLINK);
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_out_rmdir, struct inode *dir, struct dentry *dentry, int ret)
{
	__u64 entry = as_number(dentry);

	if (!ret && is_translated(entry))
		entry_changed(entry, OVLW_OP_RMDIR);
	return 0;
}

/* ovl_rename(idmap, olddir, old, newdir, new, flags); the VFS moves the dentries later */
SEC("fexit")
int BPF_PROG(ovlt_out_rename, void *idmap, struct inode *olddir, struct dentry *old,
	     struct inode *newdir, struct dentry *new, unsigned int flags, int ret)
{
	if (!ret)
		renamed(as_number(old), as_number(new), flags);
	return 0;
}

#endif
