/* SPDX-License-Identifier: GPL-2.0-only */
/* The answer of a table of costs: which directory takes the time, and what helps. */
#ifndef OVLTRACE_SINK_COSTS_H
#define OVLTRACE_SINK_COSTS_H

#include <stdio.h>

#include "record/record.h"

/*
 * One line without a newline. d: the costliest directory of the last `seconds`; NULL: none was
 * listed.
 */
void costs__answer(FILE *f, const struct rec_directory *d, double seconds);
/* What helps, NULL if that is not known: d must be costly. */
const char *costs__advice(const struct rec_directory *d);

#endif
