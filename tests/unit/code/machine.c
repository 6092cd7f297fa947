// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

size_t machine_len;
static uint8_t text[512];

void machine__put(uint32_t value, size_t len)
{
	memcpy(text + machine_len, &value, len);
	machine_len += len;
}

const char *machine__assemble(const struct insn_arch *arch, const char *hex)
{
	size_t unit = arch->insn_len ? arch->insn_len : 1;

	while (*hex == ' ' || isxdigit((unsigned char)*hex)) {
		char one[9] = "";

		if (*hex == ' ') {
			hex++;
			continue;
		}
		memcpy(one, hex, 2 * unit);
		machine__put((uint32_t)strtoul(one, NULL, 16), unit);
		hex += 2 * unit;
	}
	return hex;
}

void machine__return(const struct insn_arch *arch)
{
	machine__put(arch->insn_len ? 0xd65f03c0 : 0xc3, arch->insn_len ? arch->insn_len : 1);
}

int machine__read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	(void)ctx;
	if (addr < MACHINE_TEXT || addr - MACHINE_TEXT + len > machine_len)
		return -EFAULT;
	memcpy(buf, text + (addr - MACHINE_TEXT), len);
	return 0;
}

int machine__func(struct func *f, struct ksyms *ks, const struct insn_arch *arch)
{
	char syms[128];

	snprintf(syms, sizeof(syms), "%llx t ovl_it\t[overlay]\n%llx t ovl_next\t[overlay]\n",
		 MACHINE_TEXT, MACHINE_TEXT + machine_len);
	fixture__symbols(ks, syms, strlen(syms));
	return func__read(f, &(struct code_source){ ks, machine__read, NULL, arch },
			  ksyms__find(ks, "ovl_it"));
}
