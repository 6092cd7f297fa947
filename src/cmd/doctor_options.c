// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/doctor_options.h"

#include "cmd/commands.h"
#include "util/exit_status.h"

#define AT(member) offsetof(struct doctor_opts, member)

static const struct option_spec options[] = {
	{ .name = "json",
	  .type = OPTION_FLAG,
	  .help = "print one JSON object instead of text",
	  .details = "Its schema is ovltrace-doctor/1.",
	  .offset = AT(json) },
	{ .name = "proof",
	  .type = OPTION_FLAG,
	  .help = "also prove the probes on a private mount; this attaches them for a moment",
	  .details = "The proof is the same as that of 'ovltrace run --proof'. Without this option "
		     "nothing is attached.",
	  .offset = AT(proof) },
	{ .name = "strict",
	  .type = OPTION_FLAG,
	  .help = "exit with 1 if the kernel's code has a known defect",
	  .details = "Without it known defects do not change the exit status.",
	  .offset = AT(strict) },
	OPTION_VERBOSE,
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "everything that a verdict needs can be seen" },
	{ EXIT_FINDINGS, "with --strict: the code of overlayfs has a known defect" },
	{ EXIT_USAGE, "wrong usage, output that cannot be written, or an internal error" },
	{ EXIT_INCONCLUSIVE, "some of what a verdict needs cannot be seen" },
	{ EXIT_UNTRACEABLE, "this system cannot be traced" },
	{ 0 },
};

const struct command_spec command_doctor = {
	.name = "doctor",
	.synopsis = "[OPTION]...",
	.summary =
		"show this kernel's known defects, what can be traced, and how to enable the rest",
	.options = options,
	.exits = exits,
};
