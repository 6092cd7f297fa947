/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a directory must contain after a history, and what streams of it must list.
 * This is POSIX's view: it knows no caches.
 */
#ifndef OVLTRACE_EXPLORE_MODEL_H
#define OVLTRACE_EXPLORE_MODEL_H

#include "explore/explore.h"

struct model_entry {
	bool present;
	bool dir;
	bool lower; /* not copied up */
	bool origin; /* it is, or was, a lower one */
	bool fixed; /* a directory with a lower half, which only redirect_dir can rename */
	bool linked; /* it came by a link */
	uint8_t object; /* two names of one file have the same number */
};

enum model_at {
	AT_START,
	AT_PART, /* after a part of it */
	AT_END,
};

struct model_stream {
	bool open;
	bool dead; /* its directory was removed */
	uint8_t at; /* enum model_at */
	bool parted; /* there is a first part that it can seek back to */
	uint8_t stable; /* names that were there since it was opened or rewound */
	uint8_t seen; /* names that were there at any time since then */
};

struct model {
	const struct explore_config *config;
	bool exists, upper, fixed, moved; /* D; moved: its name is E */
	bool listed; /* overlayfs lists D from a list of its own, not the layer's directory */
	struct model_entry d[EXPLORE_NAMES], s[EXPLORE_NAMES]; /* in D, in S */
	struct model_stream stream[EXPLORE_STREAMS];
	uint8_t used; /* names that the history mentions */
	bool streamed; /* stream 1 was opened */
	uint8_t objects; /* the next number */
	uint8_t step; /* steps so far */
	struct explore_step last; /* if step > 0 */
};

void model__init(struct model *m, const struct explore_config *config);
/* Does the step. False: it is not possible here, or has no effect; *m is then as it was. */
bool model__apply(struct model *m, struct explore_step s);
/* Whether a history continued by this step is the one of its kind that is enumerated. */
bool model__is_canonical(const struct model *m, struct explore_step s);
/* Names in D, a bit each. */
uint8_t model__names(const struct model *m);
/* All steps from the beginning. The index of the first that is not possible, else h->n. */
int model__run(struct model *m, const struct explore_config *config,
	       const struct explore_history *h);

#endif
