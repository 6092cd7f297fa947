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

enum {
	SCRATCH_SLOTS = 8,
};

/*
 * Room to put a path together. A trampoline's program can be preempted by another
 * task that needs room on the same CPU, so each CPU has several. Where all are
 * taken the path is written with a later event. Defines
 *
 *	scratch_get()	room, NULL if all is taken
 *	scratch_put(s)	gives it back
 */
#define PATH_SCRATCH(record)                                                               \
	struct path_scratch {                                                              \
		record ev;                                                                 \
		char slack[PATH_SLACK];                                                    \
		__u32 busy;                                                                \
	};                                                                                 \
                                                                                           \
	struct {                                                                           \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);                                   \
		__uint(max_entries, SCRATCH_SLOTS);                                        \
		__type(key, __u32);                                                        \
		__type(value, struct path_scratch);                                        \
	} scratch SEC(".maps");                                                            \
                                                                                           \
	static __always_inline struct path_scratch *scratch_get(void)                      \
	{                                                                                  \
		struct path_scratch *s;                                                    \
		__u32 i, at;                                                               \
                                                                                           \
		for (i = 0; i < SCRATCH_SLOTS; i++) {                                      \
			at = i;                                                            \
			s = bpf_map_lookup_elem(&scratch, &at);                            \
			if (s && !s->busy && !__sync_val_compare_and_swap(&s->busy, 0, 1)) \
				return s;                                                  \
		}                                                                          \
		return NULL;                                                               \
	}                                                                                  \
                                                                                           \
	static __always_inline void scratch_put(struct path_scratch *s)                    \
	{                                                                                  \
		asm volatile("" ::: "memory");                                             \
		*(volatile __u32 *)&s->busy = 0;                                           \
	}

/* The members of a dentry that are used. */
struct dentry_words {
	__u64 parent, hash_len, name, inode;
};

/* In most kernels the members are adjacent: one call of the helper instead of three. */
static __always_inline void dentry_read(struct dentry_words *w, struct dentry *dentry)
{
	__u32 at = bpf_core_field_offset(struct dentry, d_parent);

	if (!PLAIN_LOADS && bpf_core_field_offset(struct dentry, d_name.hash_len) == at + 8 &&
	    bpf_core_field_offset(struct dentry, d_inode) == at + 24) {
		bpf_probe_read_kernel(w, sizeof(*w), (void *)dentry + at);
		return;
	}
	w->parent = (__u64)read_member(dentry, struct dentry, d_parent);
	w->hash_len = read_member(dentry, struct dentry, d_name.hash_len);
	w->inode = (__u64)read_member(dentry, struct dentry, d_inode);
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
