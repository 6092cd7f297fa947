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
	CODE_MAX_CLEARS = 8,
};

struct code_call {
	const struct ksym *from; /* the function that the call is in */
	const struct ksym *to;
	uint64_t addr; /* of the call instruction */
	uint64_t after; /* of the instruction that it returns to */
	bool tail; /* a jump: there is no return to probe */
	bool conditional; /* a conditional tail call: a probe on it also runs if it is not taken */
	/*
	 * Not a direct call: `from` calls a function of overlayfs that only jumps to
	 * `to`. The arguments are those of that function; the return is shared.
	 */
	bool through;
	bool patched; /* a breakpoint sits on it: another tracer's probe */
	bool notrace; /* `from` is notrace: the kernel may refuse a probe in it */
	bool guarded, guarded_after; /* the kernel refuses a probe on it; on what follows it */
	int origin; /* calls of lock functions: the origin of the first argument, see flow.h */
};

/* An instruction that writes a member of an object. */
struct code_store {
	const struct ksym *from;
	uint64_t addr;
	int base; /* the register that the displacement counts from */
	int value; /* the register that holds the new value; INSN_NO_REG: it is 0 */
	bool filled_later; /* what value points to has not got its member at `watch_member` yet */
};

struct code_graph {
	/*
	 * Set before functions are added. Stores of a pointer at this displacement are
	 * noted; 0: none. It is negative: hardly anything but members that precede an
	 * embedded struct is addressed that way.
	 */
	int32_t watch;
	int32_t watch_member; /* of what such a pointer points to; 0: none */
	struct code_store store[CODE_MAX_STORES];
	size_t nstores;
	/*
	 * The same for instructions that clear this bit alone of the word at this
	 * displacement, 0: none.
	 */
	int32_t watch_flags;
	unsigned int flag;
	struct code_store clear[CODE_MAX_CLEARS];
	size_t nclears;
	const struct ksym *func[CODE_MAX_FUNCS];
	bool root[CODE_MAX_FUNCS];
	bool traced; /* a function has room for ftrace, so functions without it are notrace */
	size_t nfuncs;
	struct code_call call[CODE_MAX_CALLS];
	size_t ncalls;
	bool truncated; /* a table was full, so more calls may exist */
	/* the first function that was not decoded completely; func.h has the reason and the place */
	int err;
	const struct ksym *err_in;
	uint64_t unknown;
};

/*
 * Adds func, its .cold part, and all functions of overlayfs that they call, at
 * any depth. Calls of functions that `stop` names are noted, but not followed:
 * these functions are probed themselves.
 */
void code__add(struct code_graph *g, const struct code_source *src, const struct ksym *func,
	       bool root, const char *stop);

/* Appends the calls of one function. Returns how many it appended. */
size_t code__calls_in(struct code_graph *g, const struct code_source *src, const struct ksym *func);

/*
 * Whether the call is the last or only thing that a function below the roots
 * does. The calls of that function then represent it. inode_unlock() is such a
 * function where it is not inlined. Like all inline functions of the kernel it
 * is notrace, so the kernel refuses a probe in it.
 */
bool code__is_passed_on(const struct code_graph *g, const struct code_call *c);
/* Adds the calls through such functions. */
void code__add_through(struct code_graph *g);

bool code__is_root(const struct code_graph *g, const struct ksym *func);

/* Whether some code could not be read or followed. What is not seen is then unknown, not absent. */
bool code__has_gap(const struct code_graph *g);
/* Describes the place; a graph without functions lacks `root`. */
void code__describe_gap(const struct code_graph *g, const char *root, char *buf, size_t size);

#endif
