/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The proof at run time: a symbol or a site that looks right may be the wrong one.
 * A child performs known operations on a private overlay mount, and each event must
 * then be seen exactly as often as it occurs.
 */
#ifndef OVLTRACE_PROOF_H
#define OVLTRACE_PROOF_H

#include "probe/attach.h"
#include "session/proof_judge.h"

struct proof {
	bool asked, running;
	bool entries_known; /* the probes count entries of caches */
	uint32_t dev; /* of its mount; 0: not mounted yet */
	uint64_t end_seq; /* all events of the proof have lower numbers */
	struct proof_seen seen;
	struct model *model;
	/* the result */
	enum proof_state result;
	char why[192]; /* why it was not run: PROOF_NOT_RUN */
	uint64_t took_ns;
};

/*
 * Filters each event before the model sees it. True: the event is the proof's own, or
 * arrived before the trace began. Paths and destroyed inodes of other mounts always
 * pass, because they are reported only once.
 */
bool proof__takes(struct proof *p, const struct ovlw_hdr *ev, size_t size);
/* Runs the proof, and writes the result into p and into plan->cover. */
void proof__run(struct proof *p, struct attachment *a, struct plan *plan);
/* why may be NULL: the proof was not requested */
void proof__not_run(struct proof *p, const char *why);

#endif
