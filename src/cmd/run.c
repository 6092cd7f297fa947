// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/run.h"
#include "probe/refusal.h"
#include "util/color.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/shell_words.h"

static int out_of_memory(void)
{
	complain("out of memory");
	return EXIT_USAGE;
}

static int output_fail(const char *path, int err)
{
	complain("output '%s': %s", quoted(path), strerror(-err));
	return EXIT_USAGE;
}

static int output_open(struct run *r)
{
	const char *o = r->opts.output;

	r->out_fd = -1;
	if (o && outfile__open(&r->out, o, OUTFILE_PRIVATE))
		return EXIT_USAGE;
	if (o)
		r->out_fd = outfile__create(&r->out);
	if (o && r->out_fd < 0)
		return output_fail(o, r->out_fd);
	if (r->opts.rotate_size && r->out.dir < 0) {
		complain("output '%s': is no regular file, which '--rotate-size' requires",
			 quoted(o));
		return EXIT_USAGE;
	}
	if (r->opts.metrics && outfile__open(&r->metrics, r->opts.metrics, OUTFILE_PUBLIC))
		return EXIT_USAGE;
	return 0;
}

enum {
	ROTATE_FILES = 10, /* by default */
};

static unsigned int rotate_files(const struct run *r)
{
	return r->opts.rotate_files ? (unsigned int)r->opts.rotate_files : ROTATE_FILES;
}

/* The next part of the recording, for its sink. */
static int output_rotate(void *ctx, const char *head, size_t len)
{
	struct run *r = ctx;
	int fd = outfile__rotate(&r->out, rotate_files(r), head, len);

	if (fd >= 0)
		r->out_fd = fd;
	else if (!r->rotation_failed)
		complain("output '%s': cannot be rotated: %s; it continues to grow",
			 quoted(r->opts.output), strerror(-fd));
	r->rotation_failed = fd < 0;
	return fd;
}

/* The session owns the sink. */
static int add_sink(struct run *r, struct sink *sink)
{
	if (!sink)
		return out_of_memory();
	session__add_sink(&r->session, sink);
	return 0;
}

static int add_recording(struct run *r)
{
	const struct jsonl_rotation rotation = { .bytes = r->opts.rotate_size,
						 .next = output_rotate,
						 .ctx = r };
	struct sink *sink = sink_jsonl__new(r->out_fd);

	if (sink)
		sink_jsonl__rotate(sink, &rotation);
	return add_sink(r, sink);
}

/* Standard output is reserved for records or for COMMAND. */
static int add_text(struct run *r)
{
	bool metrics = r->opts.metrics && !strcmp(r->opts.metrics, "-");
	bool reserved = r->out_fd == STDOUT_FILENO || metrics || r->command[0];
	int fd = reserved ? STDERR_FILENO : STDOUT_FILENO;
	struct text_opts to = { 0 };

	if (r->opts.text) {
		if (outfile__open(&r->text, r->opts.text, OUTFILE_PRIVATE))
			return EXIT_USAGE;
		fd = outfile__create(&r->text);
		if (fd < 0)
			return output_fail(r->opts.text, fd);
	} else {
		/* nothing between the lines of COMMAND */
		to.held = r->command[0];
		to.live = !to.held && isatty(fd);
	}
	to.color = color__wanted(r->opts.color, fd);
	return add_sink(r, sink_text__new(fd, &to));
}

static int sinks_open(struct run *r)
{
	int status = output_open(r);

	if (!status && r->opts.output)
		status = add_recording(r);
	if (!status && r->opts.metrics)
		status = add_sink(r, sink_metrics__new(&r->metrics));
	if (!status && (!r->opts.quiet || r->opts.text))
		status = add_text(r);
	return status;
}

static int check_coverage(struct run *r)
{
	const struct plan *plan = &r->session.plan;
	const struct coverage *cover;
	enum logical_event gap;
	char where[128];

	if (plan__complete(plan, &gap) || r->opts.allow_partial)
		return 0;
	cover = &plan->cover[gap];
	code__describe_gap(&plan->graph, "ovl_iterate_real", where, sizeof(where));
	if (!plan->layout_known)
		complain("coverage is partial: the layout of ovl_inode is not known: %s; use "
			 "--allow-partial to trace without a clean verdict",
			 plan->layout_evidence);
	else if (code__has_gap(&plan->graph) && cover->provider != PROVIDER_NONE)
		complain("coverage is partial: %s; use --allow-partial to trace without a clean "
			 "verdict",
			 where);
	else
		complain("coverage is partial: %s %s: %s; use --allow-partial to trace without a "
			 "clean verdict",
			 logical_event__name(gap),
			 cover->proof == PROOF_CONTRADICTED ? "failed its proof" : "cannot be seen",
			 coverage__why(cover));
	return EXIT_INCONCLUSIVE;
}

/* Probes that slow down unrelated tasks are never attached silently. */
static void name_costly(const struct plan *plan)
{
	char names[400] = "";
	size_t i, len;

	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &plan->cover[i];

		len = strlen(names);
		if (c->costly)
			snprintf(names + len, sizeof(names) - len, "%s%s of %s", len ? ", " : "",
				 provider__name(c->provider), c->target);
	}
	if (*names)
		complain("note: attached system-wide probes, which every task hits: %s", names);
}

/* A command that our signal ended has not failed. */
static bool command_failed(const struct run *r)
{
	if (r->asked && (r->child_status == 128 + SIGTERM || r->child_status == 128 + SIGINT ||
			 r->child_status == 128 + SIGHUP))
		return false;
	return r->child_status > 0;
}

