/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The findings of the HTML report: the first with a drawing, the others a line each. The
 * page filters them by kind and directory and sorts them with style sheets alone.
 */
#ifndef OVLTRACE_SINK_FINDING_LIST_H
#define OVLTRACE_SINK_FINDING_LIST_H

#include "sink/timeline.h"

struct finding_list;

/* NULL: no memory. */
struct finding_list *finding_list__new(void);
void finding_list__free(struct finding_list *l);
/* Begins another recording, whose session record has this time. */
void finding_list__reset(struct finding_list *l, uint64_t start_ns);
void finding_list__add(struct finding_list *l, const struct ovl_record *finding,
		       const struct timeline *t);
void finding_list__stale_end(struct finding_list *l, const struct ovl_record *rec);
/* recording: a number that no other one on the page has. Nothing if there are no findings. */
void finding_list__write(const struct finding_list *l, FILE *f, unsigned int recording);

#endif
