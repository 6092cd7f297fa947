/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Directories and what their caches cost, as lines of text: what `top`, `run
 * --hits` and `report` show. Names are hostile until here. Pure but for stdio.
 */
#ifndef OVLTRACE_TABLE_H
#define OVLTRACE_TABLE_H

#include <stdio.h>

#include "record/record.h"

struct table_opts {
	double seconds; /* of the interval: listings are told per second; 0: their number */
	unsigned int width; /* of a line; 0: as long as it gets */
};

void table__head(FILE *f, const struct table_opts *opts);
/* One directory: a line of numbers, and one that says who. A count may be COUNT_UNSEEN. */
void table__row(FILE *f, const struct table_opts *opts, const struct rec_directory *d);
/* Does it rebuild on nearly each listing? */
bool table__thrashes(const struct rec_directory *d);
/* Escaped, and "..." in its middle if it has more than max characters; max 0: as it is. */
void table__text(FILE *f, const char *s, size_t len, size_t max);

#endif
