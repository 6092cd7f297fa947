/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the disassembler and the files that know an architecture. */
#ifndef OVLTRACE_CODE_INTERNAL_H
#define OVLTRACE_CODE_INTERNAL_H

#include <capstone/capstone.h>

#include "code/insn.h"

struct insn_decoder {
	const struct insn_arch *arch;
	csh handle;
	cs_insn *insn; /* the last one that was decoded */
};

/* arm64's instructions since ARMv8.1. False: it is no instruction. */
bool insn_arm64__decode_later(const uint8_t *code, size_t len, struct insn *out);

#endif
