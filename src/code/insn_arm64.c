// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64. Registers x0 to x30 have their numbers, sp INSN_STACK, xzr none. What Capstone does not
 * know is in insn_arm64_later.c.
 */
#include <string.h>

#include "code/internal.h"

enum {
	LEN = 4,
	LR = 30,
	BRK_KPROBE = 4, /* arch/arm64/include/asm/brk-imm.h, also 5 and 6 */
	BRK_KPROBE_LAST = 6,
};

#define BIT(n) (1U << (n))
/* x0 to x18 and lr (Procedure Call Standard); the kernel keeps x18 for itself */
#define CALL_WRITES ((BIT(19) - 1) | BIT(LR))
#define ALL_REGS (~0U)

static int reg_number(unsigned int r)
{
	if (r >= ARM64_REG_X0 && r <= ARM64_REG_X28)
		return r - ARM64_REG_X0;
	if (r >= ARM64_REG_W0 && r <= ARM64_REG_W30)
		return r - ARM64_REG_W0;
	switch (r) {
	case ARM64_REG_X29:
		return 29;
	case ARM64_REG_X30:
		return LR;
	case ARM64_REG_SP:
	case ARM64_REG_WSP:
		return INSN_STACK;
	default:
		return INSN_NO_REG;
	}
}

static bool is_zero(const cs_arm64_op *op)
{
	return op->type == ARM64_OP_REG && (op->reg == ARM64_REG_XZR || op->reg == ARM64_REG_WZR);
}

static bool is_wide(const cs_arm64_op *op)
{
	return op->type == ARM64_OP_REG &&
	       ((op->reg >= ARM64_REG_X0 && op->reg <= ARM64_REG_X28) || op->reg == ARM64_REG_X29 ||
		op->reg == ARM64_REG_X30 || op->reg == ARM64_REG_SP || op->reg == ARM64_REG_XZR);
}

