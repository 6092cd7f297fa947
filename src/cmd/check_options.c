// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/check_options.h"

#include <stdio.h>

#include "check/check.h"
#include "check/explore.h"
#include "cmd/address_option.h"
#include "cmd/commands.h"
#include "util/exit_status.h"

#define AT(member) offsetof(struct check_cmdline, member)

static const char *format(size_t i, const char **text)
{
	static const struct {
		const char *name, *text;
	} formats[] = {
#define FORMAT(name, text) { #name, text },
#include "check/formats.def"
#undef FORMAT
	};

	if (i >= sizeof(formats) / sizeof(formats[0]))
		return NULL;
	*text = formats[i].text;
	return formats[i].name;
}

static const char *scenario(size_t i, const char **text)
{
	if (i >= nscenarios)
		return NULL;
	*text = scenarios[i].property;
	return scenarios[i].name;
}

static const char *config(size_t i, const char **text)
{
	static char texts[EXPLORE_CONFIGS][128];
	const struct explore_config *c;

	if (i == EXPLORE_SUBJECT_SCHEDULES) {
		*text = SCHEDULES_TEXT;
		return schedule_config.name;
	}
	if (i >= EXPLORE_CONFIGS)
		return NULL;
	c = &explore_configs[i];
	snprintf(texts[i], sizeof(texts[i]), "%s; %s", explore_dirs[c->dir].text,
		 explore_mounts[c->mount].text);
	*text = texts[i];
	return c->name;
}

