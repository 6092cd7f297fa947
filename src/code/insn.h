/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machine instructions, as far as a plan needs to understand them. This header
 * holds for every architecture; src/code/insn_x86.c is what knows x86-64, and
 * another architecture is another such file. Pure.
 */
#ifndef OVLTRACE_INSN_H
#define OVLTRACE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum insn_kind {
	INSN_OTHER, /* what it does is of no interest, but for the registers that it writes */
	INSN_NOP, /* also endbr64, and ftrace's nop */
	INSN_MOVE, /* reg = src */
	INSN_CONST, /* reg = imm */
	INSN_ADDRESS, /* reg = mem.base + mem.disp */
	INSN_LOAD, /* reg = *mem */
	INSN_STORE, /* *mem = reg, or imm where reg is INSN_NO_REG */
	INSN_EXCHANGE, /* swaps reg and *mem, or may do so: cmpxchg */
	INSN_MODIFY, /* *mem is changed in place: an addition, a bit that is cleared */
	INSN_READ, /* *mem is compared, or added to a register */
	INSN_PUSH, /* src; INSN_NO_REG: something else */
	INSN_POP, /* reg */
	INSN_CALL, /* to target */
	INSN_CALL_INDIRECT,
	INSN_JUMP, /* to target */
	INSN_BRANCH, /* to target, perhaps */
	INSN_JUMP_INDIRECT,
	INSN_RETURN,
	INSN_TRAP, /* ud2: the code after it is not reached from here */
	INSN_BREAK, /* int3: padding, or a probe on an instruction that it hides */
	INSN_HIDDEN, /* under a probe: nothing is known but where it begins */
};

enum {
	INSN_NO_REG = -1,
	INSN_PC = -2, /* as a base: the address of the next instruction */
	INSN_REGS = 32,
};

/* *(base + index * scale + disp) */
struct insn_mem {
	int8_t base, index; /* INSN_NO_REG: none */
	uint8_t size; /* bytes that are read or written */
	bool segment; /* relative to something else, as per-CPU data are */
	int32_t disp;
};

struct insn {
	uint64_t addr;
	uint64_t target; /* of direct calls, jumps and branches */
	int64_t imm;
	uint32_t reads; /* registers that its result depends on, one bit each */
	uint32_t writes; /* registers that it changes, one bit each; a call's are all that it may */
	enum insn_kind kind;
	uint8_t len;
	bool odd; /* compilers do not make such: it is the rest of another instruction */
	bool patched; /* a breakpoint sits on it: another tracer's probe */
	int8_t reg, src; /* INSN_NO_REG: none */
	struct insn_mem mem;
};

struct insn_decoder;

/* NULL: no memory. */
struct insn_decoder *insn__decoder_new(void);
void insn__decoder_free(struct insn_decoder *d);
/* Decodes the one at code, which lies at addr. False: that is no instruction. */
bool insn__decode(struct insn_decoder *d, const uint8_t *code, size_t len, uint64_t addr,
		  struct insn *out);
/*
 * A probe's breakpoint lies over the first byte at code. If the rest is that of
 * a direct call or jump: where it leads to, with its length in *n; else 0.
 */
uint64_t insn__hidden_target(const uint8_t *code, size_t len, uint64_t addr, size_t *n);
/*
 * The same, where the rest is not that of a call: which lengths can the hidden
 * instruction have? One bit each.
 */
uint32_t insn__hidden_lengths(struct insn_decoder *d, const uint8_t *code, size_t len,
			      uint64_t addr);

/* Has it change what a call may. */
void insn__clobber_as_call(struct insn *i);

/* Does the code after it run only if something else jumps there? */
bool insn__ends_flow(const struct insn *i);
/* Where it returns to, or what follows it. */
uint64_t insn__after(const struct insn *i);
/* The register of argument n, counted from 0, and of a function's result. */
int insn__arg_reg(int n);
int insn__result_reg(void);
/* Bytes that ftrace patches at a function's entry. */
int insn__ftrace_len(void);
/* The stack pointer. */
int insn__stack_reg(void);

#endif
