/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose a cache is: tables that forget nothing and take no lock. What finds no
 * room is counted as lost.
 */
#ifndef OVLTRACE_BPF_TRACE_OWNERS_H
#define OVLTRACE_BPF_TRACE_OWNERS_H

#include "common/read.h"
#include "ovltrace/wire.h"

enum {
	OWNER_PLACES = 32, /* that a cache may be at; a power of two */
};

/* A table is searched by a function with this. */
struct owner_walk {
	__u64 cache;
	__u32 found, pad;
};

/* A stride of its own for each: caches that meet at one place part at the next. */
static __always_inline __u32 owner_place(__u64 cache, __u32 i, __u32 size)
{
	__u64 hash = cache * 0x9e3779b97f4a7c15ULL;

	return ((__u32)(hash >> 40) + i * ((__u32)(hash >> 16) | 1)) & (size - 1);
}

/*
 * name_size is the number of places, a power of two; name_far has the bits of
 * every number of tries that it took to find one. A cache belongs to one task
 * when it comes into the table and when it goes, so no two add or remove the
 * same one, but for caches of merged directories: see name_remove().
 */
#define OWNERS(name, n)                                                                            \
	const volatile __u32 name##_size = (n);                                                    \
	__u32 name##_far;                                                                          \
                                                                                                   \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);                                                  \
		__uint(max_entries, n);                                                            \
		__type(key, __u32);                                                                \
		__type(value, struct ovlw_owner);                                                  \
	} name SEC(".maps");                                                                       \
                                                                                                   \
	static __always_inline struct ovlw_owner *name##_at(__u64 cache, __u32 i)                  \
	{                                                                                          \
		__u32 place = owner_place(cache, i, name##_size);                                  \
                                                                                                   \
		return bpf_map_lookup_elem(&name, &place);                                         \
	}                                                                                          \
                                                                                                   \
	__noinline int name##_search(__u64 cache)                                                  \
	{                                                                                          \
		__u32 i, far = name##_far;                                                         \
		struct ovlw_owner *o;                                                              \
                                                                                                   \
		for (i = 1; i < OWNER_PLACES && i <= far; i++) {                                   \
			o = name##_at(cache, i);                                                   \
			if (o && o->cache == cache)                                                \
				return i;                                                          \
		}                                                                                  \
		return -1;                                                                         \
	}                                                                                          \
                                                                                                   \
	static __always_inline struct ovlw_owner *name##_find(__u64 cache)                         \
	{                                                                                          \
		struct ovlw_owner *o = name##_at(cache, 0);                                        \
		int i;                                                                             \
                                                                                                   \
		if (o && o->cache == cache)                                                        \
			return o;                                                                  \
		if (!*(volatile __u32 *)&name##_far)                                               \
			return NULL;                                                               \
		i = name##_search(cache);                                                          \
		return i < 0 ? NULL : name##_at(cache, i);                                         \
	}                                                                                          \
                                                                                                   \
	/* Returns whether there was room. */                                                      \
	__noinline int name##_add(const struct ovlw_owner *is)                                     \
	{                                                                                          \
		struct ovlw_owner *o;                                                              \
		__u64 cache, was;                                                                  \
		__u32 i;                                                                           \
                                                                                                   \
		if (!is)                                                                           \
			return 0;                                                                  \
		cache = is->cache;                                                                 \
		o = name##_find(cache);                                                            \
		for (i = 0; !o && i < OWNER_PLACES; i++) {                                         \
			o = name##_at(cache, i);                                                   \
			was = o ? __sync_val_compare_and_swap(&o->cache, 0, cache) : cache;        \
			if (was && was != cache)                                                   \
				o = NULL;                                                          \
			else if (i)                                                                \
				__sync_fetch_and_or(&name##_far, i);                               \
		}                                                                                  \
		if (!o)                                                                            \
			return 0;                                                                  \
		o->inode = is->inode;                                                              \
		o->ino = is->ino;                                                                  \
		o->dev = is->dev;                                                                  \
		return 1;                                                                          \
	}                                                                                          \
                                                                                                   \
	static long name##_remove_at(__u32 i, struct owner_walk *w)                                \
	{                                                                                          \
		struct ovlw_owner *o = name##_at(w->cache, i);                                     \
                                                                                                   \
		if (o && o->cache == w->cache &&                                                   \
		    __sync_val_compare_and_swap(&o->cache, w->cache, 0) == w->cache)               \
			w->found = 1;                                                              \
		return 0;                                                                          \
	}                                                                                          \
                                                                                                   \
	/* Everywhere, since two tasks may have added it at once. Returns whether it was there. */ \
	__noinline int name##_remove(__u64 cache)                                                  \
	{                                                                                          \
		struct owner_walk w = { .cache = cache };                                          \
		__u32 far = *(volatile __u32 *)&name##_far & (OWNER_PLACES - 1);                   \
                                                                                                   \
		name##_remove_at(0, &w);                                                           \
		/* no cache is farther */                                                          \
		if (far)                                                                           \
			bpf_loop(far + 1, name##_remove_at, &w, 0);                                \
		return w.found;                                                                    \
	}

#endif
