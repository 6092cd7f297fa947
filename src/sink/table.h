/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of directories and the cost of their caches that `top`, `run --hits` and
 * `report` print. Names are escaped here. Pure but for stdio.
 */
#ifndef OVLTRACE_TABLE_H
#define OVLTRACE_TABLE_H

#include <stdio.h>

#include "record/record.h"

struct table_opts {
	double seconds; /* of the interval, to print listings per second; 0: print their number */
	unsigned int width; /* of a line; 0: unlimited */
};

void table__head(FILE *f, const struct table_opts *opts);
/* One directory: a line of numbers, and a line of actors. A count may be COUNT_UNSEEN. */
void table__row(FILE *f, const struct table_opts *opts, const struct rec_directory *d);
/* How many rebuilds took how long, in microseconds: "64-128 57, 128-256 2". No markup. */
void table__times(FILE *f, const struct rec_directory *d);
/* Do its rebuilds take so long that it is worth a look? Of opts, the interval counts. */
bool table__is_costly(const struct table_opts *opts, const struct rec_directory *d);
/* Escapes text, with "..." in its middle if it exceeds max characters; max 0: unlimited. */
void table__text(FILE *f, const char *s, size_t len, size_t max);

enum {
	TABLE_NAMESPACE = 48,
};

/* Whose path it is, if not that of the trace's own mount namespace; otherwise "". */
const char *table__namespace(char text[TABLE_NAMESPACE], const struct rec_dir *dir);

#endif
