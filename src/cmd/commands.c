// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/commands.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd/help.h"
#include "util/exit_status.h"
#include "util/log.h"

enum {
	LONG_BASE = 256, /* getopt's value of the first long option: no letter's */
};

const struct command_spec *const command_specs[] = {
#define COMMAND(name) &command_##name,
#include "cmd/commands.def"
#undef COMMAND
	NULL,
};

const struct command_spec *command__find(const char *name)
{
	size_t i;

	for (i = 0; command_specs[i]; i++)
		if (!strcmp(command_specs[i]->name, name))
			return command_specs[i];
	return NULL;
}

/* The tables of getopt_long(). */
struct getopt_tables {
	struct option longs[COMMAND_MAX_OPTIONS + 2];
	char shorts[2 * COMMAND_MAX_OPTIONS + 4];
};

static void tables_fill(struct getopt_tables *t, const struct option_spec *options)
{
	char *p = t->shorts;
	size_t n;

	memset(t, 0, sizeof(*t));
	p = stpcpy(p, "+:h");
	for (n = 0; n < COMMAND_MAX_OPTIONS && options[n].name; n++) {
		const struct option_spec *o = &options[n];

		t->longs[n].name = o->name;
		t->longs[n].has_arg = o->arg ? required_argument : no_argument;
		t->longs[n].val = LONG_BASE + (int)n;
		if (!o->letter)
			continue;
		*p++ = o->letter;
		if (o->arg)
			*p++ = ':';
	}
	t->longs[n].name = "help";
	t->longs[n].val = 'h';
}

/* More than one long option begins with this word. */
static bool ambiguous(const struct getopt_tables *t, const char *word)
{
	size_t len = strcspn(word, "="), n, found = 0;

	for (n = 0; t->longs[n].name; n++)
		found += len > 2 && !strncmp(t->longs[n].name, word + 2, len - 2);
	return found > 1;
}

/* c: what getopt_long() returned for `word`. */
static void reject(const struct command_spec *spec, const struct getopt_tables *t, int c,
		   const char *word)
{
	/* -h is always known, so 'h' can only stand for "--help=..." */
	bool letter = optopt > 0 && optopt < LONG_BASE && optopt != 'h';
	char shown[3] = { '-', (char)optopt, 0 };
	const char *option = quoted(letter ? shown : word);

	if (c == ':')
		complain("option '%s' requires a value; see 'ovltrace %s --help'", option,
			 spec->name);
	else if (optopt && !letter)
		complain("option '%s': this option takes no value; see 'ovltrace %s --help'",
			 option, spec->name);
	else if (!letter && ambiguous(t, word))
		complain("option '%s' is ambiguous; see 'ovltrace %s --help'", option, spec->name);
	else
		complain("unrecognized option '%s'; see 'ovltrace %s --help'", option, spec->name);
}

int command__parse(const struct command_spec *spec, int argc, char **argv, void *into)
{
	struct getopt_tables t;
	int c;

	tables_fill(&t, spec->options);
	opterr = 0;
	optind = 0; /* glibc: forget earlier parsing */
	while ((c = getopt_long(argc, argv, t.shorts, t.longs, NULL)) != -1) {
		const struct option_spec *o;

		if (c == 'h') {
			help__command(stdout, spec);
			return -1 - EXIT_CLEAN;
		}
		if (c == '?' || c == ':') {
			reject(spec, &t, c, argv[optind - 1]);
			return -1 - EXIT_USAGE;
		}
		for (o = spec->options; o->name; o++)
			if (c == o->letter || c == LONG_BASE + (int)(o - spec->options))
				break;
		if (option__set(o, (char *)into + o->offset, optarg))
			return -1 - EXIT_USAGE;
	}
	return optind;
}

int command__no_operands(const struct command_spec *spec, const char *operand)
{
	if (!operand)
		return 0;
	complain("argument '%s': '%s' takes no arguments; see 'ovltrace %s --help'",
		 quoted(operand), spec->name, spec->name);
	return EXIT_USAGE;
}
