/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The members of an overlayfs inode: struct ovl_inode in fs/overlayfs/ovl_entry.h.
 */
#ifndef OVLTRACE_BPF_COMMON_INODE_H
#define OVLTRACE_BPF_COMMON_INODE_H

#include "common/vfs.h"
#include "ovltrace/wire.h"

/* Set before load, from the plan. */
const volatile struct ovlw_layout layout;

struct inode_words {
	__u64 slot, version;
	bool impure, whiteouts;
};

static __always_inline __u64 inode_slot(__u64 inode)
{
	return read_u64(inode + layout.inode_cache);
}

static __always_inline bool inode_impure(__u64 inode)
{
	return read_u64(inode + layout.inode_flags) >> (layout.impure_bit & 63) & 1;
}

static __always_inline bool inode_whiteouts(__u64 inode)
{
	return read_u64(inode + layout.inode_flags) >> (layout.whiteouts_bit & 63) & 1;
}

/*
 * Reads all members. In most kernels they are adjacent, and one call of the helper gets them
 * all.
 */
static __always_inline void inode_read(struct inode_words *w, __u64 inode)
{
	__u32 version = layout.inode_version - layout.inode_cache;
	__u32 flags = layout.inode_flags - layout.inode_cache;
	__u64 flag_word;
	char buf[32];

	if (!PLAIN_LOADS && version <= 24 && flags <= 24) {
		bpf_probe_read_kernel(buf, sizeof(buf), (void *)(inode + layout.inode_cache));
		w->slot = *(__u64 *)buf;
		w->version = *(__u64 *)(buf + version);
		flag_word = *(__u64 *)(buf + flags);
	} else {
		w->slot = inode_slot(inode);
		w->version = read_u64(inode + layout.inode_version);
		flag_word = read_u64(inode + layout.inode_flags);
	}
	w->impure = flag_word >> (layout.impure_bit & 63) & 1;
	w->whiteouts = flag_word >> (layout.whiteouts_bit & 63) & 1;
}

#endif
