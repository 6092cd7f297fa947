// SPDX-License-Identifier: GPL-2.0-only
/* Names of the parts of a listing, and what helps against each. */
#include "model/slow.h"

const char *slow_part__name(enum slow_part part)
{
	static const char *const names[SLOW_PARTS] = { "lock_wait", "layers", "lookups", "merge",
						       "copy" };

	return names[part];
}

const char *slow_part__text(enum slow_part part)
{
	static const char *const texts[SLOW_PARTS] = {
		"waiting for the directory's lock",
		"reading the layers",
		"looking up entries",
		"merging the layers",
		"handing entries to the caller",
	};

	return texts[part];
}

const char *slow_part__unseen(enum slow_part part, const struct slow_sees *sees)
{
	static const char no_types[] = "the types of overlayfs are not known";
	static const char no_calls[] = "calls of iterate_dir() cannot be probed";

	switch (part) {
	case SLOW_LOCK:
		return sees->calls ? NULL : no_calls;
	case SLOW_LAYERS:
		return !sees->calls ? no_calls : !sees->types ? no_types : NULL;
	case SLOW_LOOKUPS:
		return sees->lookups ? NULL : "lookups of entries cannot be probed";
	default:
		if (!sees->types)
			return no_types;
		return !sees->calls  ? no_calls :
		       !sees->stores ? "stores of caches cannot be probed" :
				       NULL;
	}
}

const char *slow_kind__name(enum ovls_slow_kind kind)
{
	static const char *const names[] = { "impure", "merged", "plain", NULL };

	return names[kind];
}

const char *slow_cause__name(enum slow_cause cause)
{
	static const char *const names[] = { NULL, "no_cache", "outdated" };

	return names[cause];
}

enum slow_part slow_sums__most(const struct slow_sums *sums)
{
	enum slow_part most = SLOW_PARTS;
	uint64_t ns = sums->other_ns;
	int i;

	for (i = 0; i < SLOW_PARTS; i++)
		if (sums->part[i] > ns) {
			ns = sums->part[i];
			most = i;
		}
	return most;
}

const char *slow__advice(enum slow_part part, const struct slow_listing *l)
{
	bool merged = l->kind == OVLS_SLOW_MERGED;

	switch (part) {
	case SLOW_LOCK:
		return "other tasks list or modify the directory at the same time: let fewer of "
		       "them do so, or split the directory";
	case SLOW_LAYERS:
	case SLOW_LOOKUPS:
	case SLOW_MERGE:
		if (l->cause == SLOW_OUTDATED)
			return "it is modified between listings: list it less often, split it, or "
			       "move what changes elsewhere";
		if (merged && l->cause == SLOW_NO_CACHE)
			return "each opendir() lists all layers again: keep a stream open, have "
			       "fewer layers, or split the directory";
		return "the directory is large: split it";
	case SLOW_COPY:
		if (!merged)
			return "the layer itself is read slowly: look at its filesystem and disk, "
			       "or split the directory";
		return "the directory is large: split it";
	default:
		return NULL;
	}
}
