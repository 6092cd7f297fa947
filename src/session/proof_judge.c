// SPDX-License-Identifier: GPL-2.0-only
/* Compares the counted events with the proof's known operations. Pure. */
#include "session/proof_judge.h"

#include <string.h>

#include "ovltrace/wire.h"
#include "plan/evidence.h"

#define JUDGE(cov, how, ...)                                      \
	do {                                                      \
		(cov)->proof = (how);                             \
		SET_EVIDENCE((cov)->proof_evidence, __VA_ARGS__); \
	} while (0)

static void judge_begin(struct coverage *c, const struct proof_seen *seen)
{
	const struct proof_rebuild *r = seen->rebuild;

	if (seen->begins != PROOF_REBUILDS || seen->strange)
		JUDGE(c, PROOF_CONTRADICTED, "%u rebuilds began, not %d",
		      seen->begins + seen->strange, PROOF_REBUILDS);
	else if (!r[0].impure || !r[1].impure || !r[2].impure)
		JUDGE(c, PROOF_CONTRADICTED,
		      "an impure directory does not look impure: the layout is wrong");
	else if (r[1].version <= r[0].version || r[2].version < r[1].version + PROOF_ENTRIES)
		JUDGE(c, PROOF_CONTRADICTED,
		      "the version did not rise with modifications: the layout is wrong");
	else
		JUDGE(c, PROOF_CONFIRMED, "%d rebuilds began, a cached listing none",
		      PROOF_REBUILDS);
}

static void judge_read(struct coverage *c, const struct proof_seen *seen)
{
	uint32_t i, over = 0, read = 0;

	for (i = 0; i < PROOF_REBUILDS; i++) {
		const struct proof_rebuild *r = &seen->rebuild[i];

		over += r->stored || r->ended;
		read += (r->stored || r->ended) && r->reads;
	}
	if (!over)
		JUDGE(c, PROOF_NOT_EXERCISED, "no rebuild was seen to end");
	else if (read != over)
		JUDGE(c, PROOF_CONTRADICTED, "%u of %u rebuilds read no content", over - read,
		      over);
	else
		JUDGE(c, PROOF_CONFIRMED, "all %u rebuilds read their content", over);
}

static void judge_lock(struct plan *plan, const struct proof_seen *seen)
{
	struct coverage *drop = &plan->cover[EVENT_LOCK_DROPPED];
	struct coverage *retake = &plan->cover[EVENT_LOCK_REACQUIRED];
	uint32_t i, drops = 0, retakes = 0, uneven = 0;

	for (i = 0; i < PROOF_REBUILDS; i++) {
		drops += seen->rebuild[i].drops;
		retakes += seen->rebuild[i].retakes;
		uneven += seen->rebuild[i].drops != seen->rebuild[i].retakes;
	}
	if (seen->unowned_drops)
		JUDGE(drop, PROOF_CONTRADICTED, "%u times a lock was dropped that was not held",
		      seen->unowned_drops);
	else if (drops)
		JUDGE(drop, PROOF_CONFIRMED, "%u times in %d rebuilds, by the lock's owner", drops,
		      PROOF_REBUILDS);
	else if (plan->lock_drop == LOCK_DROP_PRESENT)
		JUDGE(drop, PROOF_CONTRADICTED, "never in %d rebuilds with names to look up",
		      PROOF_REBUILDS);
	else
		JUDGE(drop, PROOF_NOT_EXERCISED, "no rebuild dropped the lock");
	if (uneven)
		JUDGE(retake, PROOF_CONTRADICTED, "%u times, after %u drops", retakes, drops);
	else if (drops)
		JUDGE(retake, PROOF_CONFIRMED, "%u times, once after each drop", retakes);
	else
		JUDGE(retake, PROOF_NOT_EXERCISED, "no drop was seen");
}

static void judge_store(struct coverage *c, const struct proof_seen *seen)
{
	uint32_t i;

	if (seen->stores != PROOF_STORES) {
		JUDGE(c, PROOF_CONTRADICTED, "%u caches were stored, not %d", seen->stores,
		      PROOF_STORES);
		return;
	}
	for (i = 0; i < PROOF_STORES && seen->begins == PROOF_REBUILDS; i++) {
		const struct proof_rebuild *r = &seen->rebuild[i];

		if (!r->stored || r->bad_list) {
			JUDGE(c, PROOF_CONTRADICTED, "the stored object is not a cache");
			return;
		}
		if (seen->entries_known && r->entries != PROOF_ENTRIES) {
			JUDGE(c, PROOF_CONTRADICTED, "a cache had %u entries, not %d", r->entries,
			      PROOF_ENTRIES);
			return;
		}
		if (r->stamp != r->version) {
			JUDGE(c, PROOF_CONTRADICTED,
			      "a cache has a stamp that is not the directory's version");
			return;
		}
	}
	JUDGE(c, PROOF_CONFIRMED, "%d caches%s, with the directory's version", PROOF_STORES,
	      seen->entries_known ? " of 7 entries" : "");
}

