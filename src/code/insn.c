// SPDX-License-Identifier: GPL-2.0-only
#include "code/insn.h"

bool insn__ends_flow(const struct insn *i)
{
	switch (i->kind) {
	case INSN_JUMP:
	case INSN_JUMP_INDIRECT:
	case INSN_RETURN:
	case INSN_TRAP:
	case INSN_BREAK:
		return true;
	default:
		return false;
	}
}

uint64_t insn__after(const struct insn *i)
{
	return i->addr + i->len;
}
