// SPDX-License-Identifier: GPL-2.0-only
/* The parts of the man pages that come from the tables. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "docs.h"

/* One character of text, as roff wants it. */
static void put_char(FILE *f, char c)
{
	switch (c) {
	case '\\':
		fputs("\\e", f);
		break;
	case '-':
		fputs("\\-", f);
		break;
	case '\'':
		fputs("\\(aq", f);
		break;
	default:
		fputc(c, f);
	}
}

static void put_text(FILE *f, const char *text)
{
	for (; *text; text++)
		put_char(f, *text);
}

static size_t word_length(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) || text[n] == '-' || text[n] == '_')
		n++;
	return n;
}

/* The name of a value or operand: FILE, USEC, COMMAND. */
static bool is_variable(const struct command_spec *spec, const char *word, size_t len)
{
	const struct option_spec *o;

	for (o = spec->options; o->name; o++)
		if (o->arg && strlen(o->arg) == len && !strncmp(o->arg, word, len))
			return true;
	return (spec->operands == OPERANDS_COMMAND && len == 7 && !strncmp(word, "COMMAND", len)) ||
	       (spec->operands == OPERANDS_DIRS && len == 4 && !strncmp(word, "PATH", len)) ||
	       (spec->operands == OPERANDS_RECORDING && len == 4 && !strncmp(word, "FILE", len));
}

/* Prose from a table: options become bold, variables italic. */
static void put_prose(FILE *f, const struct command_spec *spec, const char *text)
{
	bool start = true; /* of a word */

	while (*text) {
		size_t len = start ? word_length(text) : 0;
		const char *font = NULL;

		if (len > 1 && *text == '-')
			font = "\\fB";
		else if (len && is_variable(spec, text, len))
			font = "\\fI";
		if (!len)
			len = 1;
		if (font)
			fputs(font, f);
		start = !isalnum((unsigned char)text[len - 1]);
		for (; len; len--)
			put_char(f, *text++);
		if (font)
			fputs("\\fR", f);
	}
}

/* A phrase of --help as a sentence: with a capital and a full stop. */
static void put_sentence(FILE *f, const struct command_spec *spec, const char *phrase)
{
	char *copy = strdup(phrase);

	if (!copy)
		abort();
	copy[0] = (char)toupper((unsigned char)copy[0]);
	put_prose(f, spec, copy);
	free(copy);
	fputs(".\n", f);
}

/* Sentences, each on a line of its own, as roff wants them. */
static void put_sentences(FILE *f, const struct command_spec *spec, const char *text)
{
	while (*text) {
		const char *end = strstr(text, ". ");
		size_t len = end ? (size_t)(end - text) + 1 : strlen(text);
		char *sentence = strndup(text, len);

		if (!sentence)
			abort();
		put_prose(f, spec, sentence);
		free(sentence);
		fputc('\n', f);
		text += len;
		text += strspn(text, " ");
	}
}

static void put_option(FILE *f, const struct option_spec *o)
{
	if (o->letter)
		fprintf(f, "\\fB\\-%c\\fR, ", o->letter);
	fputs("\\fB\\-\\-", f);
	put_text(f, o->name);
	fputs("\\fR", f);
	if (o->arg)
		fprintf(f, " \\fI%s\\fR", o->arg);
}

static void options(FILE *f, const struct command_spec *spec)
{
	const struct option_spec *o;
	const char *name, *text;
	size_t i;

	for (o = spec->options; o->name; o++) {
		fputs(".TP\n", f);
		put_option(f, o);
		fputc('\n', f);
		put_sentence(f, spec, o->help);
		if (o->details)
			put_sentences(f, spec, o->details);
		if (!o->value)
			continue;
		fprintf(f, "\\fI%s\\fR is one of:\n.RS\n", o->arg);
		for (i = 0; (name = o->value(i, &text)); i++) {
			fputs(".TP\n.B ", f);
			put_text(f, name);
			fputc('\n', f);
			put_sentence(f, spec, text);
		}
		fputs(".RE\n", f);
	}
	fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nShow the options.\n", f);
}

static bool repeatable(const struct option_spec *o)
{
	return o->type == OPTION_DIRS || o->type == OPTION_WORDS || o->type == OPTION_PIDS ||
	       o->type == OPTION_CHOICES;
}

static void synopsis(FILE *f, const struct command_spec *spec)
{
	static const char *const operands[] = {
		[OPERANDS_NONE] = "",
		[OPERANDS_COMMAND] = "[\\fB\\-\\-\\fR \\fICOMMAND\\fR [\\fIARG\\fR]...]\n",
		[OPERANDS_DIRS] = "[\\fIPATH\\fR]...\n",
		[OPERANDS_RECORDING] = "\\fIFILE\\fR\n",
	};
	const struct option_spec *o;

	fprintf(f, ".nh\n.ad l\n.B ovltrace %s\n", spec->name);
	for (o = spec->options; o->name; o++) {
		fputs("[\\fB\\-", f);
		if (o->letter) {
			fputc(o->letter, f);
		} else {
			fputs("\\-", f);
			put_text(f, o->name);
		}
		fputs("\\fR", f);
		if (o->arg)
			fprintf(f, "\\ \\fI%s\\fR", o->arg);
		fprintf(f, "]%s\n", repeatable(o) ? "..." : "");
	}
	fputs(operands[spec->operands], f);
	fprintf(f, ".br\n.B ovltrace %s \\-\\-help\n.ad\n.hy\n", spec->name);
}

static void exit_status(FILE *f, const struct command_spec *spec)
{
	const struct exit_text *e;

	for (e = spec->exits; e->text; e++) {
		fprintf(f, ".TP\n.B %d\n", e->status);
		put_sentence(f, spec, e->text);
	}
}

static void commands(FILE *f, const struct command_spec *none)
{
	size_t i;

	(void)none;
	for (i = 0; command_specs[i]; i++) {
		const struct command_spec *spec = command_specs[i];

		fprintf(f, ".TP\n.BR ovltrace\\-%s (8)\n", spec->name);
		put_sentence(f, spec, spec->summary);
	}
}

static void name(FILE *f, const struct command_spec *spec)
{
	fprintf(f, "ovltrace\\-%s \\- ", spec->name);
	put_text(f, spec->summary);
	fputc('\n', f);
}

const struct docs_part docs_man_command[] = {
	{ "@NAME@", name },
	{ "@SYNOPSIS@", synopsis },
	{ "@OPTIONS@", options },
	{ "@EXIT_STATUS@", exit_status },
	{ 0 },
};

const struct docs_part docs_man_overview[] = {
	{ "@COMMANDS@", commands },
	{ 0 },
};
