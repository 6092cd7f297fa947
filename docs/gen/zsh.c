// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "docs.h"

/* Text inside '...', in which the characters of `special` need a backslash. */
static void put_quoted(FILE *f, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", f);
		else if (strchr(special, *text))
			fprintf(f, "\\%c", *text);
		else
			fputc(*text, f);
	}
}

/* ":VALUE:ACTION" of an option with a value. */
static void value(FILE *f, const struct option_spec *o)
{
	const char *name, *text;
	size_t i;

	fprintf(f, ":%s:", o->arg);
	switch (o->type) {
	case OPTION_FILE:
		fputs("_files", f);
		break;
	case OPTION_USER:
		fputs("_users", f);
		break;
	case OPTION_DIRS:
		fputs("_directories", f);
		break;
	case OPTION_PIDS:
		fputs("_pids", f);
		break;
	case OPTION_CHOICE:
	case OPTION_CHOICES:
		for (i = 0; (name = o->value(i, &text)); i++)
			fprintf(f, "%s%s", i ? " " : "(", name);
		fputc(')', f);
		break;
	default:
		fputc(' ', f); /* a number: nothing to offer */
	}
}

static bool repeatable(const struct option_spec *o)
{
	return o->type == OPTION_DIRS || o->type == OPTION_PIDS || o->type == OPTION_CHOICES;
}

static void option(FILE *f, const struct option_spec *o)
{
	const char *equals = o->arg ? "=" : "";

	fputs("\t\t", f);
	if (o->letter)
		fprintf(f, "'(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name, o->letter,
			o->arg ? "+" : "", o->name, equals);
	else
		fprintf(f, "'%s--%s%s[", repeatable(o) ? "*" : "", o->name, equals);
	put_quoted(f, o->help, "[]\\");
	fputc(']', f);
	if (o->arg)
		value(f, o);
	fputs("' \\\n", f);
}

static void functions(FILE *f, const struct command_spec *none)
{
	static const char *const operands[] = {
		[OPERANDS_NONE] = "",
		[OPERANDS_COMMAND] = " \\\n\t\t'(-)1:command: _command_names -e' \\\n"
				     "\t\t'*::arguments: _normal'",
		[OPERANDS_DIRS] = " \\\n\t\t'*:directory of an overlay:_directories'",
		[OPERANDS_RECORDING] = " \\\n\t\t'1:recording:_files'",
	};
	const struct option_spec *o;
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++) {
		const struct command_spec *spec = command_specs[i];

		fprintf(f, "%s_ovltrace_%s() {\n\t_arguments -s -S \\\n", i ? "\n" : "",
			spec->name);
		for (o = spec->options; o->name; o++)
			option(f, o);
		fprintf(f, "\t\t'(- *)'{-h,--help}'[show the options]'%s\n}\n",
			operands[spec->operands]);
	}
}

static void commands(FILE *f, const struct command_spec *none)
{
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++) {
		fprintf(f, "\t\t'%s:", command_specs[i]->name);
		put_quoted(f, command_specs[i]->summary, ":\\");
		fputs("'\n", f);
	}
	fputs("\t\t'help:show the options of a command'\n", f);
}

const struct docs_part docs_zsh[] = {
	{ "@FUNCTIONS@", functions },
	{ "@COMMANDS@", commands },
	{ 0 },
};
