/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of records as JSON, the same in every form that has them. */
#ifndef OVLTRACE_JSON_RECORD_H
#define OVLTRACE_JSON_RECORD_H

#include "util/json.h"
#include "record/record.h"

void json__dir(struct json *j, const struct rec_dir *d); /* "dir": {...} */
void json__task(struct json *j, const struct rec_task *t); /* "task": {...} */
/* "coverage": {...}, of EVENTS entries */
void json__coverage(struct json *j, const struct coverage *cover, bool merged);
void json__finding(struct json *j, const struct rec_finding *f); /* its members */
void json__directory(struct json *j, const struct rec_directory *d); /* its members */
void json__counts(struct json *j, const struct rec_counts *c); /* "counts": {...} */
void json__inconsistencies(struct json *j,
			   const uint64_t *inconsistencies); /* "inconsistencies": [...] */

#endif
