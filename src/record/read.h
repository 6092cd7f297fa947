/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From one line of "ovltrace/1" back to a record. Pure. What a line says is
 * believed only if it has the form that docs/json.md gives it; whether records
 * fit each other is the replay's business.
 */
#ifndef OVLTRACE_RECORD_READ_H
#define OVLTRACE_RECORD_READ_H

#include "record/coverage.h"
#include "record/inconsistency.h"
#include "record/record.h"

enum read_result {
	READ_OK,
	READ_UNKNOWN, /* a record of a type that this version does not know */
	READ_NOT_JSON,
	READ_DAMAGED, /* a field is missing, or is not what it must be */
};

enum {
	READ_MAX_EVIDENCE = RECORD_MAX_EVIDENCE,
};

/* What a session record says, and a summary record; strings as in ovl_record. */
struct read_session {
	const char *schema, *version, *kernel, *arch;
	const char *host; /* NULL: not said, may be */
	bool has_widen;
	uint32_t widen_us;
	const char *widen_why; /* "" unless widen_us is 0 */
	uint64_t start_realtime_ns;
	bool complete, has_complete;
	enum lock_drop lock_drop;
	struct coverage cover[EVENTS];
	uint32_t cover_seen; /* bit n: event n is there */
};

struct read_summary {
	uint64_t duration_ns;
	enum verdict verdict;
	int order; /* enum copy_up_order */
	bool has_command;
	int command_status;
	struct rec_counts counts;
	uint64_t inconsistencies[INCONSISTENCIES];
	uint64_t unknown_inconsistencies; /* of a newer version */
};

struct record_read {
	struct ovl_record rec; /* READ_OK; seq and ts_ns for READ_UNKNOWN, too */
	struct read_session session; /* RECORD_SESSION */
	struct read_summary summary; /* RECORD_SUMMARY */
	const char *what; /* READ_DAMAGED: the field; else the type, if one is known */
};

struct record_reader;

struct record_reader *record_reader__new(void);
void record_reader__free(struct record_reader *r);
/*
 * Reads a line without its newline. It is changed, and the record's strings
 * lie in it. The byte line[len] must be there, and may be changed.
 */
enum read_result record_reader__line(struct record_reader *r, char *line, size_t len,
				     struct record_read *out);

#endif