static const struct option_spec options[] = {
	{ .name = "duration",
	  .letter = 'd',
	  .type = OPTION_SECONDS,
	  .arg = "SECONDS",
	  .help = "run for SECONDS in total (default 10)",
	  .details =
		  "Fractions are allowed. SECONDS is from 3 to 3600: the probes alone take a second or "
		  "more to be attached. Without this option the check takes longer where the tracer "
		  "starts slowly, up to 240 seconds.",
	  .offset = AT(seconds) },
	{ .name = "format",
	  .type = OPTION_CHOICE,
	  .arg = "FORMAT",
	  .help = "format of the report (default ktap)",
	  .offset = AT(format),
	  .value = format },
	{ .name = "scenario",
	  .type = OPTION_CHOICES,
	  .arg = "NAME",
	  .help = "run only scenario NAME (repeatable)",
	  .details = "By default all scenarios run. Each has a private overlay on a tmpfs.",
	  .offset = AT(scenarios),
	  .value = scenario },
	{ .name = "skip",
	  .type = OPTION_CHOICES,
	  .arg = "NAME",
	  .help = "do not run scenario NAME (repeatable)",
	  .details = "Results that no scenario tests then are skipped.",
	  .offset = AT(skipped),
	  .value = scenario },
	{ .name = "list",
	  .type = OPTION_FLAG,
	  .help = "list scenarios and what must hold in them, and end",
	  .offset = AT(list) },
	{ .name = "records",
	  .type = OPTION_FILE,
	  .arg = "FILE",
	  .help = "write the records of the trace to FILE, for 'ovltrace report'",
	  .details = "FILE, readable only by its owner, replaces an older one.",
	  .offset = AT(records) },
	{ .name = "widen",
	  .type = OPTION_USEC,
	  .arg = "USEC",
	  .help = "delay readers inside lock-drop windows by up to USEC (default 10000), 0 for no "
		  "delay",
	  .details = "Only the scenarios' own tasks are delayed. USEC is at most 50000. It has no "
		     "effect on a kernel that never drops the lock.",
	  .offset = AT(widen_us),
	  .max = CHECK_WIDEN_MAX_US },
	{ .name = "provoke",
	  .type = OPTION_FLAG,
	  .help = "also race for copied-up directories; this may corrupt memory of a broken kernel",
	  .details = "A kernel without commit cbec8610ec5a (\"ovl: set OVL_WHITEOUTS before "
		     "publishing the upper dir\") then frees directory caches that are in use. "
		     "Use it only on machines that may crash.",
	  .offset = AT(provoke) },
	{ .name = "strict",
	  .type = OPTION_FLAG,
	  .help = "also fail on defects that all released kernels have",
	  .details = "Without it missed_invalidation is reported as TODO, and does not change the "
		     "exit status. With it a kernel passes only if this is seen and ok.",
	  .offset = AT(strict) },
	{ .name = "seed",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "seed of the random choices",
	  .details = "N is from 1 to 1073741824. By default it comes from the clock; the report "
		     "names it.",
	  .offset = AT(seed),
	  .min = 1,
	  .max = 1 << 30 },
	{ .name = "explore",
	  .type = OPTION_FLAG,
	  .help = "instead of the scenarios, run every short history of operations on one directory",
	  .details = "What a user sees after each history is compared with what must be there; "
		     "this needs no probe. Where readers drop the lock, all orders of readers and "
		     "modifications are run first. --duration has no default then.",
	  .offset = AT(explore) },
	{ .name = "history",
	  .type = OPTION_FILE,
	  .arg = "TEXT",
	  .help = "run only this history, such as 'rename-in a; list; link a b'",
	  .offset = AT(history) },
	{ .name = "config",
	  .type = OPTION_CHOICES,
	  .arg = "CONFIG",
	  .help = "explore only configuration CONFIG (repeatable)",
	  .details = "By default all are explored that are possible on this system.",
	  .offset = AT(configs),
	  .value = config },
	{ .name = "schedule",
	  .type = OPTION_FILE,
	  .arg = "TEXT",
	  .help = "run only this schedule, such as 'R1<; rename-in a; R1>'",
	  .details = "With --history its operations are run before.",
	  .offset = AT(schedule) },
	{ .name = "readers",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "explore schedules of up to N readers (default 2)",
	  .details = "N is from 1 to 4.",
	  .offset = AT(readers),
	  .min = 1,
	  .max = CACHE_READERS },
	{ .name = "modifications",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "explore schedules of up to N modifications (default 2)",
	  .details = "N is from 1 to 4.",
	  .offset = AT(modifications),
	  .min = 1,
	  .max = SCHEDULE_MODIFICATIONS },
	{ .name = "depth",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "explore histories of up to N operations (default 3)",
	  .details = "N is from 1 to 5. Each operation more takes about thirty times as long. With "
		     "this option schedules have up to N readers and modifications together.",
	  .offset = AT(depth),
	  .min = 1,
	  .max = EXPLORE_DEPTH_MAX },
	{ .name = "jobs",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "explore with N processes (default: one for each processor)",
	  .details = "N is from 1 to 64.",
	  .offset = AT(jobs),
	  .min = 1,
	  .max = EXPLORE_JOBS_MAX },
	{ .name = "from",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "resume the exploration at history N",
	  .details = "An exploration that stops says which N that is. The other options must be "
		     "the same.",
	  .offset = AT(from),
	  .max = UINT64_MAX },
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_FILE,
	  .arg = "FILE",
	  .help = "write the report to FILE, '-' for standard output",
	  .details = "The complete report, readable only by its owner, replaces an older FILE.",
	  .offset = AT(output) },
	OPTION_HASH_ADDRESSES(struct check_cmdline),
	OPTION_VERBOSE,
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "all checks passed" },
	{ EXIT_FINDINGS, "at least one check failed: a defect was found" },
	{ EXIT_USAGE, "wrong usage, output that cannot be written, or an internal error" },
	{ EXIT_INCONCLUSIVE, "inconclusive: something that a check needs could not be seen or run, "
			     "or records were lost" },
	{ EXIT_UNTRACEABLE, "this system cannot be traced" },
	{ 0 },
};

const struct command_spec command_check = {
	.name = "check",
	.synopsis = "[OPTION]...",
	.summary =
		"check within seconds whether this kernel's overlayfs directory caches are sound",
	.options = options,
	.exits = exits,
};
