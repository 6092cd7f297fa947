// SPDX-License-Identifier: GPL-2.0-only
/* The registries, and histories as text. */
#include "explore/explore.h"

#include <stdio.h>
#include <string.h>

const char explore_names[EXPLORE_NAMES][2] = { "a", "b", "c", "x", "y", "d" };

const struct explore_op_def explore_ops[EXPLORE_OPS] = {
#define OP(id, word, operands, text) { #word, text, OPERANDS_OF_##operands },
#include "explore/ops.def"
};

#define HAS(name) (1u << NAME_##name)

const struct explore_dir_def explore_dirs[EXPLORE_DIRS] = {
#define DIR(id, upper, names, text) { text, names, upper },
#include "explore/dirs.def"
};

const struct explore_mount_def explore_mounts[EXPLORE_MOUNTS] = {
#define MOUNT(id, options, flags, text) { options, text, flags },
#include "explore/mounts.def"
};

const struct explore_config explore_configs[EXPLORE_CONFIGS] = {
#define CONFIG(name, dir, mount) { #name, DIR_##dir, MOUNT_##mount },
#include "explore/configs.def"
};

const char *const explore_rules[EXPLORE_RULES] = {
#define RULE(id, result, text) text,
#include "explore/rules.def"
};

const char *history__step(struct explore_step s, char text[EXPLORE_TEXT])
{
	const struct explore_op_def *op = &explore_ops[s.op];
	size_t n = snprintf(text, EXPLORE_TEXT, "%s", op->word);

	if (op->operands == OPERANDS_OF_STREAM)
		snprintf(text + n, EXPLORE_TEXT - n, " %d", s.a + 1);
	else if (op->operands == OPERANDS_OF_NAME)
		snprintf(text + n, EXPLORE_TEXT - n, " %s", explore_names[s.a]);
	else if (op->operands == OPERANDS_OF_NAMES)
		snprintf(text + n, EXPLORE_TEXT - n, " %s %s", explore_names[s.a],
			 explore_names[s.b]);
	return text;
}

const char *history__print(const struct explore_history *h, char text[EXPLORE_TEXT])
{
	char step[EXPLORE_TEXT];
	size_t n = 0;
	int i;

	*text = 0;
	for (i = 0; i < h->n && n < EXPLORE_TEXT; i++)
		n += snprintf(text + n, EXPLORE_TEXT - n, "%s%s", i ? "; " : "",
			      history__step(h->step[i], step));
	return text;
}

uint8_t history__mentions(struct explore_step s)
{
	switch (explore_ops[s.op].operands) {
	case OPERANDS_OF_NAME:
		return 1u << s.a;
	case OPERANDS_OF_NAMES:
		return 1u << s.a | 1u << s.b;
	default:
		return 0;
	}
}

/* ---- from text -------------------------------------------------------------- */

struct reader {
	const char *at;
	char word[16];
	const char *begin; /* of the word */
};

/* The next word of this step, "" at its end. */
static const char *next_word(struct reader *r)
{
	size_t n;

	r->at += strspn(r->at, " \t\n");
	n = strcspn(r->at, " \t\n;");
	r->begin = r->at;
	r->at += n;
	snprintf(r->word, sizeof(r->word), "%.*s", n < sizeof(r->word) ? (int)n : 0, r->begin);
	return r->word;
}

static int read_name(struct reader *r, uint8_t *name)
{
	const char *word = next_word(r);

	for (*name = 0; *name < EXPLORE_NAMES; (*name)++)
		if (!strcmp(word, explore_names[*name]))
			return 0;
	return -1;
}

static int read_stream(struct reader *r, uint8_t *stream)
{
	const char *word = next_word(r);

	if ((*word != '1' && *word != '2') || word[1])
		return -1;
	*stream = *word - '1';
	return 0;
}

static const char *read_operands(struct reader *r, struct explore_step *s)
{
	switch (explore_ops[s->op].operands) {
	case OPERANDS_OF_NONE:
		return NULL;
	case OPERANDS_OF_STREAM:
		return read_stream(r, &s->a) ? "a stream is 1 or 2" : NULL;
	case OPERANDS_OF_NAME:
		return read_name(r, &s->a) ? "a name is a, b, c, x, y or d" : NULL;
	case OPERANDS_OF_NAMES:
		return read_name(r, &s->a) || read_name(r, &s->b) ?
			       "two names of a, b, c, x, y, d are needed" :
			       NULL;
	}
	return NULL;
}

static const char *read_step(struct reader *r, struct explore_history *h)
{
	struct explore_step s = { 0 };
	const char *word = next_word(r), *why;

	if (!*word)
		return "an operation is missing";
	while (s.op < EXPLORE_OPS && strcmp(word, explore_ops[s.op].word))
		s.op++;
	if (s.op == EXPLORE_OPS)
		return "there is no such operation";
	why = read_operands(r, &s);
	if (why)
		return why;
	if (h->n == EXPLORE_MAX_DEPTH)
		return "the history is too long";
	if (*next_word(r))
		return "too many operands";
	h->step[h->n++] = s;
	return NULL;
}

int history__parse(const char *text, struct explore_history *h, const char **why, size_t *at)
{
	struct reader r = { .at = text };

	memset(h, 0, sizeof(*h));
	do {
		*why = read_step(&r, h);
		if (*why) {
			*at = r.begin - text;
			return -1;
		}
		/* a semicolon may end the text */
		r.at += *r.at == ';';
	} while (r.at[strspn(r.at, " \t\n")]);
	return 0;
}
