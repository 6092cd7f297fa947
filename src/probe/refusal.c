// SPDX-License-Identifier: GPL-2.0-only
#include "probe/refusal.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plan/evidence.h"
#include "probe/attach_internal.h"
#include "probe/libbpf_log.h"
#include "probe/programs.h"
#include "util/log.h"

#define SET(buf, ...) snprintf(buf, sizeof(buf), __VA_ARGS__)

static bool add(struct refusals *refused, const struct refusal *refusal)
{
	if (!refusals__add(refused, refusal))
		return false;
	debug("refused: %s: %s; %s", refusal->what, refusal->reason, refusal->remedy);
	return true;
}

static bool add_program(struct refusals *refused, enum program prog, const struct load_log *log,
			int err)
{
	struct refusal r = { .prog = prog };

	SET(r.what, "program %s", program__name(prog));
	SET(r.reason, "%s", *log->reason ? log->reason : strerror(-err));
	SET(r.remedy, "%s", load_log__remedy(log, err));
	return add(refused, &r);
}

bool refusal__of_load(struct refusals *refused, int err)
{
	const struct load_log *log = libbpf_log__load();
	int i;

	/* the next program fares no better */
	if (err == -ENOMEM)
		return false;
	for (i = 0; i < PROGRAMS; i++)
		if (!strcmp(program__name(i), log->prog))
			return add_program(refused, i, log, err);
	return false;
}

bool refusal__of_probe(struct refusals *refused, const struct plan_probe *p, int err)
{
	struct refusal r = { .prog = p->prog, .addr = p->call ? p->call : p->addr };

	SET(r.what, "%s on '%s+0x%llx'", provider__name(p->provider), p->func->name,
	    (unsigned long long)(r.addr - p->func->addr));
	SET(r.reason, "%s", strerror(-err));
	SET(r.remedy, "end other tracers of this function, or report the output of 'ovltrace "
		      "doctor -v'");
	return add(refused, &r);
}

void refusal__why(const struct refusals *refused, size_t from, char why[256])
{
	const struct refusal *r = &refused->v[from];

	evidence__set(why, 256, "the kernel refuses %s: %s; %s", r->what, r->reason, r->remedy);
}

void refusal__note(const struct refusals *refused)
{
	char why[256];

	if (!refused->n)
		return;
	refusal__why(refused, 0, why);
	if (refused->n == 1)
		complain("note: %s", why);
	else
		complain("note: %s (and %zu more, see -v)", why, refused->n - 1);
}

/* A trampoline's target has to be known before its program is loaded. */
static int set_target(struct bpf_program *prog, const struct plan_probe *p)
{
	char name[KSYM_NAME];

	if (!attach__is_trampoline(p))
		return 0;
	return bpf_program__set_attach_target(prog, 0, ksym__source_name(p->func->name, name));
}

void refusal__choose_programs(const struct bpf_object *obj, const struct plan *plan,
			      enum program_object object, struct refusals *refused)
{
	struct bpf_program *prog;
	size_t i;

	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, false);
	for (i = 0; i < plan->nprobes; i++) {
		const struct plan_probe *p = &plan->probe[i];
		const struct load_log log = { .reason = "its function has no BTF" };
		/* a program that is refused, wherever it would run */
		const struct refusal *r = refusals__find(refused, p->prog, p->addr);
		int err;

		if (program__object(p->prog) != object || (r && !r->addr))
			continue;
		prog = program__find(obj, p->prog);
		err = set_target(prog, p);
		if (err)
			add_program(refused, p->prog, &log, err);
		else
			bpf_program__set_autoload(prog, true);
	}
}
