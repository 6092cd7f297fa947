// SPDX-License-Identifier: GPL-2.0-only
/*
 * x86-64, decoded by Capstone. Registers have the numbers that instructions
 * encode: rax 0, rcx 1, rdx 2, rbx 3, rbp 5, rsi 6, rdi 7, r8 to r15; but rsp has INSN_STACK.
 */
#include <string.h>

#include "code/internal.h"

enum {
	RAX = 0,
	RSP = 4, /* in instructions */
	CALL_LEN = 5, /* e8 or e9, rel32; ftrace's call, too */
	MAX_LEN = 15,
};

#define BIT(n) (1U << (n))
/* What a function may change: rax, rcx, rdx, rsi, rdi, r8 to r11 (arch/x86/entry/calling.h) */
#define CALL_WRITES 0x0fc7

/* The register that r is, or is a part of. */
static int reg_number(unsigned int r)
{
	static const struct {
		x86_reg part[5];
	} regs[] = {
		{ { X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH } },
		{ { X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH } },
		{ { X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH } },
		{ { X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH } },
		{ { X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL } },
		{ { X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL } },
		{ { X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL } },
		{ { X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL } },
		{ { X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B } },
		{ { X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B } },
		{ { X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B } },
		{ { X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B } },
		{ { X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B } },
		{ { X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B } },
		{ { X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B } },
		{ { X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B } },
	};
	size_t i, j;

	if (r == X86_REG_INVALID)
		return INSN_NO_REG;
	for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++)
		for (j = 0; j < 5; j++)
			if (regs[i].part[j] == r)
				return i == RSP ? INSN_STACK : (int)i;
	return r == X86_REG_RIP ? INSN_PC : INSN_NO_REG;
}

static void set_mem(struct insn *out, const cs_x86_op *op)
{
	out->mem.base = reg_number(op->mem.base);
	out->mem.index = reg_number(op->mem.index);
	out->mem.segment = op->mem.segment != X86_REG_INVALID;
	out->mem.disp = op->mem.disp;
	out->mem.size = op->size;
}

static void decode_mov(struct insn *out, const cs_x86 *x)
{
	const cs_x86_op *to = &x->operands[0], *from = &x->operands[1];

	if (to->type == X86_OP_MEM) {
		out->kind = INSN_STORE;
		set_mem(out, to);
		if (from->type == X86_OP_IMM)
			out->imm = from->imm;
		else
			out->src = out->reg = reg_number(from->reg);
		return;
	}
	out->reg = reg_number(to->reg);
	if (out->reg < 0)
		return;
	/* what writes a part of a register only is not followed */
	if (from->type == X86_OP_IMM && to->size >= 4) {
		out->kind = INSN_CONST;
		out->imm = to->size == 4 ? (int64_t)(uint32_t)from->imm : from->imm;
	} else if (from->type == X86_OP_MEM) {
		out->kind = INSN_LOAD;
		set_mem(out, from);
	} else if (from->type == X86_OP_REG && to->size >= 4) {
		out->src = reg_number(from->reg);
		if (out->src >= 0)
			out->kind = to->size == 8 ? INSN_MOVE : INSN_MOVE_LOW;
	}
}

/* movslq; cltq has no operands */
static void decode_extension(struct insn *out, const cs_x86 *x)
{
	if (x->op_count == 0) {
		out->reg = out->src = RAX;
	} else if (x->operands[1].type == X86_OP_REG) {
		out->reg = reg_number(x->operands[0].reg);
		out->src = reg_number(x->operands[1].reg);
	} else {
		out->kind = INSN_LOAD;
		out->reg = reg_number(x->operands[0].reg);
		set_mem(out, &x->operands[1]);
		return;
	}
	out->kind = INSN_MOVE_LOW;
}

static void decode_lea(struct insn *out, const cs_x86 *x)
{
	out->reg = reg_number(x->operands[0].reg);
	set_mem(out, &x->operands[1]);
	if (x->operands[0].size != 8)
		return;
	if (out->mem.base == INSN_PC) {
		out->kind = INSN_CONST;
		out->imm = (int64_t)(insn__after(out) + (int64_t)out->mem.disp);
	} else {
		out->kind = INSN_ADDRESS;
	}
}

