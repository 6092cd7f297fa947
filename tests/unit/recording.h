/* SPDX-License-Identifier: GPL-2.0-only */
/* Recordings in memory, line by line, and the result of their replay. */
#ifndef OVLTRACE_TEST_RECORDING_H
#define OVLTRACE_TEST_RECORDING_H

#include "replay/replay.h"

enum {
	RECORDING_LINES = 64,
	RECORDING_LINE = 2048,
};

struct recording_text {
	char line[RECORDING_LINES][RECORDING_LINE];
	size_t len[RECORDING_LINES];
	size_t n;
	bool cut; /* the last line has no newline */
};

/* Three rebuilds, two of them outdated at once, nothing wrong. */
void recording__clean(struct recording_text *t);
/* A stale store, an overwritten cache, a stale clear: all with their proofs. */
void recording__findings(struct recording_text *t);
/*
 * The clean one with an incident and a finding of it before its summary, whose
 * count is 1. fields: the incident's own, as JSON.
 */
void recording__incident(struct recording_text *t, const char *fields, const char *kind,
			 const char *count);
/* Puts `to` in place of the first `from` of a line; there must be one. */
void recording__replace(struct recording_text *t, size_t line, const char *from, const char *to);
void recording__remove(struct recording_text *t, size_t line);
void recording__insert(struct recording_text *t, size_t line, const char *text);
/* All lines of b after those of a. */
void recording__append(struct recording_text *a, const struct recording_text *b);

/* What a replay gave. */
struct outcome {
	enum verdict verdict;
	struct rec_counts counts;
	uint64_t recordings, records[RECORD_TYPES];
	char unreadable[200];
	char remarks[4096]; /* of all recordings, a line each */
	char text[2048]; /* of the last finding */
	char path[300]; /* of the last rebuild */
	enum provider readdir; /* of the last session */
};

void recording__play(const struct recording_text *t, struct outcome *out);
void bytes__play(const char *bytes, size_t len, struct outcome *out);

#endif
