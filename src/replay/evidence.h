/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a replay keeps of the records that a finding may name: type and directory of the
 * latest records, and the caches that the latest rebuilds stored and overwrote. Pure,
 * fixed size.
 */
#ifndef OVLTRACE_EVIDENCE_H
#define OVLTRACE_EVIDENCE_H

#include "record/record.h"

enum evidence_found {
	EVIDENCE_THERE,
	EVIDENCE_ABSENT, /* no such record, or it was not readable */
	EVIDENCE_FORGOTTEN, /* no longer kept */
};

struct evidence_record {
	enum record_type type;
	uint32_t dir; /* a hash: see evidence__dir() */
};

struct evidence_rebuild {
	uint64_t seq;
	uint64_t cache, overwritten; /* 0: none */
};

struct evidence;

struct evidence *evidence__new(void);
void evidence__free(struct evidence *e);
/* A new recording: forgets all records. */
void evidence__reset(struct evidence *e);
void evidence__note(struct evidence *e, const struct ovl_record *rec);
enum evidence_found evidence__find(const struct evidence *e, uint64_t seq,
				   struct evidence_record *rec);
/* NULL: forgotten, or no rebuild. */
const struct evidence_rebuild *evidence__rebuild(const struct evidence *e, uint64_t seq);
uint32_t evidence__dir(const struct rec_dir *dir);

#endif
