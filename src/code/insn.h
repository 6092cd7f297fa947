/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machine instructions, in the detail that a plan needs. One file knows each
 * architecture: src/code/insn_x86.c, src/code/insn_arm64.c. Pure.
 */
#ifndef OVLTRACE_INSN_H
#define OVLTRACE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum insn_kind {
	INSN_OTHER, /* only the registers that it writes matter */
	INSN_NOP, /* also endbr64, and ftrace's nop */
	INSN_MOVE, /* reg = src */
	INSN_MOVE_LOW, /* reg = lower half of src, extended by zeros or by its sign */
	INSN_CONST, /* reg = imm */
	INSN_ADDRESS, /* reg = mem.base + mem.disp */
	INSN_LOAD, /* reg = *mem */
	INSN_STORE, /* *mem = reg, or imm where reg is INSN_NO_REG */
	INSN_EXCHANGE, /* swaps reg and *mem, or may do so: cmpxchg */
	INSN_MASK, /* *mem &= imm */
	INSN_OR, /* *mem |= reg, or imm where reg is INSN_NO_REG */
	INSN_MODIFY, /* *mem is changed in place in another way, as by an addition */
	INSN_READ, /* *mem is compared, or added to a register */
	INSN_COMPARE, /* flags = reg with imm, all of its bits */
	INSN_PUSH, /* src; INSN_NO_REG: something else */
	INSN_POP, /* reg */
	INSN_CALL, /* to target */
	INSN_CALL_INDIRECT,
	INSN_JUMP, /* to target */
	INSN_BRANCH, /* to target, perhaps: test */
	INSN_JUMP_INDIRECT,
	INSN_RETURN,
	INSN_TRAP, /* ud2: the code after it is not reached from here */
	INSN_BREAK, /* int3: padding, or a probe on an instruction that it hides */
	INSN_HIDDEN, /* under a probe: only its start is known */
};

enum {
	INSN_NO_REG = -1,
	INSN_PC = -2, /* as a base: the address of the next instruction */
	INSN_STACK = 31, /* the stack pointer, on every architecture */
	INSN_REGS = 32,
};

/* When a branch is taken, by the flags of a comparison of unsigned numbers. */
enum insn_test {
	INSN_IF_OTHER,
	INSN_IF_ABOVE,
	INSN_IF_ABOVE_OR_EQUAL,
	INSN_IF_BELOW,
	INSN_IF_BELOW_OR_EQUAL,
};

/* *(base + index * scale + disp) */
struct insn_mem {
	int8_t base, index; /* INSN_NO_REG: none */
	uint8_t size; /* bytes that are read or written */
	bool segment; /* relative to something else, as per-CPU data are */
	int32_t disp;
	int32_t moves; /* what the instruction adds to base afterwards */
};

struct insn {
	uint64_t addr;
	uint64_t target; /* of direct calls, jumps and branches */
	int64_t imm;
	uint32_t reads; /* registers that its result depends on, one bit each */
	uint32_t writes; /* registers that it changes, one bit each; a call's are all that it may */
	enum insn_kind kind;
	enum insn_test test; /* of branches */
	uint8_t len;
	bool odd; /* compilers do not emit it: it is the rest of another instruction */
	bool patched; /* a breakpoint sits on it: another tracer's probe */
	int8_t guard; /* 1: the kernel refuses probes on what follows; -1: no longer; 0: as before */
	int8_t reg, src; /* INSN_NO_REG: none */
	struct insn_mem mem;
};

enum {
	INSN_ARGS = 8,
};

struct insn_decoder;

/* What is particular to an architecture. */
struct insn_arch {
	const char *machine; /* as uname(2) has it */
	int8_t arg[INSN_ARGS]; /* registers of arguments; INSN_NO_REG: on the stack */
	int8_t result; /* register of a function's result */
	uint32_t call_writes; /* registers that a callee may change */
	int capstone_arch, capstone_mode;
	uint32_t all_regs; /* what an instruction may change of which that is not known */
	/* The number of one of Capstone's registers, or of what it is a part of. */
	int (*reg_number)(unsigned int reg);
	/* Sets the kind and the operands. Which registers are read and written is set. */
	void (*set)(const struct insn_decoder *d, struct insn *out);
	/* Decodes what Capstone does not know. False: it is no instruction. */
	bool (*decode_unknown)(const uint8_t *code, size_t len, struct insn *out);
	uint64_t (*hidden_target)(const uint8_t *code, size_t len, uint64_t addr, size_t *n);
	/* NULL: all instructions have the same length, and a breakpoint hides all of one. */
	uint32_t (*hidden_lengths)(struct insn_decoder *d, const uint8_t *code, size_t len,
				   uint64_t addr);
	uint8_t insn_len; /* of all instructions; 0: it varies */
	uint8_t jump_len; /* of the jump that the kernel makes of some probes; 0: it makes none */
	/*
	 * How many of a function's last bytes are data that belong to the next one; NULL:
	 * none.
	 */
	size_t (*trailer)(const uint8_t *code, size_t len);
	/* A function of the kernel without which it has no trampolines; NULL: none. */
	const char *trampolines;
	/* A call that does not reach its function goes to code that jumps there. */
	bool veneers;
	/* insn.guard; NULL: it is 0. It counts for guard_reach instructions. */
	int (*guard)(const uint8_t *code);
	uint8_t guard_reach;
	/* Whether a function that begins with these n instructions has a place for ftrace. */
	bool (*traced)(const struct insn *i, size_t n);
};

extern const struct insn_arch insn_x86, insn_arm64;

/* That of a machine, as uname(2) has it; NULL: unknown. */
const struct insn_arch *insn__arch(const char *machine);

/* NULL: no memory. */
struct insn_decoder *insn__decoder_new(const struct insn_arch *arch);
void insn__decoder_free(struct insn_decoder *d);
/* Decodes the instruction at code, whose address is addr. False: there is none. */
bool insn__decode(struct insn_decoder *d, const uint8_t *code, size_t len, uint64_t addr,
		  struct insn *out);
/*
 * A probe's breakpoint replaces the first bytes at code. If the rest is that of a
 * direct call or jump: its target, with its length in *n; else 0.
 */
uint64_t insn__hidden_target(const struct insn_decoder *d, const uint8_t *code, size_t len,
			     uint64_t addr, size_t *n);
/*
 * The same, if the rest is not that of a call: the possible lengths of the hidden
 * instruction, one bit each.
 */
uint32_t insn__hidden_lengths(struct insn_decoder *d, const uint8_t *code, size_t len,
			      uint64_t addr);

/* Whether the code after it runs only if something else jumps there. */
bool insn__ends_flow(const struct insn *i);
/* Where it returns to, or what follows it. */
uint64_t insn__after(const struct insn *i);

#endif
