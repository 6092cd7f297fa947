/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds a plan's programs in the loaded objects.
 */
#ifndef OVLTRACE_PROBE_PROGRAMS_H
#define OVLTRACE_PROBE_PROGRAMS_H

#include "plan/programs.h"

struct bpf_object;
struct bpf_program;

/* Never NULL, if obj is the program's own object (program__object()). */
struct bpf_program *program__find(const struct bpf_object *obj, enum program prog);

#endif
