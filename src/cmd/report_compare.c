// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/report_compare.h"

#include <errno.h>
#include <string.h>

#include "cmd/report_input.h"
#include "sink/compare.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/outfile.h"

/* Does not apply to two recordings. */
static int check(const struct report_opts *o)
{
	if (o->format && strcmp(o->format, "text") && strcmp(o->format, "json")) {
		complain("option '--format' '%s': two recordings are compared as text or json",
			 o->format);
		return EXIT_USAGE;
	}
	if (o->kinds.n || o->dirs.n || o->since > 0 || o->until > 0) {
		complain("options '--kind', '--dir', '--since' and '--until' need a single FILE");
		return EXIT_USAGE;
	}
	return 0;
}

/* Fills a side from its file. Returns an exit status. */
static int side_read(struct compare_side *side, struct report_input *in)
{
	struct replay *replay;
	struct sink *sink;
	int status;

	if (in->bundle.present && in->bundle.trace_fd < 0) {
		complain("file '%s': a bug report without a trace", quoted(in->name));
		return EXIT_USAGE;
	}
	replay = replay__new();
	sink = replay ? sink_compare__new(side) : NULL;
	if (!sink) {
		replay__free(replay);
		complain("out of memory");
		return EXIT_USAGE;
	}
	replay__add_sink(replay, sink);
	status = report_input__replay(in, replay);
	replay__free(replay);
	return status;
}

static int output(const struct report_opts *o, struct outfile *out,
		  const struct compare_side side[2])
{
	FILE *f = outfile__stream(out);
	int err = f ? 0 : -errno;

	if (f && o->format && !strcmp(o->format, "json"))
		err = compare__json(f, side);
	else if (f)
		compare__text(f, side);
	if (!err)
		err = outfile__sync(out);
	if (!err)
		err = outfile__commit(out);
	if (!err)
		return 0;
	complain("output '%s': %s", o->output ? quoted(o->output) : "-", strerror(-err));
	return EXIT_USAGE;
}

int report_compare__main(const struct report_opts *opts, char **names)
{
	static struct compare_side side[2];
	static struct report_input in[2];
	struct outfile out;
	int status = check(opts), i, err;

	if (status)
		return status;
	if (outfile__open(&out, opts->output, OUTFILE_PRIVATE))
		return EXIT_USAGE;
	for (i = 0; i < 2 && status != EXIT_USAGE; i++) {
		side[i].name = names[i];
		status = report_input__open(&in[i], names[i]);
		if (!status)
			status = report_input__is_output(&in[i], &out, opts->output) ?
					 EXIT_USAGE :
					 side_read(&side[i], &in[i]);
		report_input__close(&in[i]);
	}
	if (status != EXIT_USAGE) {
		err = output(opts, &out, side);
		status = err ? err : status;
	}
	outfile__close(&out);
	return status;
}
