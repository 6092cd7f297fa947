// SPDX-License-Identifier: GPL-2.0-only
#include "docs.h"

/* Text inside '...'. */
static void put_quoted(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', f);
		fputc(*text, f);
	}
}

/* How the value of an option is completed. */
static void value(FILE *f, const struct option_spec *o)
{
	const char *name, *text;
	size_t i;

	switch (o->type) {
	case OPTION_FILE:
		fputs(" -r -F", f);
		break;
	case OPTION_USER:
		fputs(" -x -a '(__fish_complete_users)'", f);
		break;
	case OPTION_DIRS:
		fputs(" -x -a '(__fish_complete_directories)'", f);
		break;
	case OPTION_PIDS:
		fputs(" -x -a '(__fish_complete_pids)'", f);
		break;
	case OPTION_CHOICE:
	case OPTION_CHOICES:
		fputs(" -x -a '", f);
		for (i = 0; (name = o->value(i, &text)); i++)
			fprintf(f, "%s%s", i ? " " : "", name);
		fputc('\'', f);
		break;
	default:
		fputs(" -x", f); /* a number: nothing to offer */
	}
}

static void option(FILE *f, const char *command, const struct option_spec *o)
{
	fprintf(f, "complete -c ovltrace -n '__ovltrace_in %s'", command);
	if (o->letter)
		fprintf(f, " -s %c", o->letter);
	fprintf(f, " -l %s", o->name);
	if (o->arg)
		value(f, o);
	fputs(" -d '", f);
	put_quoted(f, o->help);
	fputs("'\n", f);
}

static void options(FILE *f, const struct command_spec *none)
{
	const struct option_spec *o;
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++) {
		const struct command_spec *spec = command_specs[i];

		fprintf(f, "# %s\n", spec->name);
		for (o = spec->options; o->name; o++)
			option(f, spec->name, o);
		fprintf(f,
			"complete -c ovltrace -n '__ovltrace_in %s' -s h -l help -d 'show the options'\n",
			spec->name);
		if (spec->operands == OPERANDS_RECORDING)
			fprintf(f, "complete -c ovltrace -n '__ovltrace_in %s' -F\n", spec->name);
		if (spec->operands == OPERANDS_DIRS)
			fprintf(f,
				"complete -c ovltrace -n '__ovltrace_in %s' -a "
				"'(__fish_complete_directories)'\n",
				spec->name);
		if (spec->operands == OPERANDS_COMMAND)
			fprintf(f,
				"complete -c ovltrace -n '__ovltrace_in %s; and __ovltrace_after_dashes' "
				"-a '(__fish_complete_subcommand --)'\n",
				spec->name);
		fputc('\n', f);
	}
}

static void commands(FILE *f, const struct command_spec *none)
{
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++) {
		fprintf(f, "complete -c ovltrace -n __fish_use_subcommand -a %s -d '",
			command_specs[i]->name);
		put_quoted(f, command_specs[i]->summary);
		fputs("'\n", f);
	}
	fputs("complete -c ovltrace -n __fish_use_subcommand -a help "
	      "-d 'show the options of a command'\n",
	      f);
}

const struct docs_part docs_fish[] = {
	{ "@COMMANDS@", commands },
	{ "@OPTIONS@", options },
	{ 0 },
};
