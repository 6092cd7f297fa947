/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls in the kernel's own machine code, and which functions reach which.
 * Pure: the bytes come through a callback.
 */
#ifndef OVLTRACE_CODE_H
#define OVLTRACE_CODE_H

#include "code/flow.h"

enum {
	CODE_MAX_FUNCS = 192,
	CODE_MAX_CALLS = 2048,
	CODE_MAX_STORES = 32,
};

struct code_call {
	const struct ksym *from; /* the function that the call is in */
	const struct ksym *to;
	uint64_t addr; /* of the call instruction */
	uint64_t after; /* of the one that it returns to */
	bool tail; /* a jump: there is no return to probe */
	bool conditional; /* a tail call that may be passed over, so that a probe sees too much */
	/*
	 * Not a call in itself: from calls a function of overlayfs that does nothing
	 * but go on to `to`. The arguments are that function's; the return is shared.
	 */
	bool through;
	bool patched; /* a breakpoint sits on it: another tracer's probe */
	bool notrace; /* `from` is: the kernel may refuse a probe in it */
	int origin; /* of a lock: where the first argument comes from: flow.h */
};

/* An instruction that writes a member of an object. */
struct code_store {
	const struct ksym *from;
	uint64_t addr;
	int base; /* the register that the displacement counts from */
	int value; /* the register that holds the new value; INSN_NO_REG: it is 0 */
};

struct code_graph {
	/*
	 * Set before functions are added: stores of a pointer at that displacement,
	 * which is negative, are noted; 0: none are. Next to nothing but members that
	 * precede an embedded struct is addressed so.
	 */
	int32_t watch;
	struct code_store store[CODE_MAX_STORES];
	size_t nstores;
	const struct ksym *func[CODE_MAX_FUNCS];
	bool root[CODE_MAX_FUNCS];
	bool traced; /* ftrace has room in one of them, so that what has none is notrace */
	size_t nfuncs;
	struct code_call call[CODE_MAX_CALLS];
	size_t ncalls;
	bool truncated; /* a table was full: what is missing is unknown */
	/* the first function that is not known as a whole: func.h says why and from where on */
	int err;
	const struct ksym *err_in;
	uint64_t unknown;
};

/*
 * Adds func, its .cold half, and all of overlayfs' functions that they call,
 * however deep. Functions that `stop` names are noted as called but not
 * entered: they are probed as functions.
 */
void code__add(struct code_graph *g, const struct code_source *src, const struct ksym *func,
	       bool root, const char *stop);

/* The calls in one function only. Returns how many were appended. */
size_t code__calls_in(struct code_graph *g, const struct code_source *src, const struct ksym *func);

/*
 * Is it the last or only thing that a function below the roots does? Then the
 * callers of that function stand for it: inode_unlock(), where it is not
 * inlined, is such a function, and like all of the kernel's inline functions
 * it is notrace, so a probe in it is refused.
 */
bool code__is_passed_on(const struct code_graph *g, const struct code_call *c);
/* Adds the calls through such functions. */
void code__add_through(struct code_graph *g);

bool code__is_root(const struct code_graph *g, const struct ksym *func);

/* Is there code that could not be read or followed? Then what is not seen is unknown. */
bool code__has_gap(const struct code_graph *g);
/* Says where, in words; a graph without functions lacks `root`. */
void code__describe_gap(const struct code_graph *g, const char *root, char *buf, size_t size);

#endif
