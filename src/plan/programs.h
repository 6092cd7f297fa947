/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF programs that a plan can attach: src/plan/programs.def. Pure.
 */
#ifndef OVLTRACE_PROGRAMS_H
#define OVLTRACE_PROGRAMS_H

/* PROG_at_path_upper and so on: named as the program, without its prefix. */
enum program {
#define PROGRAM(object, name, arg0, arg1) PROG_##name,
#include "plan/programs.def"
#undef PROGRAM
	PROGRAMS,
};

/* The folder of bpf/ that an object is built from. */
enum program_object {
	PROGRAM_OBJECT_trace,
	PROGRAM_OBJECT_stats,
};

enum {
	PROGRAM_ARGS = 2, /* arguments with a type in the list */
};

/* Its name in the object. */
const char *program__name(enum program prog);
enum program_object program__object(enum program prog);
/* The struct that argument `arg`, counted from 0, has to point to; NULL: any. */
const char *program__arg_type(enum program prog, int arg);

#endif
