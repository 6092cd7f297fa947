/* SPDX-License-Identifier: GPL-2.0-only */
/* Records as JSON: the same in every output that has them. */
#ifndef OVLTRACE_RECORD_WRITE_H
#define OVLTRACE_RECORD_WRITE_H

#include "util/json.h"
#include "record/record.h"

/* All members of a record, inside an object that the caller opens and closes. */
void json__record(struct json *j, const struct ovl_record *rec);
/* Only those of its type, such as json__finding() */
#define RECORD(id, name, member, subject, proves) \
	void json__##member(struct json *j, const struct rec_##member *from);
#include "record/records.def"

/* Longer parts are written each time. */
enum {
	MEMO_STRING = 256,
	MEMO_TEXT = 1024,
};

/*
 * The directory and the task that an output wrote last. Mostly the next record has the
 * same, and copying their text costs a tenth of writing it.
 */
struct record_memo {
	struct rec_dir dir; /* path: see dir_path */
	struct rec_task task;
	char dir_path[MEMO_STRING], cgroup_path[MEMO_STRING];
	char dir_text[MEMO_TEXT], task_text[MEMO_TEXT];
	size_t dir_len, task_len; /* 0: nothing is remembered */
};

/* Parts of records */
void json__dir(struct json *j, const struct rec_dir *d); /* "dir": {...} */
void json__task(struct json *j, const struct rec_task *t); /* "task": {...} */
void json__stack(struct json *j, const struct rec_stack *s); /* "stack": [...], if there is one */
/* "coverage": {...}, of EVENTS entries */
void json__coverage(struct json *j, const struct coverage *cover, bool merged);
void json__count(struct json *j, const char *key, uint64_t v); /* null: COUNT_UNSEEN */
void json__counts(struct json *j, const struct rec_counts *c); /* "counts": {...} */
void json__inconsistencies(struct json *j,
			   const uint64_t *inconsistencies); /* "inconsistencies": [...] */

#endif
