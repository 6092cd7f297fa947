// SPDX-License-Identifier: GPL-2.0-only
/* The names of the enums in record.h, as the JSON schema fixes them. */
#include "record/record.h"

const char *rebuild_outcome__name(enum rebuild_outcome outcome)
{
	static const char *const names[] = { "stored", "empty", "error" };

	return names[outcome];
}

const char *stale_end__name(enum stale_end how)
{
	static const char *const names[] = { "freed", "overwritten", "inode", "trace" };

	return names[how];
}

const char *test_source__name(enum test_source source)
{
	static const char *const names[TEST_SOURCES] = { "fstests", "ktap" };

	return names[source];
}

const char *test_result__name(enum test_result result)
{
	static const char *const names[TEST_RESULTS] = { NULL, "ok", "not ok", "skip" };

	return names[result];
}

const char *merged_end__name(enum merged_end how)
{
	static const char *const names[] = { "freed", "leaked", "inode", "trace", "unknown" };

	return names[how];
}

const char *ovlw_op__name(enum ovlw_op op)
{
	static const char *const names[OVLW_OP_COUNT] = {
		"unknown", "create", "mkdir", "mknod",	"symlink",
		"link",	   "unlink", "rmdir", "rename",
	};

	return op < OVLW_OP_COUNT ? names[op] : "unknown";
}

const char *ovlw_what__name(enum ovlw_what what)
{
	static const char *const names[OVLW_WHATS] = {
		[OVLW_IMPURE_STORE] = "impure_cache_stored",
		[OVLW_MERGED_FREE] = "merged_cache_freed",
		[OVLW_MERGED_SERVED] = "merged_cache_served",
		[OVLW_IMPURE_SERVED] = "impure_cache_served",
		[OVLW_REAL_LISTING] = "listed_as_real",
		[OVLW_BAD_RETURN] = "bad_return",
		[OVLW_LOCKED_LOOKUP] = "locked_lookup",
		[OVLW_MISSED_INVALIDATION] = "missed_invalidation",
	};

	return names[what];
}

const char *copy_up_order__name(enum copy_up_order order)
{
	static const char *const names[] = { "unknown", "right", "wrong" };

	return names[order];
}

const char *verdict__name(enum verdict verdict)
{
	static const char *const names[] = { "clean", "findings", "inconclusive" };

	return names[verdict];
}

enum verdict verdict__worse(enum verdict a, enum verdict b)
{
	static const int badness[] = {
		[VERDICT_CLEAN] = 0,
		[VERDICT_INCONCLUSIVE] = 1,
		[VERDICT_FINDINGS] = 2,
	};

	return badness[b] > badness[a] ? b : a;
}

bool rec_session__complete(const struct rec_session *s, enum logical_event *gap)
{
	/* code that the plan could not read may drop the lock elsewhere */
	*gap = EVENT_LOCK_DROPPED;
	return coverage__complete(s->cover, s->lock_drop, s->merged, gap) && s->complete;
}

bool rec_session__lacks_rebuilds(const struct rec_session *s, const struct rec_counts *c)
{
	return s->require_rebuilds &&
	       (c->rebuilds == COUNT_UNSEEN || c->rebuilds < s->require_rebuilds);
}
