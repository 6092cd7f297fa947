/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each subcommand's options, operands and exit statuses. Parsing, --help, the man
 * pages and the completions are made from these tables.
 */
#ifndef OVLTRACE_COMMANDS_H
#define OVLTRACE_COMMANDS_H

#include "cmd/options.h"

enum {
	COMMAND_MAX_OPTIONS = 64, /* of a command; a unit test compares */
};

/* What follows the options. */
enum operands {
	OPERANDS_NONE,
	OPERANDS_COMMAND, /* another program's command line, after "--" */
	OPERANDS_DIRS, /* any number of directories */
	OPERANDS_RECORDING, /* one file */
};

struct exit_text {
	int status;
	const char *text; /* NULL ends the table */
};

struct command_spec {
	const char *name;
	const char *synopsis;
	const char *summary; /* a phrase without a full stop, as in a man page's NAME */
	const char *details; /* may be NULL */
	const struct option_spec *options; /* ended by a NULL name */
	const struct exit_text *exits;
	enum operands operands;
};

#define COMMAND(name)                                    \
	extern const struct command_spec command_##name; \
	int cmd_##name##__main(int argc, char **argv);
#include "cmd/commands.def"
#undef COMMAND

extern const struct command_spec *const command_specs[]; /* ended by NULL */

/* NULL: there is no such command. */
const struct command_spec *command__find(const char *name);

/*
 * Fills `into`. Returns the index of the first operand, or -1 - status if the program
 * must end with that status: after --help, or after an error that has been reported.
 */
int command__parse(const struct command_spec *spec, int argc, char **argv, void *into);

/* Rejects the first operand, if there is one. Returns 0 or an exit status. */
int command__no_operands(const struct command_spec *spec, const char *operand);

#endif
