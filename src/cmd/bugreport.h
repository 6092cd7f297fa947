/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the files of `bugreport`: its parts, and how they are gathered. */
#ifndef OVLTRACE_BUGREPORT_H
#define OVLTRACE_BUGREPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/bugreport_options.h"
#include "record/address.h"
#include "util/bundle.h"

#define BUGREPORT_DIR "ovltrace-bugreport" /* in the archive */
#define BUGREPORT_TRACE "trace.jsonl"
#define BUGREPORT_SUMMARY "summary.txt"

enum {
	BUGREPORT_PARTS = 8,
};

/* A part of the archive, or why it is missing. */
struct bugreport_part {
	struct bundle_file file;
	char command[160]; /* what wrote it; "" if ovltrace read it itself */
	int status; /* of command */
	char missing[400]; /* why there are no bytes; "" */
	char remark[160]; /* what is wrong with it all the same; "" */
};

struct bugreport {
	struct bugreport_opts opts;
	struct address_key key;
	bool has_key; /* no random numbers: no text that may have addresses is gathered */
	uint64_t created_realtime_ns;
	struct bugreport_part part[BUGREPORT_PARTS];
	size_t n;
};

/* Fills the parts. */
void bugreport__gather(struct bugreport *b);
size_t bugreport__missing(const struct bugreport *b);

void bugreport__write_json(FILE *f, const struct bugreport *b);
/* archive: its path; NULL: in the archive itself */
void bugreport__write_text(FILE *f, const struct bugreport *b, const char *archive);

#endif
