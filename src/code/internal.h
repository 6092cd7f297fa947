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

#endif