/* What moves one register. A conditional store stores or not, and its first register says which. */
#define ACCESS(name, kind)                                                             \
	{ ARM64_INS_##name, INSN_##kind, 0 }, { ARM64_INS_##name##B, INSN_##kind, 1 }, \
	{                                                                              \
		ARM64_INS_##name##H, INSN_##kind, 2                                    \
	}
static const struct access {
	uint16_t id;
	uint8_t kind;
	uint8_t size; /* in bytes; 0: that of the register */
} accesses[] = {
	ACCESS(LDR, LOAD),
	ACCESS(LDUR, LOAD),
	ACCESS(LDXR, LOAD),
	ACCESS(LDAR, LOAD),
	ACCESS(LDAXR, LOAD),
	ACCESS(STR, STORE),
	ACCESS(STUR, STORE),
	ACCESS(STLR, STORE),
	ACCESS(STXR, EXCHANGE),
	ACCESS(STLXR, EXCHANGE),
	{ ARM64_INS_LDRSB, INSN_LOAD, 1 },
	{ ARM64_INS_LDURSB, INSN_LOAD, 1 },
	{ ARM64_INS_LDRSH, INSN_LOAD, 2 },
	{ ARM64_INS_LDURSH, INSN_LOAD, 2 },
	{ ARM64_INS_LDRSW, INSN_LOAD, 4 },
	{ ARM64_INS_LDURSW, INSN_LOAD, 4 },
};

static const struct access *find_access(unsigned int id)
{
	size_t i;

	for (i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++)
		if (accesses[i].id == id)
			return &accesses[i];
	return NULL;
}

/* Returns whether an operand addresses memory. */
static bool set_mem(struct insn *out, const cs_arm64 *a)
{
	uint8_t i;

	for (i = 0; i < a->op_count; i++) {
		const cs_arm64_op *op = &a->operands[i];

		if (op->type != ARM64_OP_MEM)
			continue;
		out->mem.base = reg_number(op->mem.base);
		out->mem.index = op->mem.index == ARM64_REG_INVALID ? INSN_NO_REG :
								      reg_number(op->mem.index);
		out->mem.disp = op->mem.disp;
		/* [x0, #8]! or [x0], #8 */
		if (a->writeback)
			out->mem.moves = i + 1 < a->op_count ? (int32_t)op[1].imm : op->mem.disp;
		return true;
	}
	return false;
}

static void decode_access(struct insn *out, const cs_arm64 *a, const struct access *access)
{
	const cs_arm64_op *reg = &a->operands[access->kind == INSN_EXCHANGE ? 1 : 0];

	if (!set_mem(out, a))
		return; /* a literal next to the code */
	out->kind = access->kind;
	out->mem.size = access->size ? access->size : is_wide(reg) ? 8 : 4;
	out->reg = reg_number(reg->reg);
	if (out->kind != INSN_LOAD)
		out->src = out->reg;
}

/* Neither of the two registers is the value of the whole. */
static void decode_pair(struct insn *out, const cs_arm64 *a, enum insn_kind kind)
{
	if (!set_mem(out, a))
		return;
	out->kind = kind;
	out->mem.size = is_wide(&a->operands[0]) ? 16 : 8;
}

static void decode_mov(struct insn *out, const cs_arm64 *a)
{
	const cs_arm64_op *to = &a->operands[0], *from = &a->operands[1];

	out->reg = reg_number(to->reg);
	if (is_zero(from) || from->type == ARM64_OP_IMM) {
		out->kind = INSN_CONST;
		out->imm = is_zero(from) ? 0 : from->imm;
	} else if (from->type == ARM64_OP_REG) {
		out->kind = is_wide(to) ? INSN_MOVE : INSN_MOVE_LOW;
		out->src = reg_number(from->reg);
	}
}

static void decode_extension(struct insn *out, const cs_arm64 *a)
{
	out->kind = INSN_MOVE_LOW;
	out->reg = reg_number(a->operands[0].reg);
	out->src = reg_number(a->operands[1].reg);
}

/* cmp, or cmn: with the negative of the constant */
static void decode_comparison(struct insn *out, const cs_arm64 *a, int sign)
{
	const cs_arm64_op *by = &a->operands[1];
	int64_t imm = by->imm;

	/* Capstone has the first operand as written */
	out->writes = 0;
	if (by->type != ARM64_OP_IMM || !is_wide(&a->operands[0]))
		return;
	if (by->shift.type == ARM64_SFT_LSL)
		imm <<= by->shift.value;
	out->kind = INSN_COMPARE;
	out->reg = reg_number(a->operands[0].reg);
	out->imm = sign * imm;
}

static enum insn_test test_of(arm64_cc cc)
{
	switch (cc) {
	case ARM64_CC_HI:
		return INSN_IF_ABOVE;
	case ARM64_CC_HS:
		return INSN_IF_ABOVE_OR_EQUAL;
	case ARM64_CC_LO:
		return INSN_IF_BELOW;
	case ARM64_CC_LS:
		return INSN_IF_BELOW_OR_EQUAL;
	default:
		return INSN_IF_OTHER;
	}
}

static void decode_const(struct insn *out, const cs_arm64 *a, bool invert)
{
	int64_t imm = a->operands[1].imm;

	if (a->operands[1].shift.type == ARM64_SFT_LSL)
		imm = (int64_t)((uint64_t)imm << a->operands[1].shift.value);
	out->kind = INSN_CONST;
	out->reg = reg_number(a->operands[0].reg);
	out->imm = invert ? ~imm : imm;
	if (!is_wide(&a->operands[0]))
		out->imm = (int64_t)(uint32_t)out->imm;
	out->reads = 0;
}

static void decode_sum(struct insn *out, const cs_arm64 *a, int sign)
{
	const cs_arm64_op *by = &a->operands[2];
	int64_t imm = by->imm;

	if (a->op_count != 3 || by->type != ARM64_OP_IMM || !is_wide(&a->operands[0]))
		return;
	if (by->shift.type == ARM64_SFT_LSL)
		imm <<= by->shift.value;
	out->kind = INSN_ADDRESS;
	out->reg = reg_number(a->operands[0].reg);
	out->mem.base = reg_number(a->operands[1].reg);
	out->mem.disp = (int32_t)(sign * imm);
}

/* The last operand is the target. */
static void decode_branch(struct insn *out, const cs_arm64 *a, enum insn_kind kind)
{
	const cs_arm64_op *to = &a->operands[a->op_count - 1];

	out->kind = kind;
	out->target = (uint64_t)to->imm;
	out->writes = 0;
}

static void decode_break(struct insn *out, const cs_arm64 *a)
{
	/* any other: the handler decides whether the code after it runs */
	if (a->operands[0].imm >= BRK_KPROBE && a->operands[0].imm <= BRK_KPROBE_LAST)
		out->kind = INSN_BREAK;
}

static void set(const struct insn_decoder *d, struct insn *out)
{
	const cs_insn *insn = d->insn;
	const struct access *access = find_access(insn->id);
	const cs_arm64 *a = &insn->detail->arm64;

	if (access) {
		decode_access(out, a, access);
		return;
	}
	switch (insn->id) {
	case ARM64_INS_NOP:
		out->kind = INSN_NOP;
		break;
	case ARM64_INS_HINT:
		/* paciasp, autiasp: 25, 29. bti: from 32 */
		out->writes = a->operands[0].imm < 32 ? BIT(LR) : 0;
		break;
	case ARM64_INS_MOV:
		decode_mov(out, a);
		break;
	case ARM64_INS_MOVZ:
	case ARM64_INS_MOVN:
		decode_const(out, a, insn->id == ARM64_INS_MOVN);
		break;
	case ARM64_INS_ADR:
	case ARM64_INS_ADRP:
		decode_const(out, a, false);
		break;
	case ARM64_INS_ADD:
	case ARM64_INS_SUB:
		decode_sum(out, a, insn->id == ARM64_INS_ADD ? 1 : -1);
		break;
	case ARM64_INS_SXTW:
		decode_extension(out, a);
		break;
	case ARM64_INS_CMP:
	case ARM64_INS_CMN:
		decode_comparison(out, a, insn->id == ARM64_INS_CMP ? 1 : -1);
		break;
	case ARM64_INS_CCMP:
	case ARM64_INS_CCMN:
	case ARM64_INS_TST:
		/* Capstone has the first operand as written */
		out->writes = 0;
		break;
	case ARM64_INS_LDP:
	case ARM64_INS_LDNP:
		decode_pair(out, a, INSN_LOAD);
		break;
	case ARM64_INS_STP:
	case ARM64_INS_STNP:
		decode_pair(out, a, INSN_STORE);
		break;
	case ARM64_INS_CBZ:
	case ARM64_INS_CBNZ:
	case ARM64_INS_TBZ:
	case ARM64_INS_TBNZ:
		decode_branch(out, a, INSN_BRANCH);
		break;
	case ARM64_INS_B:
		decode_branch(out, a,
			      a->cc == ARM64_CC_INVALID || a->cc == ARM64_CC_AL ? INSN_JUMP :
										  INSN_BRANCH);
		out->test = test_of(a->cc);
		break;
	case ARM64_INS_BL:
		decode_branch(out, a, INSN_CALL);
		out->writes = CALL_WRITES;
		break;
	case ARM64_INS_BLR:
		out->kind = INSN_CALL_INDIRECT;
		out->src = reg_number(a->operands[0].reg);
		out->writes = CALL_WRITES;
		break;
	case ARM64_INS_BR:
		out->kind = INSN_JUMP_INDIRECT;
		out->src = reg_number(a->operands[0].reg);
		break;
	case ARM64_INS_RET:
		out->kind = INSN_RETURN;
		break;
	case ARM64_INS_BRK:
		decode_break(out, a);
		break;
	default:
		break;
	}
}

/*
 * A probe between an exclusive load and its store would make the store fail for ever.
 * What the kernel takes for these also has ldar, stlr and casa (aarch64_insn_is_load_ex()
 * in arch/arm64/include/asm/insn.h; is_probed_address_atomic() in kernel/probes/decode-insn.c).
 */
static int guard(const uint8_t *code)
{
	uint32_t word;

	memcpy(&word, code, sizeof(word));
	if ((word & 0x3f400000) == 0x08400000)
		return 1;
	return (word & 0x3f400000) == 0x08000000 ? -1 : 0;
}

/*
 * Before a function that ftrace traces, kernels with DYNAMIC_FTRACE_WITH_CALL_OPS keep a
 * pointer (arch/arm64/kernel/ftrace.c). Its upper half is no instruction. With 52 bits of an
 * address, only the first 12 bits are all set.
 */
static size_t trailer(const uint8_t *code, size_t len)
{
	return len >= 8 && code[len - 1] == 0xff && code[len - 2] >= 0xf0 ? 8 : 0;
}

/*
 * After what the compiler puts first (bti, paciasp) come two instructions for ftrace
 * (arch/arm64/kernel/ftrace.c): nop, nop; or mov x9, lr and a nop or call.
 */
static bool traced(const struct insn *i, size_t n)
{
	size_t k;

	for (k = 0; k + 1 < n && k < 2; k++) {
		if (i[k + 1].kind != INSN_NOP && i[k + 1].kind != INSN_CALL)
			continue;
		if (i[k].kind == INSN_NOP ||
		    (i[k].kind == INSN_MOVE && i[k].reg == 9 && i[k].src == LR))
			return true;
	}
	return false;
}

const struct insn_arch insn_arm64 = {
	.machine = "aarch64",
	.arg = { 0, 1, 2, 3, 4, 5, 6, 7 },
	.result = 0,
	.call_writes = CALL_WRITES,
	.capstone_arch = CS_ARCH_ARM64,
	.capstone_mode = CS_MODE_ARM,
	.all_regs = ALL_REGS,
	.reg_number = reg_number,
	.set = set,
	.decode_unknown = insn_arm64__decode_later,
	.insn_len = LEN,
	.trailer = trailer,
	.guard = guard,
	.guard_reach = 32,
	.trampolines = "register_ftrace_direct", /* since 6.4 */
	.veneers = true, /* arch/arm64/kernel/module-plts.c */
	.traced = traced,
};
