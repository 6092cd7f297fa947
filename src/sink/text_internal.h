/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the sink of human-readable text. */
#ifndef OVLTRACE_SINK_TEXT_INT_H
#define OVLTRACE_SINK_TEXT_INT_H

#include <stdio.h>

#include "sink/dirtable.h"
#include "util/hist.h"
#include "sink/sink.h"
#include "sink/testsum.h"
#include "sink/timeline.h"

enum {
	REPORTED_PER_KIND = 3, /* findings per kind that are shown in full, of each whose */
	WHOSE = 2, /* COMMAND's, or not known whose; by other tasks */
	WAITING = WHOSE * REPORTED_PER_KIND,
};

struct waiting {
	struct ovl_record rec; /* a stale store whose end is not known yet */
	char path[4096], text[512], test[TESTSUM_NAME];
	bool used, printed;
};

struct text {
	struct sink sink;
	FILE *f; /* of the output, or of `held` */
	FILE *output;
	char *held; /* what waits for the line that answers */
	size_t held_len;
	FILE *others; /* findings by other tasks, which come after COMMAND's; NULL: none waits */
	char *others_held;
	size_t others_len;
	struct rec_session session; /* of the current recording */
	uint64_t start_ns;
	struct text_opts opts;
	bool shown, over; /* over: the summary is written */
	uint64_t last_ns, sessions;
	enum verdict worst;
	struct timeline *timeline;
	struct dirtable *dirs;
	struct waiting waiting[WAITING];
	uint64_t reported[WHOSE][FINDING_KINDS];
	struct hist window, wait;
	struct testsum tests;
};

/* src/sink/text_findings.c: takes the status line away */
void sink_text__unshow(struct text *s);
void sink_text__finding(void *ctx, const struct ovl_record *rec);
void sink_text__stale_end(void *ctx, const struct ovl_record *rec);
/* writes what still waits for its end, and how many are not shown */
void sink_text__findings_end(struct text *s);
/* those by other tasks that wait for COMMAND's: writes or forgets them */
void sink_text__others(struct text *s, bool write);

/* src/sink/text_summary.c: why the verdict is not clean */
void sink_text__reasons(struct text *s, const struct rec_summary *sum);
/* everything after the findings */
void sink_text__summary(struct text *s, const struct rec_summary *sum);

#endif
