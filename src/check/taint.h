/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel says of itself: whether it died or warned since it was booted. */
#ifndef OVLTRACE_CHECK_TAINT_H
#define OVLTRACE_CHECK_TAINT_H

/* Documentation/admin-guide/tainted-kernels.rst */
enum taint {
	TAINT_DIED = 1 << 7, /* there was an oops or a BUG */
	TAINT_WARNED = 1 << 9,
};

/* The flags that are set; 0 too if they cannot be read. */
unsigned long taint__read(void);

#endif
