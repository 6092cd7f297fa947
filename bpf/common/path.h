/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads a dentry, and the names from it up to its mount's root.
 */
#ifndef OVLTRACE_BPF_COMMON_PATH_H
#define OVLTRACE_BPF_COMMON_PATH_H

#include "common/read.h"
#include "ovltrace/wire.h"

enum {
	PATH_DEPTH = 48,
	PATH_SLACK = 2 * OVLW_NAME, /* the last name may start at the last byte */
};

/* The members of a dentry that are used. */
struct dentry_words {
	__u64 parent, hash_len, name, inode;
};

/* In most kernels the members are adjacent: one read instead of three. */
static __always_inline void dentry_read(struct dentry_words *w, struct dentry *dentry)
{
	__u32 at = bpf_core_field_offset(struct dentry, d_parent);

	if (bpf_core_field_offset(struct dentry, d_name.hash_len) == at + 8 &&
	    bpf_core_field_offset(struct dentry, d_inode) == at + 24) {
		bpf_probe_read_kernel(w, sizeof(*w), (void *)dentry + at);
		return;
	}
	w->parent = (__u64)BPF_CORE_READ(dentry, d_parent);
	w->hash_len = BPF_CORE_READ(dentry, d_name.hash_len);
	w->inode = (__u64)BPF_CORE_READ(dentry, d_inode);
}

/* The names, innermost first, each ended by NUL. path has OVLW_PATH and PATH_SLACK bytes. */
static __always_inline __u64 path_names(char *path, __u32 *truncated, struct dentry *dentry)
{
	__u64 off = 0;
	__u32 i;

	*truncated = 1;
	for (i = 0; i < PATH_DEPTH; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		const unsigned char *name = BPF_CORE_READ(dentry, d_name.name);
		long n;

		if (parent == dentry || !parent) {
			*truncated = 0;
			break;
		}
		if (off >= OVLW_PATH)
			break;
		n = bpf_probe_read_kernel_str(&path[off & (OVLW_PATH - 1)], OVLW_NAME, name);
		if (n <= 0)
			break;
		off += n;
		dentry = parent;
	}
	return off;
}

#endif
