// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/help.h"

#include <string.h>

enum {
	WIDTH = 80,
	OPTION_COLUMN = 27, /* where the text about an option begins */
	VALUE_COLUMN = 24,
};

/* Words of text from column `at` on; further lines begin at column `indent`. */
static void wrap(FILE *f, const char *text, int at, int indent)
{
	bool first = true;

	while (*text) {
		int len = (int)strcspn(text, " ");

		if (!first && at + 1 + len > WIDTH) {
			fprintf(f, "\n%*s", indent, "");
			at = indent;
		} else if (!first) {
			fputc(' ', f);
			at++;
		}
		fprintf(f, "%.*s", len, text);
		at += len;
		text += len + strspn(text + len, " ");
		first = false;
	}
	fputc('\n', f);
}

/* "left" and its text in two columns. */
static void entry(FILE *f, const char *left, int column, const char *text)
{
	int at = fprintf(f, "  %s", left);

	if (at >= column) {
		fputc('\n', f);
		at = 0;
	}
	fprintf(f, "%*s", column - at, "");
	wrap(f, text, column, column);
}

static void option(FILE *f, const struct option_spec *o)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
		 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name, o->arg ? " " : "",
		 o->arg ? o->arg : "");
	entry(f, left, OPTION_COLUMN, o->help);
}

static void values(FILE *f, const struct option_spec *o)
{
	const char *name, *text;
	size_t i;

	fprintf(f, "\n%s of --%s:\n", o->arg, o->name);
	for (i = 0; (name = o->value(i, &text)); i++)
		entry(f, name, VALUE_COLUMN, text);
}

void help__command(FILE *f, const struct command_spec *spec)
{
	const struct option_spec *o;
	const struct exit_text *e;

	fprintf(f, "usage: ovltrace %s %s\n\n%s\n", spec->name, spec->synopsis, spec->summary);
	if (spec->details) {
		fputc('\n', f);
		wrap(f, spec->details, 0, 0);
	}
	fputs("\noptions:\n", f);
	for (o = spec->options; o->name; o++)
		option(f, o);
	entry(f, "-h, --help", OPTION_COLUMN, "show this help");
	for (o = spec->options; o->name; o++)
		if (o->value)
			values(f, o);
	fputs("\nexit status:\n", f);
	for (e = spec->exits; e->text; e++) {
		char status[4];

		snprintf(status, sizeof(status), "%d", e->status);
		entry(f, status, 5, e->text);
	}
}

/* What users ask, and the command that answers. */
static const struct {
	const char *command, *text;
} questions[] = {
	{ "ovltrace audit --listings", "do my containers list what is there?" },
	{ "ovltrace top", "which directories cost time, and because of whom?" },
	{ "ovltrace slow -d 60", "which listings were slow, and why?" },
	{ "ovltrace doctor", "which known defects has this kernel?" },
	{ "ovltrace check", "does this kernel keep its caches right?" },
	{ "ovltrace bugreport --no-paths", "what do I send to kernel developers?" },
};

void help__overview(FILE *f)
{
	size_t i;

	fputs("usage: ovltrace COMMAND [OPTION]...\n\n"
	      "trace and diagnose the directory caches of overlayfs\n\ncommands:\n",
	      f);
	for (i = 0; command_specs[i]; i++)
		entry(f, command_specs[i]->name, 13, command_specs[i]->summary);
	fputs("\nwhere to begin:\n", f);
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		entry(f, questions[i].command, 32, questions[i].text);
	fputs("\n'ovltrace COMMAND --help' or 'ovltrace help COMMAND' shows a command's options.\n"
	      "'ovltrace --version' or 'ovltrace -V' shows the version.\n",
	      f);
}
