// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/bugreport_options.h"

#include "cmd/commands.h"
#include "util/exit_status.h"

#define AT(member) offsetof(struct bugreport_opts, member)

static const struct option_spec options[] = {
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_FILE,
	  .arg = "FILE",
	  .help = "write the archive to FILE, '-' for standard output",
	  .details = "The default is ovltrace-bugreport-DATE-TIME.tar.gz in the current "
		     "directory. Only its owner can read it.",
	  .offset = AT(output) },
	{ .name = "duration",
	  .letter = 'd',
	  .type = OPTION_SECONDS,
	  .arg = "SECONDS",
	  .help = "trace for SECONDS (default 10)",
	  .details = "Trigger the problem in this time. SECONDS is at most one day.",
	  .offset = AT(seconds) },
	{ .name = "trace-size",
	  .type = OPTION_BYTES,
	  .arg = "BYTES",
	  .help = "end the trace when its records have BYTES (default 16M)",
	  .details = "Before they are compressed. BYTES is from 65536 to 67108864.",
	  .offset = AT(size),
	  .min = 64 << 10,
	  .max = 64 << 20 },
	{ .name = "stacks",
	  .type = OPTION_FLAG,
	  .help = "let the trace have the kernel stacks of a finding's tasks",
	  .details = "They consist of symbols and offsets.",
	  .offset = AT(stacks) },
	{ .name = "no-paths",
	  .type = OPTION_FLAG,
	  .help = "leave out paths, names of entries and cgroups, and the host's name",
	  .details = "Of the audit only the verdict remains. Names of tasks and the numbers of "
		     "inodes and devices are still there.",
	  .offset = AT(no_paths) },
	OPTION_VERBOSE,
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "the archive is written and complete, whatever is in it" },
	{ EXIT_USAGE, "wrong usage, output that cannot be written, or an internal error" },
	{ EXIT_INCONCLUSIVE, "the archive is written, but some of it could not be gathered" },
	{ 0 },
};

const struct command_spec command_bugreport = {
	.name = "bugreport",
	.synopsis = "[OPTION]...",
	.summary = "gather what kernel developers need into one archive",
	.details = "Gathers what 'doctor' and 'audit' print, a short trace, and what the kernel "
		   "logged about overlayfs. Kernel addresses are replaced by hashes. 'ovltrace "
		   "report FILE' shows the archive. Without privileges it gathers what it can.",
	.options = options,
	.exits = exits,
};
