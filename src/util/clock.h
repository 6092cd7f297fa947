/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_CLOCK_H
#define OVLTRACE_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC: the clock of bpf_ktime_get_ns(), so both can be compared. */
uint64_t clock__now_ns(void);

#endif
