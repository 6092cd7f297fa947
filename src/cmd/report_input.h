/* SPDX-License-Identifier: GPL-2.0-only */
/* What `report` reads: a recording with its parts, or the archive of a bug report. */
#ifndef OVLTRACE_REPORT_INPUT_H
#define OVLTRACE_REPORT_INPUT_H

#include "cmd/parts.h"
#include "cmd/report_bundle.h"
#include "replay/replay.h"
#include "util/outfile.h"

struct report_input {
	const char *name;
	struct parts parts;
	struct report_bundle bundle;
};

/* Returns 0, or an exit status after complaining. */
int report_input__open(struct report_input *in, const char *name);
void report_input__close(struct report_input *in);
/* Is it the file that the report would replace? Then it complains. */
bool report_input__is_output(const struct report_input *in, const struct outfile *out,
			     const char *output);
/* Replays all of it, and ends the replay. Returns an exit status. */
int report_input__replay(struct report_input *in, struct replay *replay);

#endif
