/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading kernel memory.
 */
#ifndef OVLTRACE_BPF_COMMON_READ_H
#define OVLTRACE_BPF_COMMON_READ_H

#include "common/vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

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

/*
 * A read by a helper takes about a hundred instructions. Since 6.2, bpf_rdonly_cast() makes a
 * typed pointer of an address, and a program loads through it: ten instructions. It needs the
 * kernel's JIT. So there are two objects of the same programs.
 */
#ifndef PLAIN_LOADS
#define PLAIN_LOADS 0
#endif

#if PLAIN_LOADS
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;
#endif

/* Returns 0 if the address cannot be read. */
static __always_inline __u64 read_u64(__u64 addr)
{
#if PLAIN_LOADS
	struct list_head *word =
		bpf_rdonly_cast((void *)addr, bpf_core_type_id_kernel(struct list_head));

	return as_number(word->next);
#else
	__u64 v = 0;

	bpf_probe_read_kernel(&v, sizeof(v), (void *)addr);
	return v;
#endif
}

/* A member of at most eight bytes of a struct at that address. */
#define read_member(addr, type, member) \
	((typeof(((type *)0)->member))read_u64((__u64)(addr) + bpf_core_field_offset(type, member)))

#endif
