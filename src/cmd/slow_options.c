// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/slow_options.h"

#include "cmd/commands.h"
#include "cmd/trace_options.h"
#include "util/exit_status.h"

#define AT(member) offsetof(struct slow_opts, member)

static const struct option_spec options[] = {
	{ .name = "over",
	  .type = OPTION_SECONDS,
	  .arg = "TIME",
	  .help = "record listings that take longer than TIME (default 10ms)",
	  .details = "TIME is a number with a unit: us, ms, s; without a unit, of seconds.",
	  .offset = AT(over) },
	TRACE_OPTION_DURATION(struct slow_opts),
	{ .name = "lines",
	  .letter = 'n',
	  .type = OPTION_NUMBER,
	  .arg = "LINES",
	  .help = "show at most LINES listings (default 20)",
	  .offset = AT(lines),
	  .min = 1,
	  .max = 1 << 30 },
	{ .name = "json",
	  .type = OPTION_FLAG,
	  .help = "print JSON instead of text",
	  .details = "One object; see docs/slow.md.",
	  .offset = AT(json) },
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_FILE,
	  .arg = "FILE",
	  .help = "also write the JSON to FILE",
	  .details = "The file appears when it is complete. - is standard output, as --json.",
	  .offset = AT(output) },
	TRACE_OPTION_PID(struct slow_opts, "record only listings by"),
	TRACE_OPTIONS_TASKS(struct slow_opts, "record only listings by"),
	TRACE_OPTIONS_PROBES(struct slow_opts),
	OPTION_VERBOSE,
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "traced completely, whether or not a listing was slow" },
	{ EXIT_USAGE, "wrong usage, output that cannot be written, or an internal error" },
	{ EXIT_INCONCLUSIVE, "listings were lost, or waits for the lock cannot be seen" },
	{ EXIT_UNTRACEABLE, "this system cannot be traced" },
	{ 0 },
};

const struct command_spec command_slow = {
	.name = "slow",
	.synopsis = "[OPTION]...",
	.summary = "show which listings of overlay directories are slow, and why",
	.details = "Traces until SIGINT, SIGTERM or -d, and then prints the slowest listings, each "
		   "with its parts: the wait for the directory's lock, the read of the layers, "
		   "lookups of entries, merging, and the copy to the caller.",
	.options = options,
	.exits = exits,
};
