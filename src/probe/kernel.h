/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The running kernel as the plan's input: symbols, code, BTF.
 */
#ifndef OVLTRACE_KERNEL_H
#define OVLTRACE_KERNEL_H

#include "code/ksyms.h"
#include "ovltrace/audit_wire.h"
#include "ovltrace/dirstat_wire.h"
#include "ovltrace/wire.h"
#include "plan/plan.h"

struct btf;
struct kcode_bpf;

struct kernel {
	struct ksyms ks;
	struct kcode_bpf *code; /* the reader program */
	struct btf *vmlinux, *overlay; /* overlay: NULL where it has no BTF */
	struct ovlw_layout btf_layout;
	bool has_layout;
	bool from_file; /* overlay: was read from a file, the kernel does not have it */
	char why[160]; /* why it can't be traced; "" */
	char remedy[160];
};

/*
 * Looks at everything; what can't be had is left empty. Returns 0, or -errno
 * with `why` and `remedy` set where nothing can be traced at all.
 * btf_file: has overlayfs' types; NULL: the kernel is asked.
 */
int kernel__init(struct kernel *k, const char *btf_file);
void kernel__deinit(struct kernel *k);
/* in points into k. */
void kernel__plan_input(struct kernel *k, struct plan_input *in);

/*
 * Where overlayfs keeps its directory caches, from its BTF alone; k needs no
 * kernel__init() for it and gets `why` and `remedy`. 0 or -errno.
 */
int kernel__audit_layout(struct kernel *k, struct ovla_layout *l);

/*
 * What src/probe/dirstat_probe.c needs beside the plan's layout, from BTF; what is not
 * known is -1, sizes 0. k was kernel__init()ed.
 */
void kernel__dirstat_layout(const struct kernel *k, struct ovls_layout *l);

#endif
