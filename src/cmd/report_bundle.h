/* SPDX-License-Identifier: GPL-2.0-only */
/* The archive of `bugreport` as the input of `report`: its texts, and its trace as a file. */
#ifndef OVLTRACE_REPORT_BUNDLE_H
#define OVLTRACE_REPORT_BUNDLE_H

#include <stdbool.h>
#include <stdio.h>

#include "util/bundle.h"

enum {
	REPORT_BUNDLE_TEXTS = 8,
};

struct report_bundle {
	bool present; /* the input is such an archive */
	struct bundle_file text[REPORT_BUNDLE_TEXTS];
	size_t n;
	int trace_fd; /* -1: none */
};

/* `name` is that of fd, a recording or an archive. Returns 0, or an exit status after complaining. */
int report_bundle__open(struct report_bundle *b, int fd, const char *name);
void report_bundle__write(const struct report_bundle *b, FILE *f);
void report_bundle__close(struct report_bundle *b);

#endif