static void judge_free(struct coverage *c, const struct proof_seen *seen, bool late)
{
	uint32_t i, once = 0, more = seen->freed_other;

	for (i = 0; i < PROOF_ROOM; i++) {
		once += seen->rebuild[i].freed == 1;
		more += seen->rebuild[i].freed > 1;
	}
	late &= once < PROOF_STORES && !more && seen->freed_new == 1;
	if (seen->stores != PROOF_STORES || seen->begins != PROOF_REBUILDS)
		JUDGE(c, PROOF_NOT_EXERCISED, "the rebuilds were not seen");
	else if (late)
		JUDGE(c, PROOF_NOT_EXERCISED, "%u of %d stored caches were freed by the end of it",
		      once, PROOF_STORES);
	else if (once != PROOF_STORES || more || seen->freed_new != 1)
		JUDGE(c, PROOF_CONTRADICTED,
		      "%u of %d stored caches and %u of 1 not stored were freed once, %u others",
		      once, PROOF_STORES, seen->freed_new, more);
	else
		JUDGE(c, PROOF_CONFIRMED,
		      "each of %d stored caches, and the one that was not stored", PROOF_STORES);
}

static void judge_clear(struct coverage *c, const struct proof_seen *seen)
{
	uint32_t i, clears = 0;
	bool cleared = false;

	for (i = 0; i < PROOF_REBUILDS; i++) {
		clears += seen->rebuild[i].clears;
		cleared |= seen->rebuild[i].cleared;
	}
	if (!clears && !cleared)
		JUDGE(c, PROOF_NOT_EXERCISED, "no rebuild cleared the flag");
	else if (!c->inferred && clears != 1)
		JUDGE(c, PROOF_CONTRADICTED, "the call was seen %u times, not once", clears);
	else
		JUDGE(c, PROOF_CONFIRMED, "once, when no impure entry was left");
}

static void judge_modify(struct plan *plan, const struct proof_seen *seen)
{
	struct coverage *mod = &plan->cover[EVENT_DIR_MODIFIED];
	struct coverage *op = &plan->cover[EVENT_DIR_OPERATION];

	if (!seen->armed) {
		JUDGE(mod, PROOF_NOT_EXERCISED, "no window was open");
		JUDGE(op, PROOF_NOT_EXERCISED, "no window was open");
		return;
	}
	if (!seen->mods)
		JUDGE(mod, PROOF_CONTRADICTED, "a rename within the directory was not seen");
	else if (seen->begins != PROOF_REBUILDS)
		JUDGE(mod, PROOF_NOT_EXERCISED, "the rebuilds were not seen");
	else if (seen->mod_version != seen->rebuild[1].version)
		JUDGE(mod, PROOF_CONTRADICTED,
		      "a rename was seen at another version than the next listing read");
	else
		JUDGE(mod, PROOF_CONFIRMED, "a rename, at the version that the next listing read");
	if (!seen->mods)
		JUDGE(op, PROOF_NOT_EXERCISED, "no modification was seen");
	else if (seen->ops != seen->mods)
		JUDGE(op, PROOF_CONTRADICTED, "a rename was reported as another operation");
	else if (seen->names)
		JUDGE(op, PROOF_CONFIRMED, "a rename, with both names");
	else
		JUDGE(op, PROOF_CONFIRMED, "a rename, without its names");
}

static void judge_destroy(struct coverage *c, const struct proof_seen *seen)
{
	if (!seen->inode)
		JUDGE(c, PROOF_NOT_EXERCISED, "no directory was seen");
	else if (seen->destroyed != 1)
		JUDGE(c, PROOF_CONTRADICTED, "the directory's inode was destroyed %u times",
		      seen->destroyed);
	else
		JUDGE(c, PROOF_CONFIRMED, "the directory's inode was destroyed once");
}

static void judge_order(struct coverage *c, const struct proof_seen *seen)
{
	if (!seen->copy_ups)
		JUDGE(c, PROOF_CONTRADICTED, "a directory's copy-up was not seen");
	else
		JUDGE(c, PROOF_CONFIRMED, "a directory was copied up, %s",
		      seen->copy_ups_wrong ? "and published before it was flagged" :
					     "and flagged before it was published");
}

