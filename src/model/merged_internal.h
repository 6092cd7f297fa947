/* SPDX-License-Identifier: GPL-2.0-only */
/* What src/model/merged_life.c provides to src/model/merged.c. */
#ifndef OVLTRACE_MERGED_INT_H
#define OVLTRACE_MERGED_INT_H

#include "model/internal.h"

struct mmerged *merged__find(struct model *m, uint64_t ptr);
struct mstream *merged__stream_find(struct model *m, uint64_t file);
/* s may be NULL. */
void merged__stream_drop(struct model *m, struct mstream *s);
void merged__stream_add(struct model *m, uint64_t file, struct mmerged *c);

/* Events were lost since c was seen first. */
bool merged__has_losses(const struct model *m, const struct mmerged *c);
/* The references of streams are no longer known: judges no cache from now on. */
void merged__stop_judging(struct model *m, enum inconsistency which);

struct mmerged *merged__add(struct model *m, const struct ovlw_merged *ev, struct mdir *dir);
/* Copies the stack of that event, if there is one: the record is written much later. */
void merged__keep_stack(struct model *m, struct mmerged *c, const struct ovlw_hdr *hdr);
/* If c has no users left, t must free it before t's next operation. */
void merged__abandoned(struct model *m, struct mmerged *c, struct mtask *t, uint64_t ts_ns);
void merged__unslot(struct model *m, struct mmerged *c, struct mtask *t, uint64_t ts_ns);
/* Ends the life of c: records and judges it. how is ignored if c was freed. */
void merged__end(struct model *m, struct mmerged *c, enum merged_end how, uint64_t ts_ns);

#endif
