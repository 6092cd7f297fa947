/* SPDX-License-Identifier: GPL-2.0-only */
/* The report on listings, as text and as JSON. */
#ifndef OVLTRACE_AUDIT_LISTING_REPORT_H
#define OVLTRACE_AUDIT_LISTING_REPORT_H

#include <stdio.h>

#include "audit/listings.h"
#include "audit/report.h"

#define LISTINGS_SCHEMA "ovltrace-listings/1"

struct listing_report {
	const char *version; /* ovltrace's own */
	const char *kernel, *arch;
	struct listing_tree *v;
	size_t n;
	size_t namespaces; /* mount namespaces that were read */
	size_t hidden; /* processes whose namespace could not be read */
	bool whole; /* the text has every directory */
};

/* The sums over all trees. */
struct listing_counts {
	uint64_t directories, names, incomplete;
	uint64_t of[LISTING_VERDICTS], causes[LISTING_CAUSES];
	uint64_t defects, limits; /* differences */
};

void listing_counts__make(struct listing_counts *c, const struct listing_report *r);
enum audit_outcome listing_counts__outcome(const struct listing_counts *c);
void listing_report__text(FILE *f, const struct listing_report *r);
/* One object and a newline. 0 or -errno. */
int listing_report__json(FILE *f, const struct listing_report *r);

#endif
