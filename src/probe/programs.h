/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A plan's programs in the objects that have them.
 */
#ifndef OVLTRACE_PROBE_PROGRAMS_H
#define OVLTRACE_PROBE_PROGRAMS_H

#include "plan/programs.h"

struct bpf_object;
struct bpf_program;

/* obj has to be the program's own, program__object(): then it is never NULL. */
struct bpf_program *program__find(const struct bpf_object *obj, enum program prog);

#endif
