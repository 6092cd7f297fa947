/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Orders of the pieces of readers and modifications. A reader's pieces end where it
 * drops the lock; a modification is one piece. Whether a piece ends in a window is
 * known only when it was run, by a kernel or by the model in cache.h.
 *
 *	walk__begin(&w, &scope);
 *	do {
 *		while (walk__piece(&w, &p))
 *			walk__answer(&w, run(p));
 *	} while (walk__advance(&w));
 */
#ifndef OVLTRACE_EXPLORE_SCHEDULE_H
#define OVLTRACE_EXPLORE_SCHEDULE_H

#include "explore/cache.h"

enum {
	SCHEDULE_MODIFICATIONS = 4, /* at most */
	SCHEDULE_PIECES = 20,
	SCHEDULE_TEXT = 320,
};

enum piece_kind {
	PIECE_START, /* a reader lists D, up to the drop */
	PIECE_RELEASE, /* from the retake on, to its end or the next drop */
	PIECE_WHOLE, /* a reader from the start to the end, not held */
	PIECE_MODIFY,
};

struct piece {
	uint8_t kind; /* enum piece_kind */
	uint8_t reader; /* from 0 */
	struct explore_step step;
};

struct schedule {
	uint8_t n;
	struct piece piece[SCHEDULE_PIECES];
};

/* The directory of all schedules: impure, with an upper file x at which readers are held. */
extern const struct explore_config schedule_config;

/* "R1<; rename-out y; R1>". Returns text. */
const char *schedule__print(const struct schedule *s, char text[SCHEDULE_TEXT]);
const char *piece__print(struct piece p, char text[SCHEDULE_TEXT]);
/* 0, or -1 with *why, a static string, and *at, the place in text. */
int schedule__parse(const char *text, struct schedule *s, const char **why, size_t *at);

struct scope {
	unsigned int readers, modifications; /* exactly so many */
	/*
	 * Readers in their windows at the same time, at most; 0: no limit. Where no more can be
	 * held, a reader starts and ends in one piece.
	 */
	unsigned int held;
};

/* What is known before a piece of the path. */
struct walk_state {
	struct model dir;
	uint8_t at[CACHE_READERS]; /* enum cache_reader_at */
	uint8_t modifications;
};

/* Depth first through all schedules of a scope. */
struct walk {
	struct scope scope;
	struct schedule path;
	unsigned int at; /* the piece that is run next */
	uint16_t chosen[SCHEDULE_PIECES]; /* which of the possible pieces */
	bool in_window[SCHEDULE_PIECES]; /* answers */
	struct walk_state state[SCHEDULE_PIECES + 1];
	bool broken; /* the last run answered otherwise than an earlier one */
};

void walk__begin(struct walk *w, const struct scope *scope);
/* The next piece of this schedule. False: it is complete. */
bool walk__piece(struct walk *w, struct piece *p);
/* After each piece: is its reader in a window? Of modifications: ignored. */
void walk__answer(struct walk *w, bool in_window);
/* The schedule is run again from its beginning. */
void walk__again(struct walk *w);
/* The next schedule. False: that was the last one. */
bool walk__advance(struct walk *w);

/*
 * Runs a schedule on the model; wrong_listing is set, too. in_window: for each piece,
 * whether the model's reader is in a window after it.
 */
void schedule__predict(const struct schedule *s, const struct cache_form *form,
		       struct cache_state *end, bool in_window[SCHEDULE_PIECES]);

/* What was seen of a schedule that a kernel has run. */
struct schedule_seen {
	bool in_window[SCHEDULE_PIECES];
	struct cache_defects defects;
};

/* The kernel did what this form does. listings: only windows and listings were seen. */
bool schedule__fits(const struct schedule *s, const struct schedule_seen *seen,
		    const struct cache_form *form, bool listings);
/* Version bumps within the windows of its readers, each window for itself. */
unsigned int schedule__mods(const struct schedule *s, const bool in_window[SCHEDULE_PIECES]);

enum {
	SCHEDULE_LINE = 160,
};

/* The piece as a line of a timeline, for people. *dir and *version are then as after it. */
void schedule__describe(const struct piece *p, bool in_window, struct model *dir,
			unsigned int *version, char line[SCHEDULE_LINE]);

#endif
