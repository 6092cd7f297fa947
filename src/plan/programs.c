// SPDX-License-Identifier: GPL-2.0-only
#include "plan/programs.h"

#include <stddef.h>

static const struct {
	const char *name;
	enum program_object object;
	const char *arg_type[PROGRAM_ARGS];
} programs[PROGRAMS] = {
#define PROGRAM(object, name, arg0, arg1) \
	[PROG_##name] = { "ovlt_" #name, PROGRAM_OBJECT_##object, { arg0, arg1 } },
#include "plan/programs.def"
#undef PROGRAM
};

const char *program__name(enum program prog)
{
	return programs[prog].name;
}

enum program_object program__object(enum program prog)
{
	return programs[prog].object;
}

const char *program__arg_type(enum program prog, int arg)
{
	return programs[prog].arg_type[arg];
}
