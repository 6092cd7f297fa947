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
	uint64_t cookie; /* what bpf_get_attach_cookie() returns */
	bool at_return; /* a kretprobe */
};

/* Has the kernel the PMU that makes kprobes (CONFIG_KPROBE_EVENTS)? */
bool kprobe__available(void);
/*
 * Can probes be attached here? 0, or -errno with the reason and the remedy in why.
 * needed: kprobes are. Attaches nothing.
 */
int kprobe__check(bool needed, char why[256]);
/* 0, and *link is the caller's to destroy; or -errno, and *link is left alone. */
int kprobe__attach(struct bpf_link **link, struct bpf_program *prog, const struct kprobe_at *at);

#endif
