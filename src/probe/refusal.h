/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loading an object although the kernel refuses some of its programs: these are
 * left out, and the plan is made again without them.
 */
#ifndef OVLTRACE_REFUSAL_H
#define OVLTRACE_REFUSAL_H

#include "plan/plan.h"

struct bpf_object;

/*
 * Has the object load the programs that the plan wants of it, apart from refused
 * ones. A trampoline on a function that has no BTF is refused here.
 */
void refusal__choose_programs(const struct bpf_object *obj, const struct plan *plan,
			      enum program_object object, struct refusals *refused);
/*
 * A load failed with err, after libbpf_log__forget(). false: no program that was
 * not yet refused is to blame.
 */
bool refusal__of_load(struct refusals *refused, int err);
/* false: there is no room for it. */
bool refusal__of_probe(struct refusals *refused, const struct plan_probe *p, int err);
/* One line about the first refusal from number `from` on. */
void refusal__why(const struct refusals *refused, size_t from, char why[256]);
/* Notes on standard error that the trace does without something. */
void refusal__note(const struct refusals *refused);

#endif
