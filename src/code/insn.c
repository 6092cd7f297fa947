// SPDX-License-Identifier: GPL-2.0-only
#include "code/insn.h"

#include <string.h>

const struct insn_arch *insn__arch(const char *machine)
{
	static const struct insn_arch *const archs[] = { &insn_x86, &insn_arm64 };
	size_t i;

	for (i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
		if (!strcmp(archs[i]->machine, machine))
			return archs[i];
	return NULL;
}

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
