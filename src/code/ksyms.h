/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of /proc/kallsyms that the plan needs: overlayfs' functions with
 * their extents, and a few of the core kernel's. Pure but for ksyms__load().
 */
#ifndef OVLTRACE_KSYMS_H
#define OVLTRACE_KSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct ksym {
	uint64_t addr;
	uint64_t end; /* address of the next symbol; addr where unknown */
	char *name;
	bool ovl; /* overlayfs' own */
	bool text;
};

struct ksyms {
	struct ksym *v; /* sorted by address */
	size_t n, cap;
	bool hidden; /* every address reads as 0 (kptr_restrict) */
	bool module; /* overlayfs is a module */
	size_t lines;
};

/* Reads kallsyms' text from f. Returns 0 or -errno. */
int ksyms__read(struct ksyms *ks, FILE *f);
void ksyms__deinit(struct ksyms *ks);

/* The text symbol of that exact name, NULL if there is none. */
const struct ksym *ksyms__find(const struct ksyms *ks, const char *name);
/*
 * The function that a call to addr enters, NULL if it is none of ours. With
 * call-depth tracking a call goes to the padding before the function, inside
 * __pfx_NAME (arch/x86/kernel/callthunks.c).
 */
const struct ksym *ksyms__callee(const struct ksyms *ks, uint64_t addr);
/* Does name stand for base, perhaps as base.isra.0, base.part.1, base.cold? */
bool ksym__is(const char *name, const char *base);

#endif
