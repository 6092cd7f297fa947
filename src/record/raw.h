/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the record reader: the values of one line by field, before anybody
 * asks what type of record it is. One table says which fields there are.
 */
#ifndef OVLTRACE_RECORD_RAW_H
#define OVLTRACE_RECORD_RAW_H

#include "util/json_read.h"
#include "record/read.h"

/* where a field is */
enum raw_place {
	AT_TOP,
	AT_DIR,
	AT_TASK,
	AT_COUNTS,
	AT_WINDOW,
	AT_PROVIDER,
	AT_DOUBT,
	AT_ACTOR,
	RAW_PLACES, /* what is above has fields of the table */
	AT_WINDOWS = RAW_PLACES,
	AT_EVIDENCE,
	AT_COVERAGE,
	AT_DOUBTS,
	AT_INVALIDATIONS,
	AT_REBUILDERS,
	AT_UNKNOWN, /* of a newer version: passed over */
};

/* what a value may be; bits */
enum raw_kind {
	K_NUMBER = 1, /* from 0 on */
	K_NEGATIVE = 2,
	K_STRING = 4,
	K_BOOL = 8,
	K_NULL = 16,
	K_OBJECT = 32,
	K_ARRAY = 64,
};

/* place, name, kinds */
#define RAW_FIELDS(X)                                     \
	X(TOP, type, K_STRING)                            \
	X(TOP, seq, K_NUMBER)                             \
	X(TOP, ts_ns, K_NUMBER)                           \
	X(TOP, schema, K_STRING)                          \
	X(TOP, version, K_STRING)                         \
	X(TOP, kernel, K_STRING)                          \
	X(TOP, arch, K_STRING)                            \
	X(TOP, host, K_STRING)                            \
	X(TOP, start_realtime_ns, K_NUMBER)               \
	X(TOP, lock_drop, K_STRING)                       \
	X(TOP, widen, K_NUMBER)                           \
	X(TOP, widen_why, K_STRING)                       \
	X(TOP, complete, K_BOOL)                          \
	X(TOP, coverage, K_OBJECT)                        \
	X(TOP, dir, K_OBJECT)                             \
	X(TOP, task, K_OBJECT)                            \
	X(TOP, begin_ns, K_NUMBER)                        \
	X(TOP, end_ns, K_NUMBER)                          \
	X(TOP, version_read, K_NUMBER | K_NULL)           \
	X(TOP, version_at_store, K_NUMBER)                \
	X(TOP, version_stamped, K_NUMBER | K_NULL)        \
	X(TOP, entries, K_NUMBER)                         \
	X(TOP, what, K_STRING)                            \
	X(TOP, refcount, K_NUMBER | K_NEGATIVE)           \
	X(TOP, value, K_NUMBER | K_NEGATIVE)              \
	X(TOP, copy_up_order, K_STRING | K_NULL)          \
	X(TOP, cache, K_STRING)                           \
	X(TOP, slot_before, K_STRING)                     \
	X(TOP, reads, K_NUMBER)                           \
	X(TOP, windows, K_ARRAY)                          \
	X(TOP, mods_in_window, K_NUMBER)                  \
	X(TOP, outcome, K_STRING)                         \
	X(TOP, errno, K_NUMBER | K_NEGATIVE | K_NULL)     \
	X(TOP, errno_confidence, K_STRING)                \
	X(TOP, impure_cleared, K_BOOL)                    \
	X(TOP, version_before, K_NUMBER)                  \
	X(TOP, version_after, K_NUMBER)                   \
	X(TOP, op, K_STRING)                              \
	X(TOP, moved, K_STRING)                           \
	X(TOP, name, K_STRING | K_NULL)                   \
	X(TOP, name_b64, K_STRING)                        \
	X(TOP, new_name, K_STRING)                        \
	X(TOP, new_name_b64, K_STRING)                    \
	X(TOP, kind, K_STRING)                            \
	X(TOP, confidence, K_STRING)                      \
	X(TOP, evidence, K_ARRAY)                         \
	X(TOP, text, K_STRING)                            \
	X(TOP, text_b64, K_STRING)                        \
	X(TOP, finding, K_NUMBER)                         \
	X(TOP, stored_ns, K_NUMBER | K_NULL)              \
	X(TOP, freed_ns, K_NUMBER | K_NULL)               \
	X(TOP, gets, K_NUMBER)                            \
	X(TOP, puts, K_NUMBER)                            \
	X(TOP, outdated, K_NUMBER)                        \
	X(TOP, streams, K_NUMBER | K_NEGATIVE)            \
	X(TOP, freed_under, K_NUMBER)                     \
	X(TOP, got_after_free, K_NUMBER)                  \
	X(TOP, cut, K_BOOL)                               \
	X(TOP, how, K_STRING)                             \
	X(TOP, at_ns, K_NUMBER)                           \
	X(TOP, test, K_STRING)                            \
	X(TOP, test_b64, K_STRING)                        \
	X(TOP, source, K_STRING)                          \
	X(TOP, event, K_STRING)                           \
	X(TOP, result, K_STRING | K_NULL)                 \
	X(TOP, count, K_NUMBER)                           \
	X(TOP, where, K_STRING)                           \
	X(TOP, listings, K_NUMBER)                        \
	X(TOP, readdirs, K_NUMBER)                        \
	X(TOP, hits, K_NUMBER)                            \
	X(TOP, rebuilds, K_NUMBER)                        \
	X(TOP, cold, K_NUMBER)                            \
	X(TOP, rebuild_ns, K_NUMBER)                      \
	X(TOP, max_rebuild_ns, K_NUMBER)                  \
	X(TOP, lock_held_ns, K_NUMBER | K_NULL)           \
	X(TOP, bytes, K_NUMBER | K_NULL)                  \
	X(TOP, modifications, K_NUMBER | K_NULL)          \
	X(TOP, invalidations, K_ARRAY | K_NULL)           \
	X(TOP, invalidators_others, K_NUMBER | K_NULL)    \
	X(TOP, rebuilders, K_ARRAY)                       \
	X(TOP, rebuilders_others, K_NUMBER)               \
	X(TOP, duration_ns, K_NUMBER)                     \
	X(TOP, verdict, K_STRING)                         \
	X(TOP, command_status, K_NUMBER | K_NULL)         \
	X(TOP, counts, K_OBJECT)                          \
	X(TOP, doubts, K_ARRAY)                           \
	X(DIR, dev, K_STRING)                             \
	X(DIR, ino, K_STRING)                             \
	X(DIR, path, K_STRING | K_NULL)                   \
	X(DIR, path_b64, K_STRING)                        \
	X(DIR, path_in_mount, K_BOOL)                     \
	X(TASK, pid, K_NUMBER)                            \
	X(TASK, tid, K_NUMBER)                            \
	X(TASK, comm, K_STRING)                           \
	X(TASK, comm_b64, K_STRING)                       \
	X(TASK, cgroup, K_STRING)                         \
	X(TASK, cgroup_path, K_STRING | K_NULL)           \
	X(TASK, cgroup_path_b64, K_STRING)                \
	X(COUNTS, rebuilds, K_NUMBER | K_NULL)            \
	X(COUNTS, windows, K_NUMBER | K_NULL)             \
	X(COUNTS, stores, K_NUMBER | K_NULL)              \
	X(COUNTS, mods, K_NUMBER | K_NULL)                \
	X(COUNTS, superseded_stores, K_NUMBER | K_NULL)   \
	X(COUNTS, stale_stores, K_NUMBER | K_NULL)        \
	X(COUNTS, unfreed_caches, K_NUMBER | K_NULL)      \
	X(COUNTS, stale_impure_clears, K_NUMBER | K_NULL) \
	X(COUNTS, kind_mixes, K_NUMBER | K_NULL)          \
	X(COUNTS, bad_returns, K_NUMBER | K_NULL)         \
	X(COUNTS, lock_hazards, K_NUMBER | K_NULL)        \
	X(COUNTS, readdirs, K_NUMBER | K_NULL)            \
	X(COUNTS, hits, K_NUMBER | K_NULL)                \
	X(COUNTS, merged_readdirs, K_NUMBER | K_NULL)     \
	X(COUNTS, merged_hits, K_NUMBER | K_NULL)         \
	X(COUNTS, untold_readdirs, K_NUMBER)              \
	X(COUNTS, merged_stores, K_NUMBER | K_NULL)       \
	X(COUNTS, merged_gets, K_NUMBER | K_NULL)         \
	X(COUNTS, merged_puts, K_NUMBER | K_NULL)         \
	X(COUNTS, merged_frees, K_NUMBER | K_NULL)        \
	X(COUNTS, merged_leaks, K_NUMBER | K_NULL)        \
	X(COUNTS, merged_stales, K_NUMBER | K_NULL)       \
	X(COUNTS, merged_refcounts, K_NUMBER | K_NULL)    \
	X(COUNTS, lost, K_NUMBER)                         \
	X(COUNTS, partial_rebuilds, K_NUMBER | K_NULL)    \
	X(WINDOW, drop_ns, K_NUMBER)                      \
	X(WINDOW, retake_ns, K_NUMBER)                    \
	X(WINDOW, wait_ns, K_NUMBER)                      \
	X(WINDOW, version_drop, K_NUMBER)                 \
	X(WINDOW, version_retake, K_NUMBER)               \
	X(PROVIDER, provider, K_STRING)                   \
	X(PROVIDER, target, K_STRING)                     \
	X(PROVIDER, evidence, K_STRING)                   \
	X(DOUBT, what, K_STRING)                          \
	X(DOUBT, count, K_NUMBER)                         \
	X(ACTOR, task, K_OBJECT)                          \
	X(ACTOR, op, K_STRING)                            \
	X(ACTOR, count, K_NUMBER)                         \
	X(ACTOR, ns, K_NUMBER)

