/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All functions of the kernel, to name the addresses of a kernel stack. Pure: the lines of
 * /proc/kallsyms come from the caller. src/code/ksyms.h keeps only those that the plan needs.
 */
#ifndef OVLTRACE_SYMTAB_H
#define OVLTRACE_SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SYMTAB_FRAME = 160, /* "symbol+0x12 [module]" */
};

struct symtab_entry {
	uint64_t addr;
	uint32_t name, module; /* offsets in text; module 0: none */
};

struct symtab {
	struct symtab_entry *v; /* sorted by address */
	size_t n, cap;
	char *text;
	size_t len, room;
	uint32_t last_module;
	bool failed; /* without memory: nothing is named */
};

/* Adds a line to t, which is zero at first. text ends with 0 after len bytes, and is changed. */
void symtab__add_line(struct symtab *t, char *text, size_t len);
/* After the last line. False: there is no function with an address, or no memory. */
bool symtab__finish(struct symtab *t);
void symtab__deinit(struct symtab *t);

/* A stack as it was walked. */
struct symtab_stack {
	const uint64_t *ip; /* the innermost first */
	size_t n;
	bool inside; /* the walk began in the tracer's program, not at the probe */
};

struct symtab_frames {
	char text[SYMTAB_FRAME]; /* of each */
};

/*
 * Writes the frames of a stack, without those of the tracer: at most max. Returns how
 * many; *more: there are further ones.
 */
size_t symtab__frames(const struct symtab *t, const struct symtab_stack *s,
		      struct symtab_frames *to, size_t max, bool *more);

#endif
