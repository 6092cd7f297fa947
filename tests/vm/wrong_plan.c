// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked over the real functions with --wrap: makes a plan that is wrong in the
 * way that WRONG_PLAN says, for the test that the proof finds it, or programs and
 * probes that the kernel refuses. The program that is installed has no such way in.
 *
 *   drop PROGRAM	its probes are not attached
 *   late PROGRAM	they sit behind their call, where arguments are gone
 *   layout		the version is read from the next member
 *   shift PROGRAM	its probes sit inside an instruction: the kernel refuses them
 *   load PROGRAM	it is of another type: the kernel's verifier refuses it
 *   load	all are
 */
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"

void __real_plan__make(struct plan *plan, const struct plan_input *in);
void __wrap_plan__make(struct plan *plan, const struct plan_input *in);
int __real_bpf_object__load_skeleton(struct bpf_object_skeleton *s);
int __wrap_bpf_object__load_skeleton(struct bpf_object_skeleton *s);

/* The program that WRONG_PLAN names after that word; NULL: none. */
static const char *meant(const char *word)
{
	const char *wrong = getenv("WRONG_PLAN");

	return wrong && !strncmp(wrong, word, strlen(word)) ? wrong + strlen(word) : NULL;
}

static bool is(const char *wanted, enum program prog)
{
	return wanted && !strcmp(wanted, program__name(prog));
}

/* The instruction after the call at addr. */
static uint64_t after(const struct plan *plan, uint64_t addr)
{
	size_t i;

	for (i = 0; i < plan->graph.ncalls; i++)
		if (plan->graph.call[i].addr == addr)
			return plan->graph.call[i].after;
	return addr;
}

/* Puts a probe that is before its call on it. */
static void put_on_call(struct plan_probe *p)
{
	if (!p->call)
		return;
	p->addr = p->call;
	p->call = 0;
	p->cookie = p->call_cookie;
}

/* A shifted probe was refused at its wrong address, and is planned at the right one. */
static void shift_back(struct refusals *refused)
{
	size_t i;

	for (i = 0; i < refused->n; i++)
		refused->v[i].addr -= is(meant("shift "), refused->v[i].prog);
}

void __wrap_plan__make(struct plan *plan, const struct plan_input *in)
{
	static struct refusals refused;
	struct plan_input mine = *in;
	size_t i, kept = 0;

	if (in->refused) {
		refused = *in->refused;
		shift_back(&refused);
		mine.refused = &refused;
	}
	__real_plan__make(plan, &mine);
	if (meant("layout"))
		plan->layout.inode_version += 8;
	for (i = 0; i < plan->nprobes; i++) {
		struct plan_probe p = plan->probe[i];

		if (is(meant("drop "), p.prog))
			continue;
		if (is(meant("late "), p.prog) || is(meant("shift "), p.prog))
			put_on_call(&p);
		if (is(meant("late "), p.prog))
			p.addr = after(plan, p.addr);
		p.addr += is(meant("shift "), p.prog);
		plan->probe[kept++] = p;
	}
	plan->nprobes = kept;
}

int __wrap_bpf_object__load_skeleton(struct bpf_object_skeleton *s)
{
	const char *wrong = getenv("WRONG_PLAN"), *name = meant("load ");
	bool all = wrong && !strcmp(wrong, "load");
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, *s->obj) {
		const char *this = bpf_program__name(prog);

		/* without the reader of code there is no plan */
		if (!strcmp(this, "ovlt_read_code") || !(all || (name && !strcmp(this, name))))
			continue;
		bpf_program__set_type(prog, BPF_PROG_TYPE_SOCKET_FILTER);
		bpf_program__set_expected_attach_type(prog, 0);
	}
	return __real_bpf_object__load_skeleton(s);
}
