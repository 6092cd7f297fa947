// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/address_option.h"
#include "cmd/commands.h"
#include "cmd/report_compare.h"
#include "cmd/report_input.h"
#include "cmd/report_options.h"
#include "sink/coverage_log.h"
#include "sink/filter.h"
#include "sink/sink.h"
#include "util/color.h"
#include "util/exit_status.h"
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
	struct report_input in;
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

static int output_open(struct report *r)
{
	if (outfile__open(&r->out, r->opts.output, OUTFILE_PRIVATE) ||
	    report_input__is_output(&r->in, &r->out, r->opts.output))
		return EXIT_USAGE;
	return 0;
}

/* Shows a part of the recording, if the user wants that. */
static int filter_add(struct report *r)
{
	const struct report_opts *o = &r->opts;
	struct sink_filter filter = {
		.since = o->since, .until = o->until, .dirs = o->dirs.v, .ndirs = o->dirs.n
	};
	struct sink *sink;
	int kind;

	for (kind = 0; kind < FINDING_KINDS; kind++)
		if (option_list__has(&o->kinds, finding_kind__name(kind)))
			filter.kinds |= 1U << kind;
	if (!filter.kinds && !filter.ndirs && filter.since <= 0 && filter.until <= 0)
		return 0;
	complain("note: only a part of the recording is shown; the verdict and the counts are "
		 "those of all of it");
	sink = sink_filter__new(r->sink, &filter);
	if (!sink)
		return -1;
	r->sink = sink;
	return 0;
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
	if (r->in.bundle.present && !i)
		report_bundle__write(&r->in.bundle, f);
	r->replay = replay__new();
	r->sink = r->replay ? formats[i].make(f) : NULL;
	if (!r->sink) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	if (!i)
		sink_text__set_color(r->sink, color__wanted(r->opts.color, fileno(f)));
	if (filter_add(r)) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	replay__add_sink(r->replay, r->sink);
	replay__hash_addresses(r->replay, address_option__key(r->opts.hash_addresses, &r->key));
	if (log__is_verbose())
		replay__add_sink(r->replay, &plan_sink);
	return 0;
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

/* The texts of a bug report whose trace is missing. */
static int report_texts(struct report *r)
{
	FILE *f;
	int err;

	if (r->opts.format && strcmp(r->opts.format, formats[0].name)) {
		complain("file '%s': a bug report without a trace; only '--format text' shows it",
			 quoted(r->in.name));
		return EXIT_USAGE;
	}
	if (output_open(r))
		return EXIT_USAGE;
	f = outfile__stream(&r->out);
	err = f ? 0 : -errno;
	if (f)
		report_bundle__write(&r->in.bundle, f);
	if (!err)
		err = outfile__sync(&r->out);
	if (!err)
		err = outfile__commit(&r->out);
	outfile__close(&r->out);
	return err ? output_fail(r, err) : EXIT_INCONCLUSIVE;
}

static int report(struct report *r)
{
	int status = output_open(r), err;

	if (!status)
		status = sink_open(r);
	if (!status) {
		status = report_input__replay(&r->in, r->replay);
		/* an unreadable recording must not cost the report of an earlier one */
		err = output_end(r, status != EXIT_USAGE);
		status = err ? err : status;
	}
	replay__free(r->replay);
	outfile__close(&r->out);
	return status;
}

int cmd_report__main(int argc, char **argv)
{
	struct report r = { .in.bundle.trace_fd = -1 };
	int first = command__parse(&command_report, argc, argv, &r.opts), status;

	if (first < 0)
		return -1 - first;
	if (argc - first == 2)
		return report_compare__main(&r.opts, argv + first);
	if (argc - first != 1) {
		complain("%s; see 'ovltrace report --help'",
			 first == argc ? "no FILE given" : "more than two FILEs given");
		return EXIT_USAGE;
	}
	status = report_input__open(&r.in, argv[first]);
	if (!status)
		status = r.in.bundle.present && r.in.bundle.trace_fd < 0 ? report_texts(&r) :
									   report(&r);
	report_input__close(&r.in);
	return status;
}
