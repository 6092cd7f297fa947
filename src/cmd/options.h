/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One table of options drives both parsing and --help.
 */
#ifndef OVLTRACE_OPTIONS_H
#define OVLTRACE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OPTION_MAX_VALUES = 64,
};

enum option_type {
	OPTION_FLAG, /* bool */
	OPTION_STRING, /* const char * */
	OPTION_SECONDS, /* double, above 0 */
	OPTION_STRINGS, /* struct option_list */
	OPTION_PIDS, /* struct option_list, each checked to be a process id */
	OPTION_SIZE, /* uint64_t */
};

struct option_list {
	const char *v[OPTION_MAX_VALUES];
	size_t n;
};

struct option_spec {
	const char *name; /* without the dashes */
	char letter; /* 0: none */
	enum option_type type;
	const char *arg; /* what --help calls the value; NULL for a flag */
	const char *help; /* NULL: not shown */
	size_t offset; /* of the member in the struct that is filled */
};

struct command_spec {
	const char *name;
	const char *synopsis;
	const char *summary;
	const char *details; /* may be NULL */
	const struct option_spec *options; /* ended by a NULL name */
	int (*main)(const struct command_spec *spec, int argc, char **argv);
};

/*
 * Fills `into`. Returns the index of the first operand, or -1 - status where
 * the program is to end with that status (after --help, or a wrong option,
 * about which one line has been written).
 */
int options__parse(const struct command_spec *spec, int argc, char **argv, void *into);

extern const struct command_spec command_run, command_check, command_report, command_audit,
	command_doctor, command_top;

#endif
