/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The traced mounts.
 */
#ifndef OVLTRACE_BPF_COMMON_DEVICE_H
#define OVLTRACE_BPF_COMMON_DEVICE_H

#include "common/read.h"

/* Set before load, from the options. */
const volatile __u32 ndevs; /* 0: every overlay mount */
const volatile __u32 devs[16]; /* the kernel's encoding of st_dev */

/*
 * Is it one of devs? The loop has no branches, because the verifier of 6.1 would follow
 * the rest of the program once for each. Device 0 means unused; no mount has it.
 */
static __always_inline bool device_listed(__u32 dev)
{
	__u64 hit = 0, differs;
	__u32 i;

	for (i = 0; i < 16; i++) {
		differs = devs[i] ^ dev;
		asm volatile("" : "+r"(differs));
		hit |= (differs - 1) >> 63;
	}
	return hit;
}

#endif
