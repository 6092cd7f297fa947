// SPDX-License-Identifier: GPL-2.0-only
/* Schedules as text. */
#include "explore/internal.h"

#include <stdio.h>
#include <string.h>

const struct explore_config schedule_config = { "schedules", DIR_IMPURE, MOUNT_SERVED };

const char *piece__print(struct piece p, char text[SCHEDULE_TEXT])
{
	static const char *const marks[] = { "<", ">", "" };

	if (p.kind == PIECE_MODIFY)
		return history__step(p.step, text);
	snprintf(text, SCHEDULE_TEXT, "R%d%s", p.reader + 1, marks[p.kind]);
	return text;
}

const char *schedule__print(const struct schedule *s, char text[SCHEDULE_TEXT])
{
	char piece[SCHEDULE_TEXT];
	size_t n = 0;
	int i;

	*text = 0;
	for (i = 0; i < s->n && n < SCHEDULE_TEXT; i++)
		n += snprintf(text + n, SCHEDULE_TEXT - n, "%s%s", i ? "; " : "",
			      piece__print(s->piece[i], piece));
	return text;
}

/* ---- from text ------------------------------------------------------------------ */

/* "R1<". False: it is no piece of a reader. */
static bool parse_reader(const char *word, size_t n, struct piece *p)
{
	if (n < 2 || n > 3 || word[0] != 'R' || word[1] < '1' || word[1] >= '1' + CACHE_READERS)
		return false;
	p->reader = word[1] - '1';
	if (n == 2)
		p->kind = PIECE_WHOLE;
	else if (word[2] == '<')
		p->kind = PIECE_START;
	else if (word[2] == '>')
		p->kind = PIECE_RELEASE;
	else
		return false;
	return true;
}

/* A reader's pieces must come in their order. */
static const char *check_order(struct piece p, uint8_t at[CACHE_READERS])
{
	if (p.kind == PIECE_MODIFY)
		return NULL;
	if (p.kind == PIECE_RELEASE) {
		if (at[p.reader] != READER_IN_WINDOW)
			return "that reader has not been started";
		return NULL;
	}
	if (at[p.reader] != READER_IDLE)
		return "that reader was started before";
	at[p.reader] = p.kind == PIECE_WHOLE ? READER_DONE : READER_IN_WINDOW;
	return NULL;
}

bool step__is_scheduled(struct explore_step s)
{
	/* readers are held at x, and directories have caches of their own */
	if (history__mentions(s) & (1u << NAME_X | 1u << NAME_D))
		return false;
	return s.op == OP_CREATE || s.op == OP_UNLINK || s.op == OP_RENAME_IN ||
	       s.op == OP_RENAME_OUT || s.op == OP_RENAME;
}

/* Before the first reader more is possible: what fills the cache, or leaves it outdated. */
static bool step__may_begin(struct explore_step s)
{
	if (history__mentions(s) & (1u << NAME_X | 1u << NAME_D))
		return false;
	return step__is_scheduled(s) || s.op == OP_LIST || s.op == OP_LINK || s.op == OP_LINK_IN ||
	       s.op == OP_DROP;
}

struct text_piece {
	const char *word;
	size_t n;
};

static const char *parse_step(struct text_piece t, struct piece *p, struct model *dir, bool begun)
{
	struct explore_history h;
	char step[EXPLORE_TEXT];
	const char *why;
	size_t at;

	snprintf(step, sizeof(step), "%.*s", (int)t.n, t.word);
	if (history__parse(step, &h, &why, &at))
		return why;
	if (!(begun ? step__is_scheduled(h.step[0]) : step__may_begin(h.step[0])))
		return "no such modification in a schedule";
	if (!model__apply(dir, h.step[0]))
		return "that modification is not possible there";
	p->kind = PIECE_MODIFY;
	p->step = h.step[0];
	return NULL;
}

static size_t trimmed(const char *word, size_t n)
{
	while (n && strchr(" \t\n", word[n - 1]))
		n--;
	return n;
}

int schedule__parse(const char *text, struct schedule *s, const char **why, size_t *at)
{
	uint8_t readers[CACHE_READERS] = { 0 };
	const char *word = text;
	bool begun = false; /* a reader has */
	struct model dir;

	memset(s, 0, sizeof(*s));
	model__init(&dir, &schedule_config);
	do {
		struct piece p = { 0 };
		size_t n;

		word += strspn(word, " \t\n");
		n = trimmed(word, strcspn(word, ";"));
		if (s->n == SCHEDULE_PIECES)
			*why = "the schedule is too long";
		else if (!n)
			*why = "a piece is missing";
		else if (parse_reader(word, n, &p))
			*why = check_order(p, readers);
		else
			*why = parse_step((struct text_piece){ word, n }, &p, &dir, begun);
		if (*why) {
			*at = word - text;
			return -1;
		}
		begun |= p.kind != PIECE_MODIFY;
		s->piece[s->n++] = p;
		word += strcspn(word, ";");
		word += *word == ';';
	} while (word[strspn(word, " \t\n")]);
	return 0;
}
