// SPDX-License-Identifier: GPL-2.0-only
#include "docs.h"

static void value(FILE *f, const struct option_spec *o)
{
	const char *name, *text;
	size_t i;

	switch (o->type) {
	case OPTION_FILE:
		fputs("_ovltrace_paths -f", f);
		break;
	case OPTION_USER:
		fputs("_ovltrace_users", f);
		break;
	case OPTION_DIRS:
		fputs("_ovltrace_paths -d", f);
		break;
	case OPTION_PIDS:
		fputs("_ovltrace_pids", f);
		break;
	case OPTION_CHOICE:
	case OPTION_CHOICES:
		fputs("_ovltrace_words \"", f);
		for (i = 0; (name = o->value(i, &text)); i++)
			fprintf(f, "%s%s", i ? " " : "", name);
		fputc('"', f);
		break;
	default:
		fputc(':', f); /* a number: nothing to offer */
	}
}

static void values(FILE *f, const struct command_spec *none)
{
	const struct option_spec *o;
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++) {
		const char *command = command_specs[i]->name;

		for (o = command_specs[i]->options; o->name; o++) {
			if (!o->arg)
				continue;
			fprintf(f, "\t\"%s --%s\"", command, o->name);
			if (o->letter)
				fprintf(f, " | \"%s -%c\"", command, o->letter);
			fputs(") ", f);
			value(f, o);
			fputs(" ;;\n", f);
		}
	}
}

static void options(FILE *f, const struct command_spec *none)
{
	const struct option_spec *o;
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++) {
		fprintf(f, "\t%s) _ovltrace_words \"", command_specs[i]->name);
		for (o = command_specs[i]->options; o->name; o++) {
			if (o->letter)
				fprintf(f, "-%c ", o->letter);
			fprintf(f, "--%s ", o->name);
		}
		fprintf(f, "-h --help%s\" ;;\n",
			command_specs[i]->operands == OPERANDS_COMMAND ? " --" : "");
	}
}

static void operands(FILE *f, const struct command_spec *none)
{
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++) {
		const char *command = command_specs[i]->name;

		switch (command_specs[i]->operands) {
		case OPERANDS_COMMAND:
			fprintf(f,
				"\t%s) if [ -n \"$2\" ]; then _ovltrace_command \"$2\"; "
				"else _ovltrace_options %s; fi ;;\n",
				command, command);
			break;
		case OPERANDS_DIRS:
			fprintf(f, "\t%s) _ovltrace_paths -d ;;\n", command);
			break;
		case OPERANDS_RECORDING:
			fprintf(f, "\t%s) _ovltrace_paths -f ;;\n", command);
			break;
		case OPERANDS_NONE:
			fprintf(f, "\t%s) _ovltrace_options %s ;;\n", command, command);
			break;
		}
	}
}

static void commands(FILE *f, const struct command_spec *none)
{
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++)
		fprintf(f, "\t%s\n", command_specs[i]->name);
}

const struct docs_part docs_bash[] = {
	{ "@COMMANDS@", commands },
	{ "@VALUES@", values },
	{ "@OPTIONS@", options },
	{ "@OPERANDS@", operands },
	{ 0 },
};
