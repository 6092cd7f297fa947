// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the kernel's machine code for the plan. It runs on demand (BPF_PROG_TEST_RUN) and
 * is not attached, so it works on kernels that reject every probe.
 */
#include "common/vmlinux.h"
#include <bpf/bpf_helpers.h>

enum {
	CODE_CHUNK = 4096,
};

__u64 code_addr;
__u32 code_len;
__s32 code_err;
__u8 code[CODE_CHUNK];

SEC("syscall")
int ovlt_read_code(void *ctx)
{
	__u32 len = code_len;

	if (len > CODE_CHUNK)
		len = CODE_CHUNK;
	code_err = bpf_probe_read_kernel(code, len, (void *)code_addr);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
