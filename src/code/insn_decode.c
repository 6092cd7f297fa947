// SPDX-License-Identifier: GPL-2.0-only
/* Capstone, for every architecture. */
#include <stdlib.h>
#include <string.h>

#include "code/internal.h"

struct insn_decoder *insn__decoder_new(const struct insn_arch *arch)
{
	struct insn_decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->arch = arch;
	if (cs_open(arch->capstone_arch, arch->capstone_mode, &d->handle)) {
		free(d);
		return NULL;
	}
	cs_option(d->handle, CS_OPT_DETAIL, CS_OPT_ON);
	d->insn = cs_malloc(d->handle);
	if (d->insn)
		return d;
	insn__decoder_free(d);
	return NULL;
}

void insn__decoder_free(struct insn_decoder *d)
{
	if (!d)
		return;
	if (d->insn)
		cs_free(d->insn, 1);
	cs_close(&d->handle);
	free(d);
}

static uint32_t reg_set(const struct insn_arch *arch, const uint16_t *regs, uint8_t n)
{
	uint32_t set = 0;

	while (n--) {
		int r = arch->reg_number(regs[n]);

		if (r >= 0)
			set |= 1U << r;
	}
	return set;
}

/* Registers that are read and written, explicitly or not. */
static void set_access(const struct insn_decoder *d, struct insn *out)
{
	uint8_t nread, nwritten;
	cs_regs read, write;

	out->reads = out->writes = d->arch->all_regs;
	if (cs_regs_access(d->handle, d->insn, read, &nread, write, &nwritten))
		return;
	out->reads = reg_set(d->arch, read, nread);
	out->writes = reg_set(d->arch, write, nwritten);
}

bool insn__decode(struct insn_decoder *d, const uint8_t *code, size_t len, uint64_t addr,
		  struct insn *out)
{
	const uint8_t *at = code;
	size_t left = len;
	uint64_t pc = addr;

	memset(out, 0, sizeof(*out));
	out->addr = addr;
	out->reg = out->src = out->mem.base = out->mem.index = INSN_NO_REG;
	if (d->arch->guard && len >= d->arch->insn_len)
		out->guard = d->arch->guard(code);
	if (!cs_disasm_iter(d->handle, &at, &left, &pc, d->insn))
		return d->arch->decode_unknown && d->arch->decode_unknown(code, len, out);
	out->len = d->insn->size;
	set_access(d, out);
	d->arch->set(d, out);
	return true;
}

uint64_t insn__hidden_target(const struct insn_decoder *d, const uint8_t *code, size_t len,
			     uint64_t addr, size_t *n)
{
	return d->arch->hidden_target ? d->arch->hidden_target(code, len, addr, n) : 0;
}

uint32_t insn__hidden_lengths(struct insn_decoder *d, const uint8_t *code, size_t len,
			      uint64_t addr)
{
	return d->arch->hidden_lengths ? d->arch->hidden_lengths(d, code, len, addr) :
					 1U << d->arch->insn_len;
}