static int status_of(const struct run *r, enum verdict verdict)
{
	if (r->child < 0 || r->session.sink_failed)
		return EXIT_USAGE;
	switch (verdict) {
	case VERDICT_FINDINGS:
		return EXIT_FINDINGS;
	case VERDICT_INCONCLUSIVE:
		return EXIT_INCONCLUSIVE;
	default:
		return command_failed(r) ? EXIT_COMMAND_FAILED : EXIT_CLEAN;
	}
}

static int trace(struct run *r)
{
	enum verdict verdict;

	if (r->command[0])
		run_loop__start_command(r);
	if (r->child < 0) {
		complain("command '%s': cannot be started: %s", quoted(r->command[0]),
			 strerror(-r->child));
		r->child_status = r->child == -ENOENT ? 127 : 126; /* like a shell */
	} else {
		run_loop__run(r);
	}
	run_loop__may_be_killed(r);
	window_hold__counts(&r->widen, &r->session);
	window_hold__stop(&r->widen);
	verdict = session__stop(&r->session, r->child_status >= 0 ? &r->child_status : NULL);
	run_loop__finish_outputs(r);
	return status_of(r, verdict);
}

static int untraceable(int err, const char *why)
{
	complain("this system cannot be traced: %s", why);
	return err == -ENOMEM ? EXIT_USAGE : EXIT_UNTRACEABLE;
}

/* Partial coverage is not the reason where nothing at all can be traced. */
static int check_plan(struct run *r, const struct session_opts *so)
{
	enum logical_event gap;
	char why[256];
	int err;

	if (r->opts.allow_partial || plan__complete(&r->session.plan, &gap))
		return 0;
	err = session__check(&r->session, why);
	if (!err)
		err = session__try_programs(&r->session, so, why);
	return err ? untraceable(err, why) : check_coverage(r);
}

/* Inspects the kernel, then plans, attaches and proves the probes. */
static int set_up(struct run *r, const struct session_opts *so)
{
	char why[256];
	int status, err;

	if (session__plan(&r->session, so)) {
		complain("this system cannot be traced: %s; %s", r->session.kernel.why,
			 r->session.kernel.remedy);
		return EXIT_UNTRACEABLE;
	}
	status = check_plan(r, so);
	if (!status)
		status = sinks_open(r);
	if (status)
		return status;
	err = session__attach(&r->session, so, why);
	if (err)
		return untraceable(err, why);
	/* what the kernel refused may have been the only provider */
	status = check_coverage(r);
	if (status)
		return status;
	refusal__note(&r->session.refused);
	name_costly(&r->session.plan);
	/* with COMMAND only on demand: counters that the user keeps would include the proof */
	if (!r->opts.proof && (r->command[0] || r->opts.no_proof))
		return 0;
	session__prove(&r->session);
	return check_coverage(r);
}

/* The new recording gets its name. With rotation, an older one is kept. */
static int output_begin(struct run *r)
{
	int err;

	if (r->opts.rotate_size)
		err = outfile__rotate(&r->out, rotate_files(r), NULL, 0);
	else
		err = outfile__commit(&r->out);
	return err < 0 ? err : 0;
}

static int run(struct run *r)
{
	struct session_opts so = { 0 };
	int status = run_options__session(r, &so), err;

	if (!status)
		status = run_loop__block_signals(r);
	if (!status)
		status = set_up(r, &so);
	if (status)
		return status;
	/*
	 * Only now: a trace that cannot start must not destroy an earlier recording. Not
	 * later: what a killed trace has recorded is to be found under its name.
	 */
	err = output_begin(r);
	if (err)
		return output_fail(r->opts.output, err);
	err = outfile__commit(&r->text);
	if (err)
		return output_fail(r->opts.text, err);
	if (r->command[0] && session__watch_tests(&r->session))
		return out_of_memory();
	if (r->opts.widen_us && r->opts.widen_us != RUN_WIDEN_UNSET)
		window_hold__start(&r->widen, &r->session, (uint32_t)r->opts.widen_us);
	status = run_loop__open(r);
	if (!status && r->command[0])
		status = run_loop__hold_command(r);
	if (!status)
		status = run_privileges__drop(r);
	if (status)
		return status;
	session__begin(&r->session);
	status = trace(r);
	err = outfile__sync(&r->out);
	if (err)
		return output_fail(r->opts.output, err);
	err = outfile__sync(&r->text);
	return err ? output_fail(r->opts.text, err) : status;
}

int cmd_run__main(int argc, char **argv)
{
	struct run *r = calloc(1, sizeof(*r));
	int first, status;

	if (!r)
		return out_of_memory();
	r->opts.widen_us = RUN_WIDEN_UNSET;
	r->ktap_fd = r->child_status = -1;
	r->out.dir = r->out.fd = r->metrics.dir = r->metrics.fd = r->text.dir = r->text.fd = -1;
	shell_words__join(r->command_line, sizeof(r->command_line), argv - 1);
	first = command__parse(&command_run, argc, argv, &r->opts);
	if (first < 0) {
		status = -1 - first;
	} else if (first < argc && strcmp(argv[first - 1], "--")) {
		complain("argument '%s': a command must follow '--'", quoted(argv[first]));
		status = EXIT_USAGE;
	} else {
		r->command = argv + first;
		status = run(r);
		child__cancel(&r->held);
		session__deinit(&r->session);
		outfile__close(&r->out);
		outfile__close(&r->metrics);
		outfile__close(&r->text);
	}
	free(r);
	return status;
}
