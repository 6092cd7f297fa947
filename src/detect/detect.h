/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Detectors: each is one file, KIND.c, and one line in src/record/findings.def.
 * Pure. A detector that finds its defect writes one sentence and returns true.
 */
#ifndef OVLTRACE_DETECT_H
#define OVLTRACE_DETECT_H

#include "record/record.h"

enum {
	DETECT_TEXT = 512,
};

/* A cache that was in a slot and became unreachable without being freed. */
struct lost_cache {
	uint64_t cache; /* address */
	uint64_t version; /* stamped */
	struct rec_task owner; /* the task that stored it; pid 0: before the trace */
	struct rec_task by; /* the task that overwrote it */
	bool by_null; /* overwritten with NULL, not with another cache */
	bool with_inode; /* not overwritten: the inode was destroyed */
	bool proved; /* the store and the overwriting have records */
};

struct detector {
	enum finding_kind kind;
	/* Looks at a complete rebuild; may be NULL. */
	bool (*rebuild)(const struct rec_rebuild *rb, char text[DETECT_TEXT]);
	/* Looks at an unreachable cache; may be NULL. */
	bool (*lost_cache)(const struct lost_cache *lc, char text[DETECT_TEXT]);
	/* Looks at a violated invariant; may be NULL. */
	bool (*incident)(const struct rec_incident *in, char text[DETECT_TEXT]);
	/* Looks at the life of a merged directory's cache; may be NULL. */
	bool (*merged)(const struct rec_merged *mc, char text[DETECT_TEXT]);
};

#define FINDING(id, kind, counts, group, needs, check, label) \
	extern const struct detector detect_##kind;
#include "record/findings.def"
extern const struct detector *const detectors[]; /* ended by NULL */

/* What detectors look at: one of these; the others are NULL. */
struct detect_subject {
	const struct rec_rebuild *rebuild;
	const struct lost_cache *lost_cache;
	const struct rec_incident *incident;
	const struct rec_merged *merged;
};

struct detected {
	enum finding_kind kind;
	bool exact; /* all of its evidence was seen from start to end */
	const char *text; /* valid during the call */
};

/* Calls found for each defect that a detector sees in the subject. */
void detect__run(const struct detect_subject *subject,
		 void (*found)(void *ctx, const struct detected *d), void *ctx);
/* A task in a sentence: "tid 12 (cat)". */
void detect__task(char *buf, size_t size, const struct rec_task *task);
/* The total time in windows. */
uint64_t detect__unlocked_ns(const struct rec_rebuild *rb);

#endif