/* What reads its last operand, or changes its first; sign: adds a constant to it. */
static void decode_arithmetic(struct insn *out, const cs_x86 *x, int sign)
{
	const cs_x86_op *to = &x->operands[0];
	uint8_t i;

	for (i = 0; i < x->op_count; i++) {
		if (x->operands[i].type != X86_OP_MEM)
			continue;
		out->kind = x->operands[i].access & CS_AC_WRITE ? INSN_MODIFY : INSN_READ;
		set_mem(out, &x->operands[i]);
	}
	if (out->kind != INSN_OTHER) {
		if (x->op_count > 1 && x->operands[1].type == X86_OP_IMM)
			out->imm = x->operands[1].imm;
	} else if (sign && x->op_count == 2 && to->type == X86_OP_REG && to->size == 8 &&
		   x->operands[1].type == X86_OP_IMM) {
		out->kind = INSN_ADDRESS;
		out->reg = out->mem.base = reg_number(to->reg);
		out->mem.disp = (int32_t)(sign * x->operands[1].imm);
	}
}

static void decode_exchange(struct insn *out, const cs_x86 *x)
{
	int mem = x->operands[0].type == X86_OP_MEM ? 0 : 1;

	if (x->op_count != 2 || x->operands[mem].type != X86_OP_MEM)
		return;
	out->kind = INSN_EXCHANGE;
	set_mem(out, &x->operands[mem]);
	out->src = out->reg = reg_number(x->operands[!mem].reg);
}

static void decode_zeroing(struct insn *out, const cs_x86 *x)
{
	const cs_x86_op *a = &x->operands[0], *b = &x->operands[1];

	if (a->type == X86_OP_REG && b->type == X86_OP_REG && a->reg == b->reg && a->size >= 4) {
		out->kind = INSN_CONST;
		out->reg = reg_number(a->reg);
		out->reads = 0;
		return;
	}
	decode_arithmetic(out, x, 0);
}

static void decode_comparison(struct insn *out, const cs_x86 *x)
{
	const cs_x86_op *a = &x->operands[0], *b = &x->operands[1];

	if (a->type != X86_OP_REG || a->size != 8 || b->type != X86_OP_IMM) {
		decode_arithmetic(out, x, 0);
		return;
	}
	out->kind = INSN_COMPARE;
	out->reg = reg_number(a->reg);
	out->imm = b->imm;
}

static enum insn_test test_of(unsigned int id)
{
	switch (id) {
	case X86_INS_JA:
		return INSN_IF_ABOVE;
	case X86_INS_JAE:
		return INSN_IF_ABOVE_OR_EQUAL;
	case X86_INS_JB:
		return INSN_IF_BELOW;
	case X86_INS_JBE:
		return INSN_IF_BELOW_OR_EQUAL;
	default:
		return INSN_IF_OTHER;
	}
}

static void decode_branch(struct insn *out, const cs_x86 *x, enum insn_kind direct,
			  enum insn_kind indirect)
{
	if (x->op_count == 1 && x->operands[0].type == X86_OP_IMM) {
		out->kind = direct;
		out->target = (uint64_t)x->operands[0].imm;
		return;
	}
	out->kind = indirect;
	if (x->op_count == 1 && x->operands[0].type == X86_OP_MEM)
		set_mem(out, &x->operands[0]);
	else if (x->op_count == 1)
		out->src = reg_number(x->operands[0].reg);
}

