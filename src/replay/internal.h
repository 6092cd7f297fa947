/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the replay: one recording's state. */
#ifndef OVLTRACE_REPLAY_INT_H
#define OVLTRACE_REPLAY_INT_H

#include "detect/detect.h"
#include "replay/evidence.h"
#include "replay/replay.h"

enum {
	REPLAY_SINKS = 4,
	REPLAY_PENDING = 4, /* defects of one record */
	REPLAY_REMARKS = DAMAGES + 8,
};

/* A defect that a detector found, until its finding record follows. */
struct pending {
	enum finding_kind kind;
	char text[DETECT_TEXT];
	bool exact;
};

struct fault {
	uint64_t n, line; /* how often; the first line */
	char detail[160]; /* of the first */
};

struct recording {
	bool open, readable;
	bool newer; /* written by a newer version */
	bool has_summary;
	uint64_t seq, ts_ns; /* of the last record */
	uint64_t records, bad_since; /* unreadable lines since the last record */
	struct rec_counts counts; /* according to the records */
	uint64_t recorded[FINDING_KINDS]; /* finding records, proved or not */
	uint64_t stale_ends;
	/* finding records of COMMAND's tasks; of tasks of which that is not known */
	uint64_t command_findings, unknown_findings;
	uint64_t dir_readdirs[2], dir_hits[2]; /* of directory records: impure, merged */
	uint64_t unknown_types, forgotten;
	uint32_t first_part; /* above 1: the earlier ones are missing */
	bool at_part; /* the next record is the first one of first_part */
	uint64_t absent; /* records of the missing parts, from seq 2 */
	char unknown_type[64];
	uint64_t summary_seq;
	struct rec_summary summary; /* as recorded */
	struct fault fault[DAMAGES];
	struct pending pending[REPLAY_PENDING];
	size_t npending;
	/* of the record that shows the pending defects */
	uint64_t pending_seq;
	struct rec_dir dir;
	struct rec_task task;
	char path[4096 + 256];
};

struct replay {
	struct record_reader *reader;
	struct record_read in;
	struct evidence *evidence;
	const struct address_key *hash; /* NULL: addresses stay as they are */
	struct recording rec;
	struct rec_session session; /* of the current recording; it points to the members below */
	uint64_t start_ns;
	struct coverage cover[EVENTS];
	char version[32], kernel[128], arch[32], host[80], hold_why[256], proof_why[256];
	char command_line[1024], follow_why[256];
	size_t nremarks;
	struct remark remarks[REPLAY_REMARKS];
	struct sink *sink[REPLAY_SINKS];
	size_t nsinks;
	uint64_t line; /* number of the current line */
	struct replay_total total;
	char unreadable[200];
};

/* src/replay/replay.c */
__attribute__((format(printf, 3, 4))) void replay__fault(struct replay *r, enum damage what,
							 const char *fmt, ...);
void replay__emit(struct replay *r, const struct ovl_record *rec);

/* Was that record in a part that was removed? The session is in each part. */
static inline bool recording__lacks(const struct recording *rc, uint64_t seq)
{
	return seq > 1 && seq - 2 < rc->absent;
}

/*
 * src/replay/judge.c: update the counts, run the detectors, verify findings. False: do
 * not emit the record, because it is a finding that is not proved.
 */
bool judge__rebuild(struct replay *r, const struct ovl_record *rec);
bool judge__incident(struct replay *r, const struct ovl_record *rec);
bool judge__merged(struct replay *r, const struct ovl_record *rec);
bool judge__finding(struct replay *r, const struct ovl_record *rec);
bool judge__stale_end(struct replay *r, const struct ovl_record *rec);
/* Reports pending defects without a finding; called at the first record after the findings. */
void judge__unreported(struct replay *r);

/* src/replay/close.c: summary, verdict and remarks */
void close__recording(struct replay *r);

#endif
