/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory's path from the names that the BPF programs read. Pure. */
#ifndef OVLTRACE_DIRPATH_H
#define OVLTRACE_DIRPATH_H

#include <stdbool.h>
#include <stddef.h>

/* names: innermost first, each ended by NUL. truncated: "/..." comes first. NULL: no memory. */
char *dirpath__join(const char *names, size_t len, bool truncated);

#endif
