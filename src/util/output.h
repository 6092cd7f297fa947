/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_OUTPUT_H
#define OVLTRACE_OUTPUT_H

#include <stddef.h>

/* Writes all of buf, past interrupts and short writes. Returns 0 or -errno. */
int output__write(int fd, const char *buf, size_t len);

#endif
