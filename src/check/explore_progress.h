/* SPDX-License-Identifier: GPL-2.0-only */
/* The line on standard error that says how far --explore is. */
#ifndef OVLTRACE_CHECK_EXPLORE_PROGRESS_H
#define OVLTRACE_CHECK_EXPLORE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	bool terminal; /* the line is overwritten */
	uint64_t begun_ns, shown_ns;
	uint64_t done, total; /* histories, of this run */
	uint64_t next; /* --from of the first that is not done */
	size_t found;
};

enum {
	PROGRESS_TEXT = 200,
};

void progress__begin(struct progress *p, uint64_t total);
/* Shows it, if it is time. */
void progress__show(struct progress *p);
void progress__end(struct progress *p);
/* Pure: "1200 of 235627 histories (0 %), 5100/s, 46 s left" */
const char *progress__text(const struct progress *p, uint64_t now_ns, char text[PROGRESS_TEXT]);

#endif
