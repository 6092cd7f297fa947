/* SPDX-License-Identifier: GPL-2.0-only */
/* Machine code that a test assembles by hand: one function after the other, from MACHINE_TEXT. */
#ifndef OVLTRACE_TEST_MACHINE_H
#define OVLTRACE_TEST_MACHINE_H

#include "code/func.h"

#define MACHINE_TEXT 0xffffffffc0001000ULL

extern size_t machine_len; /* bytes that are there; 0 begins again */

void machine__put(uint32_t value, size_t len);
/* Bytes in hex, or words where instructions are words, and spaces. Returns where this ends. */
const char *machine__assemble(const struct insn_arch *arch, const char *hex);
void machine__return(const struct insn_arch *arch);
/* code_source.read */
int machine__read(void *ctx, uint64_t addr, void *buf, size_t len);
/* All of it as one function of overlayfs: 0 or -errno. Both are to be deinit'ed. */
int machine__func(struct func *f, struct ksyms *ks, const struct insn_arch *arch);

#endif
