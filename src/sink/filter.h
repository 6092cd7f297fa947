/* SPDX-License-Identifier: GPL-2.0-only */
/* A sink before another one, which passes on only what the user wants to see. */
#ifndef OVLTRACE_SINK_FILTER_H
#define OVLTRACE_SINK_FILTER_H

#include "sink/sink.h"

struct sink_filter {
	double since, until; /* seconds from the session record on; until 0: no limit */
	uint32_t kinds; /* of findings, a bit each; 0: all */
	const char *const *dirs; /* the directory or one above it */
	size_t ndirs; /* 0: all */
};

/*
 * Findings that do not match are dropped; of records with a directory, those of other
 * directories, too. Session and summary, with verdict and counts, are passed on as they are.
 * Takes `to` over. NULL: no memory.
 */
struct sink *sink_filter__new(struct sink *to, const struct sink_filter *filter);

#endif
