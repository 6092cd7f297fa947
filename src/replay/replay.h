/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording once more: its lines give the records, the records are judged
 * by the same detectors again, and what was judged when they were recorded
 * must come out. Pure: lines come in, records go to sinks. Bounded memory.
 *
 * A file may hold several recordings, one after the other.
 */
#ifndef OVLTRACE_REPLAY_H
#define OVLTRACE_REPLAY_H

#include "record/read.h"
#include "sink/sink.h"

/* What can be wrong with a recording. None of it leaves the verdict clean. */
enum damage {
	DAMAGE_NOT_JSON,
	DAMAGE_CUT, /* the last line has no end */
	DAMAGE_LONG,
	DAMAGE_FIELD,
	DAMAGE_TYPE, /* of a record, unknown, and no newer version wrote it */
	DAMAGE_MISSING, /* seq */
	DAMAGE_ORDER, /* seq */
	DAMAGE_TIME,
	DAMAGE_NO_SESSION,
	DAMAGE_NO_SUMMARY,
	DAMAGE_AFTER_SUMMARY,
	DAMAGE_EVIDENCE, /* of a finding is not there */
	DAMAGE_UNREPORTED, /* a defect that no finding tells */
	DAMAGE_UNPROVED, /* a finding that its evidence does not prove */
	DAMAGE_STALE_END,
	DAMAGE_COUNTS,
	DAMAGE_VERDICT,
	DAMAGE_INPUT, /* the file could not be read to its end */
	DAMAGES,
};

enum {
	REPLAY_LINE_MAX = 8 << 20, /* bytes of a line; a rebuild with 50,000 windows */
};

struct replay;

struct replay_total {
	uint64_t recordings;
	uint64_t lines; /* records and what should be */
	enum verdict verdict; /* the worst of all: findings, inconclusive, clean */
	const char *unreadable; /* NULL, or why there is no verdict at all */
	struct rec_counts counts; /* the sum; unseen if unseen in all */
};

/* NULL: no memory. */
struct replay *replay__new(void);
/* Takes the sink over. */
void replay__add_sink(struct replay *r, struct sink *sink);
/* A line without its newline; line[len] is there. Both may be changed. */
void replay__line(struct replay *r, char *line, size_t len, bool ended);
/* A line that was longer than REPLAY_LINE_MAX, and is skipped. */
void replay__too_long(struct replay *r);
/* The input ends here; why: because it can't be read on, NULL if not. */
void replay__end(struct replay *r, const char *why);
void replay__total(const struct replay *r, struct replay_total *total);
void replay__free(struct replay *r);

#endif
