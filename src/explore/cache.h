/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What overlayfs does with the cache of an impure directory, as a specification: the
 * version, the impure flag, the slot, and what a reader does at the drop, at the
 * retake and at the store. docs/cache-model.md describes it.
 */
#ifndef OVLTRACE_EXPLORE_CACHE_H
#define OVLTRACE_EXPLORE_CACHE_H

#include "explore/model.h"

enum {
	CACHE_READERS = 4,
};

enum cache_features {
	STAMPS_READ = 1, /* the version that was read, not that at the store */
	FREES = 2, /* what other readers stored in the meantime */
	KEEPS_FLAG = 4, /* an outdated read that found nothing does not clear the flag */
};

struct cache_form {
	const char *name, *text;
	unsigned int features;
	unsigned int windows;
};

enum cache_form_id {
	CACHE_FORM_HELD, /* forms.def begins with it */
	CACHE_FORMS = 7,
};

extern const struct cache_form cache_forms[CACHE_FORMS];

/* What is translated: for each name the object that it stood for, plus 1; 0: none. */
struct cache_content {
	uint8_t object[EXPLORE_NAMES];
};

struct cache_copy {
	bool exists;
	uint32_t version; /* stamped */
	struct cache_content content;
};

enum cache_reader_at {
	READER_IDLE,
	READER_IN_WINDOW,
	READER_DONE,
};

struct cache_reader {
	enum cache_reader_at at;
	unsigned int windows; /* so far */
	uint32_t version; /* when it read */
	struct cache_content content; /* what it read */
};

/* What went wrong; the names are those of the counts. */
struct cache_defects {
	uint16_t stale_stores, unfreed_caches, stale_impure_clears;
	bool wrong_listing; /* a new listing at the end disagrees with stat */
};

struct cache_state {
	const struct cache_form *form;
	struct model dir; /* what is really there */
	uint32_t version;
	bool impure;
	struct cache_copy slot;
	struct cache_reader reader[CACHE_READERS + 1]; /* the last one: of a step that lists */
	struct cache_defects defects;
	uint16_t windows, mods, stores; /* mods: version bumps inside windows */
};

void cache__init(struct cache_state *s, const struct cache_form *form,
		 const struct explore_config *config);
/* A reader takes the lock. True: it is in its window now; false: it is done. */
bool cache__start(struct cache_state *s, unsigned int reader);
/* It retakes the lock. True: it dropped it again. */
bool cache__release(struct cache_state *s, unsigned int reader);
/* A modification that is possible there. */
void cache__modify(struct cache_state *s, struct explore_step step);
/* At the end, when no reader is in a window: sets defects.wrong_listing. */
void cache__list(struct cache_state *s);
/* By how much the step raises the version. Before it is done. */
unsigned int cache__bumps(const struct model *dir, struct explore_step step);

#endif
