/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel has logged about overlayfs: its own messages, and reports (a warning, an
 * oops, what KASAN or lockdep prints) that name one of its functions.
 */
#ifndef OVLTRACE_KERNEL_MESSAGES_H
#define OVLTRACE_KERNEL_MESSAGES_H

#include <stdio.h>

enum {
	KERNEL_MESSAGES_BYTES = 256 << 10, /* about the most that is written */
};

/*
 * fd is /dev/kmsg, opened with O_NONBLOCK, or yields one record a read() like it. Writes
 * "SECONDS MESSAGE" lines to f. 0 or -errno.
 */
int kernel_messages__read(int fd, FILE *f);

#endif
