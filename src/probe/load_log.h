/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From libbpf's warnings about an object that could not be loaded: which program
 * is to blame, and why. Pure.
 */
#ifndef OVLTRACE_LOAD_LOG_H
#define OVLTRACE_LOAD_LOG_H

#include <stdbool.h>

struct load_log {
	char prog[64]; /* the last one that was complained about; "": none */
	char reason[160]; /* one line; "" */
	bool verified; /* the reason is the verifier's */
};

/* Takes one warning, which may have many lines. */
void load_log__add(struct load_log *log, const char *message);
/* What a user can do about it; err is the -errno of the load. */
const char *load_log__remedy(const struct load_log *log, int err);

#endif
