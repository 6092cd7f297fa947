// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/report_input.h"

#include <sys/stat.h>

#include "util/exit_status.h"
#include "util/lines.h"
#include "util/log.h"

int report_input__open(struct report_input *in, const char *name)
{
	int status;

	in->name = name;
	in->bundle.trace_fd = -1;
	status = parts__open(&in->parts, name);
	if (!status)
		status = report_bundle__open(&in->bundle, in->parts.fd[0], name);
	return status;
}

void report_input__close(struct report_input *in)
{
	report_bundle__close(&in->bundle);
	parts__close(&in->parts);
}

bool report_input__is_output(const struct report_input *in, const struct outfile *out,
			     const char *output)
{
	struct stat st;
	size_t i;

	for (i = 0; i < in->parts.n; i++) {
		if (fstat(in->parts.fd[i], &st) || !outfile__is(out, &st))
			continue;
		complain("output '%s': this is the recording that is to be read; give another name",
			 output ? quoted(output) : "-");
		return true;
	}
	return false;
}

/* Replays all lines. Returns NULL, or why the rest of the input could not be read. */
static const char *feed(struct replay *replay, struct lines *lines)
{
	size_t len;
	char *line;

	for (;;) {
		switch (lines__next(lines, &line, &len)) {
		case LINES_LINE:
			replay__line(replay, line, len, true);
			break;
		case LINES_REST:
			replay__line(replay, line, len, false);
			break;
		case LINES_LONG:
			replay__too_long(replay);
			break;
		case LINES_FAILED:
			return lines__why(lines);
		case LINES_END:
			return NULL;
		}
	}
}

/* Replays all parts, the oldest first. Returns NULL, or the same as feed(), in buf. */
static const char *feed_parts(struct report_input *in, struct replay *replay, char buf[128])
{
	const char *why = NULL;
	size_t i;

	for (i = in->parts.n; i-- > 0 && !why;) {
		int fd = in->bundle.present ? in->bundle.trace_fd : in->parts.fd[i];
		struct lines *lines = lines__new(fd, REPLAY_LINE_MAX);

		if (!lines)
			return "out of memory";
		why = feed(replay, lines);
		if (why)
			snprintf(buf, 128, "%s", why);
		lines__free(lines);
	}
	return why ? buf : NULL;
}

int report_input__replay(struct report_input *in, struct replay *replay)
{
	struct replay_total total;
	char why[128];

	replay__end(replay, feed_parts(in, replay, why));
	replay__total(replay, &total);
	if (total.unreadable) {
		complain("file '%s': %s", quoted(in->name), total.unreadable);
		return EXIT_USAGE;
	}
	switch (total.verdict) {
	case VERDICT_FINDINGS:
		return EXIT_FINDINGS;
	case VERDICT_INCONCLUSIVE:
		return EXIT_INCONCLUSIVE;
	default:
		return EXIT_CLEAN;
	}
}
