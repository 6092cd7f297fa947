// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/address_option.h"
#include "cmd/commands.h"
#include "cmd/report_options.h"
#include "replay/replay.h"
#include "sink/coverage_log.h"
#include "sink/sink.h"
#include "util/exit_status.h"
#include "util/lines.h"
#include "util/log.h"
#include "util/outfile.h"

static const struct {
	const char *name;
	struct sink *(*make)(FILE *f);
} formats[] = {
#define FORMAT(name, make, text) { #name, make },
#include "sink/formats.def"
#undef FORMAT
};

struct report {
	struct report_opts opts;
	struct address_key key;
	const char *name;
	struct outfile out;
	struct replay *replay;
	struct sink *sink;
};

static void on_session(struct sink *s, const struct ovl_record *rec)
{
	(void)s;
	if (rec->type == RECORD_SESSION)
		coverage__log(rec->session.cover, rec->session.covered);
}

static void keep(struct sink *s)
{
	(void)s;
}

/* For -v: the plan of each trace in the recording. */
static struct sink plan_sink = { .record = on_session, .free = keep };

static int output_fail(const struct report *r, int err)
{
	complain("output '%s': %s", r->opts.output ? quoted(r->opts.output) : "-", strerror(-err));
	return EXIT_USAGE;
}

/* in: what is read. */
static int output_open(struct report *r, const struct stat *in)
{
	if (outfile__open(&r->out, r->opts.output, OUTFILE_PRIVATE))
		return EXIT_USAGE;
	if (!outfile__is(&r->out, in))
		return 0;
	complain("output '%s': this is the recording that is to be read; give another name",
		 r->opts.output ? quoted(r->opts.output) : "-");
	return EXIT_USAGE;
}

static int sink_open(struct report *r)
{
	FILE *f = outfile__stream(&r->out);
	const char *format = r->opts.format;
	size_t i = 0;

	/* the option accepts only names of this table; the first is the default */
	while (format && strcmp(formats[i].name, format))
		i++;
	if (!f)
		return output_fail(r, -errno);
	r->replay = replay__new();
	r->sink = r->replay ? formats[i].make(f) : NULL;
	if (!r->sink) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	replay__add_sink(r->replay, r->sink);
	replay__hash_addresses(r->replay, address_option__key(r->opts.hash_addresses, &r->key));
	if (log__is_verbose())
		replay__add_sink(r->replay, &plan_sink);
	return 0;
}

/* Replays all lines. Returns NULL, or why the rest of the input could not be read. */
static const char *feed(struct report *r, struct lines *lines)
{
	size_t len;
	char *line;

	for (;;) {
		switch (lines__next(lines, &line, &len)) {
		case LINES_LINE:
			replay__line(r->replay, line, len, true);
			break;
		case LINES_REST:
			replay__line(r->replay, line, len, false);
			break;
		case LINES_LONG:
			replay__too_long(r->replay);
			break;
		case LINES_FAILED:
			return lines__why(lines);
		case LINES_END:
			return NULL;
		}
	}
}

/* keep: the report replaces an older one. */
static int output_end(struct report *r, bool keep)
{
	int err = r->sink->end ? r->sink->end(r->sink) : 0;

	if (!err)
		err = outfile__sync(&r->out);
	if (!err && keep)
		err = outfile__commit(&r->out);
	return err ? output_fail(r, err) : 0;
}

static int status_of(const struct report *r)
{
	struct replay_total total;

	replay__total(r->replay, &total);
	if (total.unreadable) {
		complain("file '%s': %s", quoted(r->name), total.unreadable);
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

static int report_lines(struct report *r, int fd)
{
	struct lines *lines = lines__new(fd, REPLAY_LINE_MAX);
	int status = sink_open(r), err;

	if (!status && !lines) {
		complain("out of memory");
		status = EXIT_USAGE;
	}
	if (!status) {
		replay__end(r->replay, feed(r, lines));
		status = status_of(r);
		/* an unreadable recording must not cost the report of an earlier one */
		err = output_end(r, status != EXIT_USAGE);
		status = err ? err : status;
	}
	replay__free(r->replay);
	lines__free(lines);
	return status;
}

static int report(struct report *r)
{
	bool standard = !strcmp(r->name, "-");
	int fd = standard ? STDIN_FILENO : open(r->name, O_RDONLY | O_CLOEXEC);
	struct stat st = { 0 };
	int status;

	if (fd < 0 || (!fstat(fd, &st) && S_ISDIR(st.st_mode))) {
		complain("file '%s': %s", quoted(r->name), strerror(fd < 0 ? errno : EISDIR));
		return EXIT_USAGE;
	}
	status = output_open(r, &st);
	if (!status)
		status = report_lines(r, fd);
	outfile__close(&r->out);
	if (!standard)
		close(fd);
	return status;
}

int cmd_report__main(int argc, char **argv)
{
	struct report r = { 0 };
	int first = command__parse(&command_report, argc, argv, &r.opts);

	if (first < 0)
		return -1 - first;
	if (argc - first != 1) {
		complain("%s; see 'ovltrace report --help'",
			 first == argc ? "no FILE given" : "more than one FILE given");
		return EXIT_USAGE;
	}
	r.name = argv[first];
	return report(&r);
}