static void decode_kind(struct insn *out, const cs_insn *insn)
{
	const cs_x86 *x = &insn->detail->x86;

	switch (insn->id) {
	case X86_INS_NOP:
	case X86_INS_ENDBR64:
		out->kind = INSN_NOP;
		break;
	case X86_INS_MOV:
	case X86_INS_MOVABS:
		decode_mov(out, x);
		break;
	case X86_INS_MOVSXD:
	case X86_INS_CDQE:
		decode_extension(out, x);
		break;
	case X86_INS_CMP:
		decode_comparison(out, x);
		break;
	case X86_INS_LEA:
		decode_lea(out, x);
		break;
	case X86_INS_ADD:
		decode_arithmetic(out, x, 1);
		break;
	case X86_INS_SUB:
		decode_arithmetic(out, x, -1);
		break;
	case X86_INS_AND:
		decode_arithmetic(out, x, 0);
		if (out->kind == INSN_MODIFY && x->operands[1].type == X86_OP_IMM)
			out->kind = INSN_MASK;
		break;
	case X86_INS_OR:
		decode_arithmetic(out, x, 0);
		if (out->kind != INSN_MODIFY)
			break;
		out->kind = INSN_OR;
		if (x->operands[1].type == X86_OP_REG)
			out->src = out->reg = reg_number(x->operands[1].reg);
		break;
	case X86_INS_XCHG:
	case X86_INS_CMPXCHG:
	case X86_INS_XADD:
		decode_exchange(out, x);
		break;
	case X86_INS_XOR:
		decode_zeroing(out, x);
		break;
	case X86_INS_PUSH:
		out->kind = INSN_PUSH;
		if (x->operands[0].type == X86_OP_REG)
			out->src = reg_number(x->operands[0].reg);
		break;
	case X86_INS_POP:
		out->kind = INSN_POP;
		if (x->operands[0].type == X86_OP_REG)
			out->reg = reg_number(x->operands[0].reg);
		break;
	case X86_INS_CALL:
		decode_branch(out, x, INSN_CALL, INSN_CALL_INDIRECT);
		out->writes = CALL_WRITES;
		break;
	case X86_INS_JMP:
		decode_branch(out, x, INSN_JUMP, INSN_JUMP_INDIRECT);
		break;
	case X86_INS_RET:
		out->kind = INSN_RETURN;
		break;
	case X86_INS_UD2:
		out->kind = INSN_TRAP;
		break;
	case X86_INS_INT3:
		out->kind = INSN_BREAK;
		break;
	default:
		if (x->op_count == 1 && x->operands[0].type == X86_OP_IMM &&
		    insn->id >= X86_INS_JAE && insn->id <= X86_INS_JS) {
			decode_branch(out, x, INSN_BRANCH, INSN_OTHER);
			out->test = test_of(insn->id);
		} else {
			decode_arithmetic(out, x, 0);
		}
	}
}

static bool is_odd(const struct insn_decoder *d, const struct insn *i)
{
	/* arch/x86/include/asm/page_64_types.h: text and modules are above it */
	static const uint64_t start_kernel_map = 0xffffffff80000000;

	switch (d->insn->id) {
	case X86_INS_ENTER:
	case X86_INS_LAHF:
	case X86_INS_LOOP:
	case X86_INS_LOOPE:
	case X86_INS_LOOPNE:
	case X86_INS_JRCXZ:
	case X86_INS_RETF:
	case X86_INS_SAHF:
	case X86_INS_XLATB:
		return true;
	default:
		return cs_insn_group(d->handle, d->insn, X86_GRP_PRIVILEGE) ||
		       cs_insn_group(d->handle, d->insn, X86_GRP_FPU) ||
		       (i->target && i->target < start_kernel_map);
	}
}

static void set(const struct insn_decoder *d, struct insn *out)
{
	decode_kind(out, d->insn);
	out->odd = is_odd(d, out);
}

static uint64_t hidden_target(const uint8_t *code, size_t len, uint64_t addr, size_t *n)
{
	int32_t rel;

	if (len < CALL_LEN)
		return 0;
	memcpy(&rel, code + 1, sizeof(rel));
	*n = CALL_LEN;
	return addr + CALL_LEN + (int64_t)rel;
}

static uint32_t hidden_lengths(struct insn_decoder *d, const uint8_t *code, size_t len,
			       uint64_t addr)
{
	uint8_t copy[MAX_LEN];
	uint32_t lengths = 0;
	unsigned int first;
	struct insn i;

	if (len > sizeof(copy))
		len = sizeof(copy);
	memcpy(copy, code, len);
	for (first = 0; first < 256; first++) {
		copy[0] = first;
		if (insn__decode(d, copy, len, addr, &i) && i.kind != INSN_BREAK && !i.odd)
			lengths |= BIT(i.len);
	}
	return lengths;
}

/* ftrace patches a nop or a call of that length; before it there may be endbr64. */
static bool traced(const struct insn *i, size_t n)
{
	size_t k;

	for (k = 0; k < n && k < 2; k++)
		if (i[k].len == CALL_LEN &&
		    (i[k].kind == INSN_NOP || i[k].kind == INSN_CALL || i[k].patched))
			return true;
	return false;
}

const struct insn_arch insn_x86 = {
	.machine = "x86_64",
	/* rdi, rsi, rdx, rcx, r8, r9 */
	.arg = { 7, 6, 2, 1, 8, 9, INSN_NO_REG, INSN_NO_REG },
	.result = RAX,
	.call_writes = CALL_WRITES,
	.capstone_arch = CS_ARCH_X86,
	.capstone_mode = CS_MODE_64,
	.all_regs = ((1U << 16) - 1) | BIT(INSN_STACK),
	.jump_len = CALL_LEN,
	.reg_number = reg_number,
	.set = set,
	.hidden_target = hidden_target,
	.hidden_lengths = hidden_lengths,
	.traced = traced,
};
