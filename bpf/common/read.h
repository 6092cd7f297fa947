/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading kernel memory.
 */
#ifndef OVLTRACE_BPF_COMMON_READ_H
#define OVLTRACE_BPF_COMMON_READ_H

#include "common/vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* Returns 0 if the address cannot be read. */
static __always_inline __u64 read_u64(__u64 addr)
{
	__u64 v = 0;

	bpf_probe_read_kernel(&v, sizeof(v), (void *)addr);
	return v;
}

/*
 * Copies a constant number of bytes between addresses that are multiples of 8. Where the
 * compiler does not know that, it copies byte by byte.
 */
#define copy_words(to, from, size) \
	__builtin_memcpy(__builtin_assume_aligned(to, 8), __builtin_assume_aligned(from, 8), size)

/* A typed pointer as a number: the verifier drops the type when it is negated. */
static __always_inline __u64 as_number(const void *p)
{
	__u64 v = (__u64)p;

	asm volatile("%0 = -%0\n%0 = -%0" : "+r"(v));
	return v;
}

#endif
