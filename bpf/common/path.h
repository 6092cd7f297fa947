/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names from a directory up to its mount's root.
 */
#ifndef OVLTRACE_BPF_COMMON_PATH_H
#define OVLTRACE_BPF_COMMON_PATH_H

#include "common/read.h"
#include "ovltrace/wire.h"

enum {
	PATH_DEPTH = 48,
	PATH_SLACK = 2 * OVLW_NAME, /* the last name may start at the last byte */
};

/* Innermost first, each NUL ended. path has OVLW_PATH and PATH_SLACK bytes. */
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
