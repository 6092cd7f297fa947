// SPDX-License-Identifier: GPL-2.0-only
/* The result of the model: counts, some of which may be unknown, and the verdict. */
#include "model/internal.h"

/* Some stores were missed: counts above 0 are lower bounds, and 0 becomes unknown. */
static void hide_zeros(struct rec_counts *c)
{
	uint64_t *of_stores[] = { &c->stores, &c->superseded_stores,
				  &c->finding[FINDING_STALE_STORE],
				  &c->finding[FINDING_UNFREED_CACHE] };
	size_t i;

	for (i = 0; i < sizeof(of_stores) / sizeof(of_stores[0]); i++)
		if (!*of_stores[i])
			*of_stores[i] = COUNT_UNSEEN;
}

/* Invariants may be watched in part: each violation is a finding, but 0 of them proves nothing. */
static void unseen_invariants(const struct model *m, struct rec_counts *counts)
{
	uint32_t seen = (m->opts.sees_mixes ? SEES_MIXES : 0) |
			(m->opts.sees_returns ? SEES_RETURNS : 0) |
			(m->opts.sees_hazards ? SEES_HAZARDS : 0) |
			(m->opts.sees_entries ? SEES_ENTRIES : 0);
	int i;

	for (i = 0; i < FINDING_KINDS; i++)
		if (finding_kind__needs(i) & SEES_INVARIANTS & ~seen && !counts->finding[i])
			counts->finding[i] = COUNT_UNSEEN;
}

void model__counts(const struct model *m, struct rec_counts *counts)
{
	*counts = m->counts;
	unseen_invariants(m, counts);
	if (!m->opts.sees_windows)
		counts->windows = counts->mods = COUNT_UNSEEN;
	if (!m->opts.sees_stores) {
		counts->rebuilds = counts->stores = COUNT_UNSEEN;
		counts->superseded_stores = COUNT_UNSEEN;
		counts->finding[FINDING_STALE_STORE] = COUNT_UNSEEN;
	}
	if (!m->opts.sees_stores || !m->opts.sees_frees)
		counts->finding[FINDING_UNFREED_CACHE] = COUNT_UNSEEN;
	if (!m->opts.sees_clears)
		counts->finding[FINDING_STALE_IMPURE_CLEAR] = COUNT_UNSEEN;
	if (m->inconsistencies[INCONSISTENT_UNSEEN_END])
		hide_zeros(counts);
	if (m->inconsistencies[INCONSISTENT_NOT_IN_SLOT] && !counts->finding[FINDING_UNFREED_CACHE])
		counts->finding[FINDING_UNFREED_CACHE] = COUNT_UNSEEN;
	merged__counts(m, counts);
}

enum verdict model__verdict(const struct model *m)
{
	size_t i;

	for (i = 0; i < FINDING_KINDS; i++)
		if (m->counts.finding[i])
			return VERDICT_FINDINGS;
	if (m->counts.lost || m->lost_seen || m->counts.inconsistencies || !m->opts.complete)
		return VERDICT_INCONCLUSIVE;
	return VERDICT_CLEAN;
}

const uint64_t *model__inconsistencies(const struct model *m)
{
	return m->inconsistencies;
}
