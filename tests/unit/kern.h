/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invented kernels: functions laid out in memory with the calls that a
 * table says, and the kallsyms that goes with them.
 *
 * A function's code is a list of words:
 *   up_write     a call (e8)
 *   =up_write    a jump (e9): a tail call
 *   !up_write    a call with another tracer's breakpoint on it (cc)
 *   -up_write    a call into the padding before it, as call-depth tracking does
 *   #48897702    these bytes, in hex
 *   &ovl_iterate the address of that function into %rsi
 *   *99 kfree    the next word 99 times
 */
#ifndef OVLTRACE_TEST_KERN_H
#define OVLTRACE_TEST_KERN_H

#include "plan/plan.h"

enum {
	KERN_TEXT = 1 << 17,
	KERN_FUNCS = 400,
	KERN_CALLS = 4096,
	KERN_PAD = 16,
	KERN_DEPTH = 9, /* call-depth tracking: that much before the function */
};

struct kfunc {
	const char *name;
	const char *code; /* NULL: there is no such function */
};

struct kern {
	/* its properties; set before kern__make() */
	bool builtin; /* overlayfs is part of the kernel */
	bool hidden; /* kallsyms shows no addresses */
	bool no_pfx; /* no __pfx_ symbols */
	bool endless; /* no symbol follows the last function */
	const char *unreadable; /* a function whose bytes cannot be read */

	/* what was made of it */
	uint8_t text[KERN_TEXT];
	size_t len;
	uint64_t base;
	struct {
		const char *name;
		uint64_t addr;
	} func[KERN_FUNCS];
	size_t nfuncs;
	struct {
		size_t at; /* of the opcode */
		char to[48];
		int back; /* bytes before the function */
	} fix[KERN_CALLS];
	size_t nfix;
	char syms[1 << 17];
	size_t nsyms;
	struct ksyms ks;
	int reads; /* how often the text was read */
};

/*
 * Makes the kernel from funcs, and from what every overlayfs has where funcs
 * does not say otherwise. Both end with a NULL name.
 */
void kern__make(struct kern *k, const struct kfunc *funcs);
void kern__deinit(struct kern *k);
/* The address of a function, of the core kernel or overlayfs; 0: none. */
uint64_t kern__addr(const struct kern *k, const char *name);
/* A code_read_fn; ctx is the kernel. */
int kern__read(void *ctx, uint64_t addr, void *buf, size_t len);
/* The plan for it. */
void kern__plan(struct kern *k, struct plan *plan);

#endif
