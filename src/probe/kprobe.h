/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kprobes and kretprobes at an address of the kernel.
 */
#ifndef OVLTRACE_KPROBE_H
#define OVLTRACE_KPROBE_H

#include <stdbool.h>
#include <stdint.h>

struct bpf_link;
struct bpf_program;

struct kprobe_at {
	uint64_t addr;
	uint64_t cookie; /* for bpf_get_attach_cookie() */
	bool at_return; /* a kretprobe */
};

/* Does the kernel have the kprobe PMU (CONFIG_KPROBE_EVENTS)? */
bool kprobe__available(void);
/*
 * Checks whether probes can be attached, without attaching any. needed: kprobes are
 * needed. Returns 0, or -errno with the reason and the remedy in why.
 */
int kprobe__check(bool needed, char why[256]);
/* Returns 0, and the caller destroys *link; or -errno, and *link is unchanged. */
int kprobe__attach(struct bpf_link **link, struct bpf_program *prog, const struct kprobe_at *at);

/*
 * How often the kernel did not run the program, because the probe was hit in an interrupt of
 * another kprobe's handler. 0 before 6.7, which does not say.
 */
uint64_t kprobe__missed(const struct bpf_link *link);

#endif
