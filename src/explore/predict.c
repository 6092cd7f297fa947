// SPDX-License-Identifier: GPL-2.0-only
/* Schedules on the model of the cache. */
#include "explore/schedule.h"

#include <stdio.h>
#include <string.h>

static void read_whole(struct cache_state *st, unsigned int reader)
{
	if (cache__start(st, reader))
		while (cache__release(st, reader))
			;
}

static bool do_piece(struct cache_state *st, const struct piece *p)
{
	switch (p->kind) {
	case PIECE_START:
		return cache__start(st, p->reader);
	case PIECE_RELEASE:
		return cache__release(st, p->reader);
	case PIECE_WHOLE:
		read_whole(st, p->reader);
		return false;
	default:
		if (p->step.op == OP_LIST)
			read_whole(st, CACHE_READERS);
		cache__modify(st, p->step);
		return false;
	}
}

void schedule__predict(const struct schedule *s, const struct cache_form *form,
		       struct cache_state *end, bool in_window[SCHEDULE_PIECES])
{
	int i;

	cache__init(end, form, &schedule_config);
	for (i = 0; i < s->n; i++)
		in_window[i] = do_piece(end, &s->piece[i]);
	cache__list(end);
}

bool schedule__fits(const struct schedule *s, const struct schedule_seen *seen,
		    const struct cache_form *form, bool listings)
{
	bool in_window[SCHEDULE_PIECES] = { 0 };
	const struct cache_defects *d = &seen->defects;
	struct cache_state end;

	schedule__predict(s, form, &end, in_window);
	if (memcmp(in_window, seen->in_window, s->n * sizeof(*in_window)) ||
	    end.defects.wrong_listing != d->wrong_listing)
		return false;
	return listings || (end.defects.stale_stores == d->stale_stores &&
			    end.defects.unfreed_caches == d->unfreed_caches &&
			    end.defects.stale_impure_clears == d->stale_impure_clears);
}

unsigned int schedule__mods(const struct schedule *s, const bool in_window[SCHEDULE_PIECES])
{
	bool open[CACHE_READERS] = { 0 };
	unsigned int mods = 0, bumps;
	struct model dir;
	int i, r;

	model__init(&dir, &schedule_config);
	for (i = 0; i < s->n; i++) {
		const struct piece *p = &s->piece[i];

		if (p->kind != PIECE_MODIFY) {
			open[p->reader] = in_window[i];
			continue;
		}
		bumps = cache__bumps(&dir, p->step);
		model__apply(&dir, p->step);
		for (r = 0; r < CACHE_READERS; r++)
			mods += open[r] ? bumps : 0;
	}
	return mods;
}

void schedule__describe(const struct piece *p, bool in_window, struct model *dir,
			unsigned int *version, char line[SCHEDULE_LINE])
{
	char text[SCHEDULE_TEXT];
	unsigned int bumps;

	piece__print(*p, text);
	if (p->kind == PIECE_MODIFY) {
		bumps = cache__bumps(dir, p->step);
		model__apply(dir, p->step);
		*version += bumps;
		snprintf(line, SCHEDULE_LINE, "%.40s: version %u%s", text, *version,
			 bumps ? "" : ", as before");
	} else {
		snprintf(line, SCHEDULE_LINE, "%.40s: reader %d %s at version %u%s", text,
			 p->reader + 1,
			 p->kind == PIECE_RELEASE ? "takes the lock again" : "lists D", *version,
			 in_window ? ", and drops the lock" : ", and ends");
	}
}
