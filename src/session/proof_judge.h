/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decisions of the proof: compares the events that were seen with those that its known
 * operations must have caused. Pure.
 */
#ifndef OVLTRACE_PROOF_JUDGE_H
#define OVLTRACE_PROOF_JUDGE_H

#include "model/model.h"
#include "plan/plan.h"

/* What src/session/proof_child.c does. The numbers are primes, to avoid chance matches. */
enum {
	PROOF_ENTRIES = 7, /* entries whose inode number needs the cache */
	PROOF_PLAIN = 3, /* entries that do not */
	PROOF_REBUILDS = 3, /* list; rename within; list; empty; list */
	PROOF_STORES = 2, /* the last listing has nothing to store */
	PROOF_ROOM = 8, /* rebuilds that are counted one by one */
};

#define PROOF_OLD_NAME "f0" /* of the rename within */
#define PROOF_NEW_NAME "g0"

struct proof_rebuild {
	uint64_t version, stamp, cache;
	uint32_t entries;
	uint32_t reads; /* listings of the upper directory */
	uint32_t drops, retakes;
	uint32_t clears;
	bool impure; /* when it began */
	bool stored, ended; /* ended: without a store */
	bool bad_list, cleared;
	uint32_t freed; /* how often its stored cache was freed */
};

/* The events of one directory. Zeroed, then filled by proof__count(). */
struct proof_seen {
	uint64_t inode; /* of the first rebuild */
	uint32_t pid; /* whose it is */
	bool over; /* the mount's device is another mount's now */
	uint32_t begins, strange; /* strange: in another directory */
	uint32_t stores, freed_other, freed_new;
	uint32_t unowned_drops;
	uint32_t mods, ops, names; /* modifications; with their operation; also with names */
	uint64_t mod_version;
	uint32_t destroyed;
	struct proof_rebuild rebuild[PROOF_ROOM];
	/* the caller sets these */
	uint64_t copy_ups, copy_ups_wrong; /* of directories */
	bool armed; /* modifications were reported during the rename within */
	bool entries_known;
	const uint64_t *inconsistencies; /* of a model with the same events; may be NULL */
};

void proof__count(struct proof_seen *seen, const struct ovlw_hdr *ev, size_t size);
/* Writes proof and proof_evidence of every event into plan->cover. */
void proof__judge(struct plan *plan, const struct proof_seen *seen);
/* PROOF_CONTRADICTED if any event was contradicted, else PROOF_CONFIRMED. */
enum proof_state proof__result(const struct plan *plan);

#endif
