/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The completions are generated from the option tables of src/cmd. Their sources are
 * in completions/; a line of theirs that is a placeholder, such as "@OPTIONS@", is
 * replaced by what the tables say.
 */
#ifndef OVLTRACE_DOCS_GEN_H
#define OVLTRACE_DOCS_GEN_H

#include <stdio.h>

#include "cmd/commands.h"

struct docs_part {
	const char *line; /* the placeholder; NULL ends a table */
	void (*write)(FILE *f);
};

extern const struct docs_part docs_bash[], docs_zsh[];

/*
 * Copies source and replaces placeholders.
 * 0, or -1 after one line on standard error about an unknown placeholder.
 */
int docs__fill(FILE *out, FILE *source, const struct docs_part *parts);

#endif
