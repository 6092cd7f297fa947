/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replays a recording: parses its lines into records, and runs the same detectors on
 * them. The result must equal what was recorded. Pure: reads lines, passes records to
 * sinks. Bounded memory.
 *
 * A file may hold several recordings, one after the other.
 */
#ifndef OVLTRACE_REPLAY_H
#define OVLTRACE_REPLAY_H

#include "record/address.h"
#include "record/read.h"
#include "sink/sink.h"

/* Damage of a recording. Any of it rules out a clean verdict. */
enum damage {
	DAMAGE_NOT_JSON,
	DAMAGE_CUT, /* the last line is incomplete */
	DAMAGE_LONG,
	DAMAGE_FIELD,
	DAMAGE_TYPE, /* unknown record type, although no newer version wrote it */
	DAMAGE_MISSING, /* seq */
	DAMAGE_ORDER, /* seq */
	DAMAGE_TIME,
	DAMAGE_NO_SESSION,
	DAMAGE_NO_SUMMARY,
	DAMAGE_AFTER_SUMMARY,
	DAMAGE_EVIDENCE, /* of a finding does not exist */
	DAMAGE_UNREPORTED, /* a defect without a finding */
	DAMAGE_UNPROVED, /* a finding that its evidence does not prove */
	DAMAGE_STALE_END,
	DAMAGE_COUNTS,
	DAMAGE_VERDICT,
	DAMAGE_INPUT, /* a read error before the end of the file */
	DAMAGES,
};

enum {
	REPLAY_LINE_MAX = 8 << 20, /* bytes of a line; a rebuild with 50,000 windows */
};

struct replay;

struct replay_total {
	uint64_t recordings;
	uint64_t lines; /* readable or not */
	enum verdict verdict; /* the worst of all: findings, inconclusive, clean */
	const char *unreadable; /* NULL, or why there is no verdict at all */
	struct rec_counts counts; /* the sum; unseen if unseen in each */
};

/* NULL: out of memory. */
struct replay *replay__new(void);
/* Takes ownership of the sink. */
void replay__add_sink(struct replay *r, struct sink *sink);
/* Replaces addresses before anything sees them. The key must stay as long as the replay. */
void replay__hash_addresses(struct replay *r, const struct address_key *key);
/* A line without its newline. The line and line[len] must be writable. */
void replay__line(struct replay *r, char *line, size_t len, bool ended);
/* A line that was longer than REPLAY_LINE_MAX, and is skipped. */
void replay__too_long(struct replay *r);
/* The end of the input; why: the read error that ended it, or NULL. */
void replay__end(struct replay *r, const char *why);
void replay__total(const struct replay *r, struct replay_total *total);
void replay__free(struct replay *r);

#endif
