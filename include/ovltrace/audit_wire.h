/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records of the audit's program (bpf/audit/audit.bpf.c) for userspace, with fields of
 * fixed width and explicit padding. Records are packed, so read them with memcpy().
 */
#ifndef OVLTRACE_AUDIT_WIRE_H
#define OVLTRACE_AUDIT_WIRE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

enum {
	OVLA_OUT = 1 << 21, /* bytes for records; an array of 6.1 has at most 4 MiB */
	OVLA_SLACK = 512, /* the last record may start at the last byte */
	OVLA_NAME = 256, /* NAME_MAX and a NUL */
	OVLA_RAW = 128, /* bytes of an entry in one read */
	OVLA_INODES = 1 << 22, /* of one mount; a walk stops there */
	OVLA_ENTRIES = 1 << 20, /* of one cache */
};

enum ovla_what {
	OVLA_WALK, /* every directory cache of the mount that target_fd is on */
	OVLA_DUMP, /* the cache of the directory that is open as target_fd */
};

/* Why the records may be incomplete. */
enum ovla_flag {
	OVLA_TORN = 1 << 0, /* something changed during the read: try again */
	OVLA_FULL = 1 << 1, /* `out` is full: continue at `skip` */
	OVLA_TOO_MANY = 1 << 2, /* OVLA_INODES or OVLA_ENTRIES reached */
};

/* Offsets in bytes; *_bit in bits, from the start of the struct. -1: this kernel lacks the member. */
struct ovla_layout {
	/* relative to struct inode: ovl_inode has members before and after it */
	__s32 inode_cache;
	__s32 inode_version;
	__s32 inode_flags;
	__s32 inode_upper; /* struct dentry * */
	__u32 impure_bit;
	__u32 whiteouts_bit;
	/* in struct ovl_dir_cache */
	__s32 cache_refcount;
	__s32 cache_version;
	__s32 cache_entries;
	/* in struct ovl_cache_entry */
	__s32 entry_len;
	__s32 entry_type;
	__s32 entry_real_ino;
	__s32 entry_ino;
	__s32 entry_node; /* l_node */
	__s32 entry_name;
	__s32 entry_upper_bit;
	__s32 entry_whiteout_bit;
	__s32 entry_xwhiteout_bit; /* -1 before 6.8 */
	/* in struct ovl_fs */
	__s32 fs_xino_mode;
};

/* A directory inode and its cache. */
struct ovla_dir {
	__u64 inode; /* address */
	__u64 cache; /* address; 0: it has none */
	__u64 version;
	__u64 stamp; /* the cache's version */
	__s64 refcount; /* 0 in the cache of an impure directory */
	__u64 ino;
	__u64 upper_ino; /* of the directory in the upper layer, 0: none */
	__u8 impure; /* OVL_IMPURE */
	__u8 whiteouts; /* OVL_WHITEOUTS: the directory is read as a merged one */
	__u8 unhashed; /* removed, but still open */
	__u8 no_name; /* no dentry, or deeper than can be read */
	__u32 path_len; /* of the names that follow, innermost first, each ended by NUL */
};

struct ovla_entry {
	__u64 ino;
	__u64 real_ino;
	__u32 len; /* ovl_cache_entry->len */
	__u32 type; /* DT_* */
	__u8 upper;
	__u8 whiteout;
	__u8 xwhiteout; /* looked up again at each listing */
	__u8 pad;
	__u32 name_len; /* of the name that follows, without a NUL */
};

_Static_assert(sizeof(struct ovla_dir) == 64, "wire");
_Static_assert(sizeof(struct ovla_entry) == 32, "wire");

#endif
