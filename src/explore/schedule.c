// SPDX-License-Identifier: GPL-2.0-only
/* Schedules as text, and on the model. */
#include "explore/schedule.h"

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

static bool is_modification(struct explore_step s)
{
	return s.op == OP_CREATE || s.op == OP_UNLINK || s.op == OP_RENAME_IN ||
	       s.op == OP_RENAME_OUT || s.op == OP_RENAME;
}

static const char *parse_step(const char *word, size_t n, struct piece *p, struct model *dir)
{
	struct explore_history h;
	char step[EXPLORE_TEXT];
	const char *why;
	size_t at;

	snprintf(step, sizeof(step), "%.*s", (int)n, word);
	if (history__parse(step, &h, &why, &at))
		return why;
	if (!is_modification(h.step[0]) || history__mentions(h.step[0]) & 1u << NAME_X)
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
			*why = parse_step(word, n, &p, &dir);
		if (*why) {
			*at = word - text;
			return -1;
		}
		s->piece[s->n++] = p;
		word += strcspn(word, ";");
		word += *word == ';';
	} while (word[strspn(word, " \t\n")]);
	return 0;
}

/* ---- all of a scope ---------------------------------------------------------------- */

enum {
	NAME_PAIRS = EXPLORE_NAMES * EXPLORE_NAMES,
	STEPS = EXPLORE_OPS * NAME_PAIRS,
	CHOICES = 2 * CACHE_READERS + STEPS,
};

/* The step of that index. False: it is none that is scheduled. */
static bool step_of(unsigned int index, struct explore_step *s)
{
	unsigned int rest = index % NAME_PAIRS;

	*s = (struct explore_step){ index / NAME_PAIRS, 0, 0 };
	if (!is_modification(*s))
		return false;
	if (explore_ops[s->op].operands == OPERANDS_OF_NAME) {
		s->a = rest;
		return rest < EXPLORE_NAMES && s->a != NAME_X && s->a != NAME_D;
	}
	s->a = rest / EXPLORE_NAMES;
	s->b = rest % EXPLORE_NAMES;
	return !(history__mentions(*s) & (1u << NAME_X | 1u << NAME_D));
}

static bool is_next_reader(const struct walk_state *st, unsigned int reader)
{
	return st->at[reader] == READER_IDLE && (!reader || st->at[reader - 1] != READER_IDLE);
}

/* Is the piece with that index possible after st? *next is what is known after it. */
static bool choose(const struct walk *w, const struct walk_state *st, unsigned int index,
		   struct piece *p, struct walk_state *next)
{
	unsigned int reader = index / 2;

	*next = *st;
	if (index < 2 * CACHE_READERS) {
		*p = (struct piece){ .kind = index % 2 ? PIECE_RELEASE : PIECE_START,
				     .reader = reader };
		if (index % 2)
			return st->at[reader] == READER_IN_WINDOW;
		/* readers are alike: they begin in their order */
		return reader < w->scope.readers && is_next_reader(st, reader);
	}
	*p = (struct piece){ .kind = PIECE_MODIFY };
	if (st->modifications == w->scope.modifications ||
	    !step_of(index - 2 * CACHE_READERS, &p->step) ||
	    !model__is_canonical(&st->dir, p->step) || !model__apply(&next->dir, p->step))
		return false;
	next->modifications++;
	return true;
}

/* Takes the first possible piece from that index on. */
static bool extend(struct walk *w, unsigned int from)
{
	unsigned int i, n = w->path.n;

	for (i = from; i < CHOICES; i++) {
		if (!choose(w, &w->state[n], i, &w->path.piece[n], &w->state[n + 1]))
			continue;
		w->chosen[n] = i;
		w->path.n++;
		return true;
	}
	return false;
}

void walk__begin(struct walk *w, const struct scope *scope)
{
	memset(w, 0, sizeof(*w));
	w->scope = *scope;
	model__init(&w->state[0].dir, &schedule_config);
}

bool walk__piece(struct walk *w, struct piece *p)
{
	if (w->at == w->path.n && (w->path.n == SCHEDULE_PIECES || !extend(w, 0)))
		return false;
	*p = w->path.piece[w->at];
	return true;
}

void walk__answer(struct walk *w, bool in_window)
{
	const struct piece *p = &w->path.piece[w->at];
	struct walk_state *next = &w->state[w->at + 1];
	bool known = w->at + 1u < w->path.n;

	if (p->kind != PIECE_MODIFY) {
		if (known && in_window != w->in_window[w->at])
			w->broken = true;
		w->in_window[w->at] = in_window;
		next->at[p->reader] = in_window ? READER_IN_WINDOW : READER_DONE;
	}
	w->at++;
}

void walk__again(struct walk *w)
{
	w->at = 0;
	w->broken = false;
}

bool walk__advance(struct walk *w)
{
	walk__again(w);
	while (w->path.n) {
		unsigned int last = --w->path.n;

		if (extend(w, w->chosen[last] + 1u))
			return true;
	}
	return false;
}

/* ---- on the model ------------------------------------------------------------------- */

void schedule__predict(const struct schedule *s, const struct cache_form *form,
		       struct cache_state *end)
{
	int i;

	cache__init(end, form, &schedule_config);
	for (i = 0; i < s->n; i++) {
		const struct piece *p = &s->piece[i];

		if (p->kind == PIECE_MODIFY)
			cache__modify(end, p->step);
		else if (p->kind == PIECE_START)
			cache__start(end, p->reader);
		else if (p->kind == PIECE_RELEASE)
			cache__release(end, p->reader);
		else if (cache__start(end, p->reader))
			while (cache__release(end, p->reader))
				;
	}
	cache__list(end);
}
