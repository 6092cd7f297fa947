// SPDX-License-Identifier: GPL-2.0-only
/*
 * The build fails here if an object lacks a program of src/plan/programs.def, or the
 * other way round.
 */
#include "probe/programs.h"

#include <bpf/libbpf.h>

#include "ovltrace/dirstat_wire.h"
#include "ovltrace/wire.h"
#include "stats.skel.h"
#include "trace.skel.h"

#define PROGS(object) (((struct object##_bpf *)0)->progs)

#define PROGRAM(object, name, arg0, arg1) \
	_Static_assert(sizeof(PROGS(object).ovlt_##name) == sizeof(struct bpf_program *), "");
#include "plan/programs.def"
#undef PROGRAM

enum {
	LISTED_trace = 0
#define COUNT_trace_trace 1
#define COUNT_trace_stats 0
#define PROGRAM(object, name, arg0, arg1) +COUNT_trace_##object
#include "plan/programs.def"
#undef PROGRAM
		,
	LISTED_stats = PROGRAMS - LISTED_trace,
};

#define IS_LISTED(object)                                                                       \
	_Static_assert(sizeof(PROGS(object)) == LISTED_##object * sizeof(struct bpf_program *), \
		       "src/plan/programs.def lacks a program of bpf/" #object)

IS_LISTED(trace);
IS_LISTED(stats);

struct bpf_program *program__find(const struct bpf_object *obj, enum program prog)
{
	return bpf_object__find_program_by_name(obj, program__name(prog));
}
