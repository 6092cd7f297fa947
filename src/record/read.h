/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From one line of "ovltrace/1" back to a record. Pure. What a line says is
 * believed only if it has the form that docs/json.md gives it; whether records
 * fit each other is the replay's business.
 */
#ifndef OVLTRACE_RECORD_READ_H
#define OVLTRACE_RECORD_READ_H

#include "record/record.h"

enum read_result {
	READ_OK,
	READ_UNKNOWN, /* a record of a type that this version does not know */
	READ_NOT_JSON,
	READ_NO_MEMORY, /* to read it with */
	READ_DAMAGED, /* a field is missing, or is not what it must be */
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
 * Reads a line without its newline. It is changed, and the record's strings
 * lie in it; its coverage lies in the reader. Both live until the next line. The byte line[len] must be there, and may be changed.
 */
enum read_result record_reader__line(struct record_reader *r, char *line, size_t len,
				     struct record_read *out);

#endif
