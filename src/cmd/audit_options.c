// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/audit_options.h"

#include "cmd/commands.h"
#include "util/exit_status.h"

static const struct option_spec options[] = {
	{ .name = "json",
	  .type = OPTION_FLAG,
	  .help = "print one JSON object instead of text",
	  .details = "Its schema is ovltrace-audit/1.",
	  .offset = offsetof(struct audit_opts, json) },
	OPTION_VERBOSE,
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "all caches were compared and none is wrong" },
	{ EXIT_FINDINGS, "at least one cache is wrong" },
	{ EXIT_USAGE, "wrong usage, output that cannot be written, or an internal error" },
	{ EXIT_INCONCLUSIVE, "inconclusive: something could not be read or compared, or kept "
			     "changing" },
	{ EXIT_UNTRACEABLE, "this system cannot be audited" },
	{ 0 },
};

const struct command_spec command_audit = {
	.name = "audit",
	.synopsis = "[OPTION]... [PATH]...",
	.summary = "look for wrong overlayfs directory caches without any probe",
	.details = "Dumps the current directory caches of the overlays that PATH is on (default: "
		   "all overlays of the system). Compares each cache that the kernel "
		   "would serve with a new listing and statx().",
	.options = options,
	.exits = exits,
	.operands = OPERANDS_DIRS,
};
