/* SPDX-License-Identifier: GPL-2.0-only */
/* What a trace came to, in words: one line that answers, and what that means here. */
#ifndef OVLTRACE_SINK_ANSWER_H
#define OVLTRACE_SINK_ANSWER_H

#include <stdio.h>

#include "record/record.h"

/* "clean: 12 rebuilds in 10.0 s, no finding", without a newline. */
void answer__line(FILE *f, const struct rec_session *session, const struct rec_summary *sum);
/* The i-th sentence about what the verdict means on this kernel; NULL after the last. */
const char *answer__meaning(const struct rec_session *session, const struct rec_summary *sum,
			    size_t i);

#endif
