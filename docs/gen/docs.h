/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is generated from the option tables of src/cmd. The sources are man/ and
 * completions/; a line of theirs that is a placeholder, such as "@OPTIONS@", is
 * replaced by what the tables say.
 */
#ifndef OVLTRACE_DOCS_GEN_H
#define OVLTRACE_DOCS_GEN_H

#include <stdio.h>

#include "cmd/commands.h"

struct docs_part {
	const char *line; /* the placeholder; NULL ends a table */
	/* spec is NULL in a source that is about all commands */
	void (*write)(FILE *f, const struct command_spec *spec);
};

/*
 * @NAME@, @SYNOPSIS@, @OPTIONS@, @EXIT_STATUS@ for the page of one command;
 * @COMMANDS@ for the page about all.
 */
extern const struct docs_part docs_man_command[], docs_man_overview[];
extern const struct docs_part docs_bash[], docs_zsh[], docs_fish[];

/*
 * Copies source, and replaces placeholders as well as "@VERSION@" inside a line.
 * 0, or -1 after one line on standard error about an unknown placeholder.
 */
int docs__fill(FILE *out, FILE *source, const struct docs_part *parts,
	       const struct command_spec *spec);

#endif
