/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables without locks. A kprobe at a call site runs like an NMI (int3), so its
 * program may take no lock that is also taken elsewhere, and an update of a hash
 * map takes one: see docs/locks.md.
 */
#ifndef OVLTRACE_BPF_COMMON_NOTES_H
#define OVLTRACE_BPF_COMMON_NOTES_H

#include "common/read.h"

enum {
	NOTE_PLACES = 8, /* places that a key may be at */
	NOTE_TRIES = 3,
};

/* The place is being written. No address and no tid is this. */
#define NOTE_BUSY ~0ULL
#define NOTE_HASH(key) ((__u32)((key)*0x9e3779b97f4a7c15ULL >> 32))

/* Rises with each note: the lowest of several is the oldest. */
__u32 note_turns;

/*
 * What may be forgotten: a table of `n` places, a power of two. `type` begins
 * with `__u64 key; __u32 turn;`, and key 0 means that the place is free. Defines
 *
 *	name_find(key)	the note, NULL if there is none. Another one may take its
 *			place at any time: a user of its members compares
 *			the key once more after reading them
 *	name_put(note)	keeps it in place of one of the same key, or where it is
 *			free, or of the oldest of NOTE_PLACES
 *	name_drop(key)	returns whether it was there
 */
#define NOTES(name, type, n)                                                           \
	static type name##_notes[n];                                                   \
                                                                                       \
	__noinline int name##_place(__u64 key)                                         \
	{                                                                              \
		__u32 hash = NOTE_HASH(key), i;                                        \
                                                                                       \
		for (i = 0; i < NOTE_PLACES; i++)                                      \
			if (name##_notes[(hash + i) & ((n)-1)].key == key)             \
				return (hash + i) & ((n)-1);                           \
		return -1;                                                             \
	}                                                                              \
                                                                                       \
	static __always_inline type *name##_find(__u64 key)                            \
	{                                                                              \
		int at = name##_place(key);                                            \
                                                                                       \
		return at < 0 ? NULL : &name##_notes[at & ((n)-1)];                    \
	}                                                                              \
                                                                                       \
	/* Returns whether it is done. */                                              \
	__noinline int name##_put_once(const type *note)                               \
	{                                                                              \
		__u32 hash = note ? NOTE_HASH(note->key) : 0, turn = note_turns, i;    \
		type *to = &name##_notes[hash & ((n)-1)];                              \
		__u64 age, oldest = 0, was;                                            \
                                                                                       \
		if (!note)                                                             \
			return 1;                                                      \
		for (i = 0; i < NOTE_PLACES; i++) {                                    \
			type *at = &name##_notes[(hash + i) & ((n)-1)];                \
                                                                                       \
			was = *(volatile __u64 *)&at->key;                             \
			age = was == note->key ? 2ULL << 32 :                          \
			      !was	       ? 1ULL << 32 :                          \
						 (__u32)(turn - at->turn);                         \
			if (age >= oldest) {                                           \
				oldest = age;                                          \
				to = at;                                               \
			}                                                              \
		}                                                                      \
		was = *(volatile __u64 *)&to->key;                                     \
		if (was == NOTE_BUSY ||                                                \
		    __sync_val_compare_and_swap(&to->key, was, NOTE_BUSY) != was)      \
			return 0;                                                      \
		copy_words((char *)to + sizeof(__u64), (char *)note + sizeof(__u64),   \
			   sizeof(*to) - sizeof(__u64));                               \
		to->turn = __sync_fetch_and_add(&note_turns, 1);                       \
		asm volatile("" ::: "memory");                                         \
		*(volatile __u64 *)&to->key = note->key;                               \
		return 1;                                                              \
	}                                                                              \
                                                                                       \
	/* It fails where others write to the same places all the time. */             \
	static __always_inline bool name##_put(const type *note)                       \
	{                                                                              \
		__u32 i;                                                               \
                                                                                       \
		for (i = 0; i < NOTE_TRIES; i++)                                       \
			if (name##_put_once(note))                                     \
				return true;                                           \
		return false;                                                          \
	}                                                                              \
                                                                                       \
	static __always_inline __attribute__((unused)) bool name##_drop(__u64 key)     \
	{                                                                              \
		type *note = name##_find(key);                                         \
                                                                                       \
		return note && __sync_val_compare_and_swap(&note->key, key, 0) == key; \
	}

#endif