/* A cross-check that fails here contradicts the event that it concerns. */
static void judge_inconsistencies(struct plan *plan, const uint64_t *inconsistencies)
{
	static const enum logical_event about[INCONSISTENCIES] = {
		[INCONSISTENT_NOT_IMPURE] = EVENT_REBUILD_BEGIN,
		[INCONSISTENT_BAD_LIST] = EVENT_CACHE_STORED,
		[INCONSISTENT_MISSED_FREE] = EVENT_CACHE_FREED,
		[INCONSISTENT_MISSED_DROP] = EVENT_LOCK_DROPPED,
		[INCONSISTENT_FOREIGN_DROP] = EVENT_LOCK_DROPPED,
		[INCONSISTENT_LATE_STAMP] = EVENT_CACHE_STORED,
		[INCONSISTENT_KEPT_FLAG] = EVENT_IMPURE_CLEARED,
		[INCONSISTENT_UNSEEN_END] = EVENT_CACHE_STORED,
		[INCONSISTENT_NOT_IN_SLOT] = EVENT_CACHE_STORED,
		[INCONSISTENT_NOT_LOCKED] = EVENT_LOCK_DROPPED,
		[INCONSISTENT_NO_MEMORY] = EVENTS,
		[INCONSISTENT_MERGED_MISSED_FREE] = EVENTS,
		[INCONSISTENT_MERGED_STREAM] = EVENTS,
		[INCONSISTENT_MERGED_PUT] = EVENTS,
		[INCONSISTENT_MERGED_LATE_FREE] = EVENTS,
	};
	int i;

	for (i = 0; i < INCONSISTENCIES; i++)
		if (inconsistencies[i] && about[i] != EVENTS)
			JUDGE(&plan->cover[about[i]], PROOF_CONTRADICTED, "%s",
			      inconsistency__text(i));
}

/* Events that are reported only within a rebuild whose start was seen. */
static bool within_rebuild(enum logical_event ev)
{
	return ev == EVENT_CONTENT_READ || ev == EVENT_LOCK_DROPPED ||
	       ev == EVENT_LOCK_REACQUIRED || ev == EVENT_IMPURE_CLEARED;
}

void proof__judge(struct plan *plan, const struct proof_seen *seen)
{
	bool begun = seen->begins == PROOF_REBUILDS && !seen->strange;
	int i;

	judge_begin(&plan->cover[EVENT_REBUILD_BEGIN], seen);
	judge_read(&plan->cover[EVENT_CONTENT_READ], seen);
	judge_lock(plan, seen);
	judge_store(&plan->cover[EVENT_CACHE_STORED], seen);
	judge_free(&plan->cover[EVENT_CACHE_FREED], seen, plan->late_frees);
	judge_clear(&plan->cover[EVENT_IMPURE_CLEARED], seen);
	judge_modify(plan, seen);
	judge_destroy(&plan->cover[EVENT_INODE_DESTROYED], seen);
	judge_order(&plan->cover[EVENT_COPY_UP_ORDER], seen);
	JUDGE(&plan->cover[EVENT_READDIR_RETURNED], PROOF_NOT_EXERCISED,
	      "no readdir returned an invalid value");
	JUDGE(&plan->cover[EVENT_KIND_SERVED], PROOF_NOT_EXERCISED, "no kinds were mixed");
	JUDGE(&plan->cover[EVENT_LOCKED_LOOKUP], PROOF_NOT_EXERCISED,
	      "only impure directories were listed");
	JUDGE(&plan->cover[EVENT_OPERATION_RETURNED], PROOF_NOT_EXERCISED,
	      "no operation missed an invalidation");
	JUDGE(&plan->cover[EVENT_READDIR], PROOF_NOT_EXERCISED, "counted for all mounts together");
	for (i = 0; i < EVENTS; i++)
		if (logical_event__need(i) == NEED_MERGED)
			JUDGE(&plan->cover[i], PROOF_NOT_EXERCISED,
			      "no merged directory is listed");
	for (i = 0; i < EVENTS; i++) {
		struct coverage *c = &plan->cover[i];

		if (!coverage__reports(i, plan->merged)) {
			c->proof = PROOF_NOT_RUN;
			continue;
		}
		if (c->provider == PROVIDER_NONE)
			JUDGE(c, PROOF_NOT_EXERCISED, "it cannot be seen");
		else if (c->provider == PROVIDER_CODE)
			JUDGE(c, PROOF_NOT_EXERCISED, "there is no probe to prove");
		else if (!begun && within_rebuild(i))
			JUDGE(c, PROOF_NOT_EXERCISED, "the rebuilds were not seen");
	}
	if (seen->inconsistencies)
		judge_inconsistencies(plan, seen->inconsistencies);
}

enum proof_state proof__result(const struct plan *plan)
{
	int i;

	for (i = 0; i < EVENTS; i++)
		if (plan->cover[i].proof == PROOF_CONTRADICTED)
			return PROOF_CONTRADICTED;
	return PROOF_CONFIRMED;
}
