// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capstone 4 (Debian 12) knows ARMv8.0. The atomic instructions of 8.1, which the kernel patches
 * in where the processor has them (arch/arm64/include/asm/lse.h), and the returns of 8.3 that
 * check the address are decoded here.
 */
#include <string.h>

#include "code/internal.h"

enum {
	LEN = 4,
};

#define BIT(n) (1U << (n))
#define ALL_REGS (~0U)

static int8_t field(uint32_t word, int from)
{
	return word >> from & 31;
}

static void set_atomic(struct insn *out, uint32_t word, int stored)
{
	int loaded = field(word, 0), base = field(word, 5);

	out->kind = INSN_EXCHANGE;
	out->mem.base = base;
	out->mem.size = 1 << (word >> 30);
	/* register 31 is xzr in these places */
	out->src = out->reg = stored == 31 ? INSN_NO_REG : stored;
	out->reads = BIT(base) | (stored == 31 ? 0 : BIT(stored));
	out->writes = loaded == 31 ? 0 : BIT(loaded);
}

bool insn_arm64__decode_later(const uint8_t *code, size_t len, struct insn *out)
{
	uint32_t word;

	if (len < LEN)
		return false;
	memcpy(&word, code, sizeof(word));
	out->len = LEN;
	out->reads = out->writes = ALL_REGS;
	if ((word & 0x3f200c00) == 0x38200000) {
		/* swp, ldadd, ldclr, ldset …: size 111000 A R 1 Rs o3 opc 00 Rn Rt */
		set_atomic(out, word, field(word, 16));
		if ((word & 0x0000f000) == 0x00003000)
			out->kind = INSN_OR;
		else if ((word & 0x0000f000) != 0x00008000)
			out->kind = INSN_MODIFY;
	} else if ((word & 0x3fa07c00) == 0x08a07c00) {
		/* cas: size 0010001 L 1 Rs o0 11111 Rn Rt; Rt is stored, Rs loaded */
		set_atomic(out, word, field(word, 0));
		out->writes = field(word, 16) == 31 ? 0 : BIT(field(word, 16));
		out->reads |= out->writes;
	} else if ((word & 0xfffffbff) == 0xd65f0bff) {
		/* retaa, retab */
		out->kind = INSN_RETURN;
	} else if (!(word >> 16)) {
		/* udf */
		out->kind = INSN_TRAP;
		out->writes = 0;
	} else {
		return false;
	}
	return true;
}
