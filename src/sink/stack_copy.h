/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel stack that outlives its record, and its lines in a timeline. */
#ifndef OVLTRACE_STACK_COPY_H
#define OVLTRACE_STACK_COPY_H

#include <stdio.h>

#include "record/record.h"

struct stack_copy {
	char *text; /* the frames, each ended by NUL; NULL: there is no stack */
	size_t n, len; /* frames; bytes of text */
	bool truncated;
};

/* Replaces the copy. Without memory there is no stack. */
void stack_copy__set(struct stack_copy *c, const struct rec_stack *from);
void stack_copy__free(struct stack_copy *c);
bool stack_copy__equal(const struct stack_copy *a, const struct stack_copy *b);
/* A line for each frame, after that many spaces. */
void stack_copy__write(const struct stack_copy *c, FILE *f, int indent);

enum {
	STACK_LIST = 512,
};

/* The stacks of the latest records that have one, to be shown with findings on these. */
struct stack_list {
	struct {
		uint64_t seq;
		struct stack_copy stack;
	} kept[STACK_LIST];
	size_t n; /* so far */
};

void stack_list__note(struct stack_list *l, const struct ovl_record *rec);
/* Forgets all. */
void stack_list__reset(struct stack_list *l);
/* The frames are in `frame`. n is 0: that record has no stack, or it is no longer kept. */
struct rec_stack stack_list__find(const struct stack_list *l, uint64_t seq,
				  const char *frame[RECORD_MAX_FRAMES]);

#endif
