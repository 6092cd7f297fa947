// SPDX-License-Identifier: GPL-2.0-only
/* The programs of bpf/trace/ for kernels with bpf_rdonly_cast(): see bpf/common/read.h. */
#define PLAIN_LOADS 1
#include "trace/trace.bpf.c"
