/* SPDX-License-Identifier: GPL-2.0-only */
/* --help, from the tables of commands and options. */
#ifndef OVLTRACE_HELP_H
#define OVLTRACE_HELP_H

#include <stdio.h>

#include "cmd/commands.h"

/* All commands, one on each line. */
void help__overview(FILE *f);
/* One command: its options, their values, its exit statuses. */
void help__command(FILE *f, const struct command_spec *spec);

#endif
