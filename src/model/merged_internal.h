/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the caches of merged directories: what src/model/merged_life.c does for src/model/merged.c. */
#ifndef OVLTRACE_MERGED_INT_H
#define OVLTRACE_MERGED_INT_H

#include "model/internal.h"

struct mmerged *merged__find(struct model *m, uint64_t ptr);
struct mstream *merged__stream_find(struct model *m, uint64_t file);
/* s may be NULL. */
void merged__stream_drop(struct model *m, struct mstream *s);
void merged__stream_add(struct model *m, uint64_t file, struct mmerged *c);

/* Something was lost since it was seen first. */
bool merged__has_losses(const struct model *m, const struct mmerged *c);
/* What streams have is not what was seen: from here on nothing is judged. */
void merged__stop_judging(struct model *m, enum inconsistency which);

struct mmerged *merged__add(struct model *m, const struct ovlw_merged *ev, struct mdir *dir);
/* Nobody has it any more: t has until its next operation to free it. */
void merged__abandoned(struct model *m, struct mmerged *c, struct mtask *t, uint64_t ts_ns);
void merged__unslot(struct model *m, struct mmerged *c, struct mtask *t, uint64_t ts_ns);
/* Its life is over, in that way unless it was freed: writes it down, and judges it. */
void merged__end(struct model *m, struct mmerged *c, enum merged_end how, uint64_t ts_ns);

#endif
