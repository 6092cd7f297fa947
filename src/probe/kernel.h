/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The running kernel as the plan's input: symbols, code, BTF.
 */
#ifndef OVLTRACE_KERNEL_H
#define OVLTRACE_KERNEL_H

#include "code/insn.h"
#include "code/ksyms.h"
#include "ovltrace/audit_wire.h"
#include "ovltrace/dirstat_wire.h"
#include "ovltrace/wire.h"
#include "plan/plan.h"

struct btf;
struct kcode_bpf;

struct kernel {
	const struct insn_arch *arch;
	struct ksyms ks;
	struct kcode_bpf *code; /* the reader program */
	struct btf *vmlinux, *overlay; /* overlay: NULL if it has no BTF of its own */
	struct ovlw_layout btf_layout;
	bool has_layout;
	bool from_file; /* overlay comes from a file and is unknown to the kernel */
	char why[160]; /* why it cannot be traced; "" */
	char remedy[160];
};

/*
 * Inspects the kernel. Parts that are not available stay empty. Returns 0, or -errno
 * with `why` and `remedy` if nothing can be traced. btf_file: has the types of
 * overlayfs; NULL: use the kernel's BTF.
 */
int kernel__init(struct kernel *k, const char *btf_file);
void kernel__deinit(struct kernel *k);
/* `in` points into k. */
void kernel__plan_input(struct kernel *k, struct plan_input *in);
/*
 * Calls make(), which makes `plan` from kernel__plan_input(). Where code cannot be followed
 * it waits, reads the symbols again and makes another plan, for a second in all. The code may
 * just be between two states, because another tracer's probes are attached or optimised.
 * Other plans of k are invalid afterwards.
 */
void kernel__plan(struct kernel *k, const struct plan *plan, void (*make)(void *ctx), void *ctx);

/*
 * Finds the directory caches of overlayfs from BTF alone. k is zeroed, not initialized
 * by kernel__init(). Returns 0, or -errno with `why` and `remedy`.
 */
int kernel__audit_layout(struct kernel *k, struct ovla_layout *l);

/* Has the kernel bpf_rdonly_cast()? Programs that need it may be refused all the same. */
bool kernel__has_plain_loads(const struct kernel *k);

/*
 * Offsets that src/probe/dirstat_probe.c needs beside the plan's layout, from BTF.
 * Unknown offsets are -1, unknown sizes 0. Requires kernel__init().
 */
void kernel__dirstat_layout(const struct kernel *k, struct ovls_layout *l);

#endif
