// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/audit_options.h"

#include <string.h>

#include "audit/users.h"
#include "cmd/commands.h"
#include "cmd/trace_options.h"
#include "util/exit_status.h"
#include "util/log.h"

static const struct option_spec options[] = {
	{ .name = "json",
	  .type = OPTION_FLAG,
	  .help = "print one JSON object instead of text",
	  .details = "Its schema is ovltrace-audit/1, with --listings ovltrace-listings/1.",
	  .offset = offsetof(struct audit_opts, json) },
	{ .name = "listings",
	  .type = OPTION_FLAG,
	  .help = "compare what the directories below PATH list with statx()",
	  .details = "Names, inode numbers and types are compared, in each directory below PATH on "
		     "the same mount. A difference is a defect or a documented limit of overlayfs, "
		     "and its cause is named. Only defects make the exit status 1. This needs "
		     "neither BPF nor root. It lists each directory, so it makes the kernel renew "
		     "outdated caches; caches themselves are not looked at.",
	  .offset = offsetof(struct audit_opts, listings) },
	{ .name = "max-dirs",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "with --listings, compare at most N directories (default 1000000)",
	  .details = "If there are more, the audit is inconclusive.",
	  .offset = offsetof(struct audit_opts, max_dirs),
	  .min = 1,
	  .max = 1000000000 },
	TRACE_OPTIONS_TASKS(struct audit_opts, "audit only overlays that are mounted for"),
	{ .name = "verbose",
	  .letter = 'v',
	  .type = OPTION_LOG,
	  .help = "show every directory, and the messages of libbpf",
	  .details = "Without the option the text has ten directories of each overlay that "
		     "--listings found to differ. Messages go to standard error." },
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "all caches, or listings, were compared and none is wrong" },
	{ EXIT_FINDINGS, "at least one cache, or listing, is wrong" },
	{ EXIT_USAGE, "wrong usage, output that cannot be written, or an internal error" },
	{ EXIT_INCONCLUSIVE, "inconclusive: something could not be read or compared, or kept "
			     "changing" },
	{ EXIT_UNTRACEABLE, "this system cannot be audited" },
	{ 0 },
};

const struct command_spec command_audit = {
	.name = "audit",
	.synopsis = "[OPTION]... [PATH]...",
	.summary = "compare what overlay directories list, or their caches, with what is there",
	.details = "Dumps the current directory caches of the overlays that PATH is on (default: "
		   "all overlays of the system). Compares each cache that the kernel "
		   "would serve with a new listing and statx(). With --listings, compares what "
		   "directories list instead.",
	.options = options,
	.exits = exits,
	.operands = OPERANDS_DIRS,
};

int audit_options__keep(const struct audit_opts *opts, struct audit_mounts *m)
{
	struct task_filter filter =
		trace_options__filter(&opts->comms, &opts->cgroups, &opts->containers);
	int n = task_filter__is_empty(&filter) ? 1 : audit_mounts__keep_used(m, &filter);

	if (n > 0)
		return 0;
	if (n < 0)
		complain("cannot read the processes in /proc: %s; mount /proc", strerror(-n));
	else
		complain("no process matches '--cgroup', '--container' and '--comm'");
	return EXIT_USAGE;
}
