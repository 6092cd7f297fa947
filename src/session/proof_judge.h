/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The proof's decisions: what its known operations must have made each event
 * do, and what came. Pure.
 */
#ifndef OVLTRACE_PROOF_JUDGE_H
#define OVLTRACE_PROOF_JUDGE_H

#include "model/model.h"
#include "plan/plan.h"

/* What src/session/proof_child.c does, in this order; primes, so that chance hits none. */
enum {
	PROOF_ENTRIES = 7, /* of the directory that need a number from the cache */
	PROOF_PLAIN = 3, /* that need none */
	PROOF_REBUILDS = 3, /* listed; a rename within; listed; emptied; listed */
	PROOF_STORES = 2, /* the last listing finds nothing to keep */
	PROOF_ROOM = 8, /* rebuilds that are told apart */
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
	bool stored, ended; /* ended: with a cache that was not stored */
	bool bad_list, cleared;
	uint32_t freed; /* how often its stored cache was */
};

/* What came, of one directory. Zeroed, then filled by proof__count(). */
struct proof_seen {
	uint64_t inode; /* of the first rebuild */
	uint32_t begins, strange; /* strange: of another directory */
	uint32_t stores, freed_other, freed_new;
	uint32_t unowned_drops;
	uint32_t mods, ops, names; /* modifications, those with their operation, with names too */
	uint64_t mod_version;
	uint32_t destroyed;
	uint64_t copy_ups, copy_ups_wrong; /* set by whoever ran it: of directories */
	struct proof_rebuild rebuild[PROOF_ROOM];
	/* set by whoever ran it */
	bool armed; /* modifications were asked for during the rename within */
	bool entries_known;
	const uint64_t *
		inconsistencies; /* of a model that saw the same: INCONSISTENCIES numbers, or NULL */
};

void proof__count(struct proof_seen *seen, const struct ovlw_hdr *ev, size_t size);
/* Writes proof and proof_evidence of every event into plan->cover. */
void proof__judge(struct plan *plan, const struct proof_seen *seen);
/* PROOF_CONTRADICTED if any event is, else PROOF_CONFIRMED. */
enum proof_state proof__result(const struct plan *plan);

#endif
