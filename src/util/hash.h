/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uthash, for rooms that must not exit: an insert without memory leaves the table
 * as it was. After each HASH_ADD, hash__holds() shows whether it succeeded.
 */
#ifndef OVLTRACE_HASH_H
#define OVLTRACE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Keys are small and of constant length: one multiplication for each eight bytes. */
static inline __attribute__((always_inline)) uint32_t hash__key(const void *key, size_t len)
{
	const char *p = key;
	uint64_t h = 0, word;

	for (; len; p += sizeof(word)) {
		size_t n = len < sizeof(word) ? len : sizeof(word);

		word = 0;
		memcpy(&word, p, n);
		h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 32;
		len -= n;
	}
	return (uint32_t)h;
}

#define HASH_FUNCTION(key, len, hash) ((hash) = hash__key(key, len))
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* uthash clears the handle of an element that it could not insert */
#define hash__holds(element) ((element)->hh.tbl != NULL)

#endif
