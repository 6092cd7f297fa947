/* SPDX-License-Identifier: GPL-2.0-only */
/* What `slow` has seen, as text and as JSON. */
#ifndef OVLTRACE_SINK_SLOW_H
#define OVLTRACE_SINK_SLOW_H

#include <stdio.h>

#include "model/slow.h"

#define SLOW_SCHEMA "ovltrace-slow/1"

struct slow_view {
	const char *version, *kernel, *arch;
	struct slow *slow; /* sorted by what shows it */
	struct slow_sees sees;
	uint64_t over_ns, duration_ns;
	uint64_t listings; /* of all tasks; that have returned */
	uint64_t lost;
	uint64_t running; /* listings that have not returned */
	bool filtered; /* only those of some tasks are in `slow` */
	size_t lines; /* of listings in the text */
};

/* NULL: every slow listing is in it with its whole time. Otherwise the first reason. */
const char *slow_view__incomplete(const struct slow_view *v);
void slow_view__text(FILE *f, const struct slow_view *v);
/* 0 or -errno. */
int slow_view__json(FILE *f, const struct slow_view *v);

#endif
