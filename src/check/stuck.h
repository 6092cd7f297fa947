/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_CHECK_STUCK_H
#define OVLTRACE_CHECK_STUCK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Looks for a task of pid that sleeps without being interruptible, inside of
 * overlayfs. Writes where, innermost first: "tid 12 (reader): a < b < c".
 */
bool stuck__find(pid_t pid, char *where, size_t size);

#endif
