/* SPDX-License-Identifier: GPL-2.0-only */
/* The values of --without, which run and top share. */
#ifndef OVLTRACE_WITHOUT_H
#define OVLTRACE_WITHOUT_H

#include <stddef.h>

#define WITHOUT_SITES "call-site"
#define WITHOUT_KPROBES "kprobe"
#define WITHOUT_TRAMPOLINES "trampoline"

const char *without__value(size_t i, const char **text);

#endif
