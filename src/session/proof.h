/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The proof at run time: a symbol or a site that looks right may be the wrong
 * one. A handful of known operations on a private overlay mount, and each
 * event must fire exactly as often as it must.
 */
#ifndef OVLTRACE_PROOF_H
#define OVLTRACE_PROOF_H

#include "probe/attach.h"
#include "session/proof_judge.h"

struct proof {
	bool asked, running;
	bool entries_known; /* the attachment counts them */
	uint32_t dev; /* of its mount; 0: there is none yet */
	uint64_t end_seq; /* no event of it has this number or a later one */
	struct proof_seen seen;
	struct model *model;
	/* the outcome */
	enum proof_state result;
	char why[192]; /* PROOF_NOT_RUN: why not */
	uint64_t took_ns;
};

/*
 * To be asked about each event of the attachment before anybody else sees it:
 * is it the proof's own, or does the trace not yet begin? What is told only
 * once (a path, an inode's end) is for others all the same.
 */
bool proof__takes(struct proof *p, const struct ovlw_hdr *ev, size_t size);
/* Runs it, and writes the outcome into p and into plan->cover. */
void proof__run(struct proof *p, struct attachment *a, struct plan *plan);
/* why may be NULL: nobody asked for it */
void proof__not_run(struct proof *p, const char *why);

#endif
