/* SPDX-License-Identifier: GPL-2.0-only */
/* Two recordings side by side, as before and after a patch. */
#ifndef OVLTRACE_SINK_COMPARE_H
#define OVLTRACE_SINK_COMPARE_H

#include "sink/sink.h"
#include "util/hist.h"

/* What is compared of a file, which may have several recordings. */
struct compare_side {
	const char *name; /* of the file */
	char kernel[65], host[65], version[32]; /* of the last recording; host: "" unknown */
	uint64_t recordings, duration_ns;
	enum verdict verdict; /* the worst */
	struct rec_counts counts; /* of all */
	struct hist rebuild, window, wait;
};

/* Fills *side, which has to be zero but for its name. NULL: no memory. */
struct sink *sink_compare__new(struct compare_side *side);

void compare__text(FILE *f, const struct compare_side side[2]);
/* 0 or -ENOMEM. */
int compare__json(FILE *f, const struct compare_side side[2]);

#endif
