/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses one line of "ovltrace/1" into a record. Pure. A line is accepted only if it
 * has the form that docs/json.md specifies. Whether records are consistent with each
 * other is checked by src/replay/.
 */
#ifndef OVLTRACE_RECORD_READ_H
#define OVLTRACE_RECORD_READ_H

#include "record/record.h"

enum read_result {
	READ_OK,
	READ_UNKNOWN, /* the record type is not known to this version */
	READ_NOT_JSON,
	READ_NO_MEMORY,
	READ_DAMAGED, /* a field is missing or invalid */
};

enum {
	READ_MAX_EVIDENCE = RECORD_MAX_EVIDENCE,
};

struct record_read {
	struct ovl_record rec; /* READ_OK; seq and ts_ns for READ_UNKNOWN, too */
	const char *what; /* READ_DAMAGED: the field; else the type, if one is known */
};

struct record_reader;

struct record_reader *record_reader__new(void);
void record_reader__free(struct record_reader *r);
/*
 * Parses a line without its newline. line[len] must be writable. The line is modified,
 * and the record's strings point into it. Coverage and lists are owned by the reader.
 * All are valid until the next call.
 */
enum read_result record_reader__line(struct record_reader *r, char *line, size_t len,
				     struct record_read *out);

#endif
