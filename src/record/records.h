/* SPDX-License-Identifier: GPL-2.0-only */
/* What records have in common, whatever their type: expanded from records.def. */
#ifndef OVLTRACE_RECORD_RECORDS_H
#define OVLTRACE_RECORD_RECORDS_H

#include "record/record.h"

/* The findings that a record may be evidence of: of impure or of merged caches. */
enum record_proves {
	PROVES_NOTHING,
	PROVES_IMPURE,
	PROVES_MERGED,
};

const char *record_type__name(enum record_type type);
enum record_proves record_type__proves(enum record_type type);
/* Copies what its type has: most records are short, and some types long. */
void record__copy(struct ovl_record *to, const struct ovl_record *from);
/* The directory, the task and its stack that a record is about; NULL: its type has none. */
const struct rec_dir *record__dir(const struct ovl_record *rec);
const struct rec_task *record__task(const struct ovl_record *rec);
const struct rec_stack *record__stack(const struct ovl_record *rec);
/* Passes a record to the handler of its type, if there is one. */
void record__dispatch(const record_fn handlers[RECORD_TYPES], void *ctx,
		      const struct ovl_record *rec);

#endif