enum raw_field {
#define X(place, name, kinds) F_##place##_##name,
	RAW_FIELDS(X)
#undef X
	RAW_NFIELDS,
};

struct raw {
	struct json_value v[RAW_NFIELDS]; /* valid if seen */
	uint64_t seen[3];
	const char *bad; /* the first field that is not what it must be */
	struct rec_window *windows;
	size_t nwindows, cap;
	bool window_versions; /* all windows say them */
	uint64_t evidence[READ_MAX_EVIDENCE];
	size_t nevidence;
	struct rec_actor invalidator[RECORD_MAX_ACTORS], rebuilder[RECORD_MAX_ACTORS];
	size_t ninvalidators, nrebuilders;
	struct read_session session; /* cover only */
	struct read_summary summary; /* doubts only */
};

_Static_assert(RAW_NFIELDS <= 192, "three words of bits");

static inline bool raw__has(const struct raw *raw, enum raw_field f)
{
	return raw->seen[f / 64] >> (f % 64) & 1;
}

/* src/record/form.c: what the values mean, if they are all there. */
enum read_result raw__record(struct raw *raw, struct record_read *out);

/* src/record/form_directory.c */
/* Who rebuilt or outdated, once its object is read. False: not what it must be. */
bool raw__actor(struct raw *raw, bool rebuilder);

/* src/record/value.c */
/*
 * A string, NUL ended; the bytes of its base64 form b64, if that is there.
 * RAW_NFIELDS: it has none. NULL: not a string, or one that has a NUL inside.
 */
char *raw__string(struct raw *raw, unsigned int f, unsigned int b64);
/* Digits without leading zeros; base 10, or 16 in small letters. */
bool raw__number(const char *s, size_t len, unsigned int base, uint64_t *out);
bool raw__decimal(const struct raw *raw, enum raw_field f, uint64_t *out);
bool raw__address(const struct raw *raw, enum raw_field f, uint64_t *out); /* 0x... */

#endif
