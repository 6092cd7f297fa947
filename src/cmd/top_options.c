// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/top_options.h"

#include "cmd/commands.h"
#include "cmd/trace_options.h"
#include "util/exit_status.h"

const struct top_sort_key top_sort_keys[DIRSTAT_KEYS] = {
	[DIRSTAT_TIME] = { "time", "time of rebuilds" },
	[DIRSTAT_LOCKED] = { "locked", "the part of it with the directory's lock held" },
	[DIRSTAT_REBUILDS] = { "rebuilds", "number of rebuilds" },
	[DIRSTAT_LISTINGS] = { "listings", "number of listings" },
	[DIRSTAT_ENTRIES] = { "entries", "entries of the cache" },
};

#define AT(member) offsetof(struct top_opts, member)

static const char *sort_key(size_t i, const char **text)
{
	if (i >= DIRSTAT_KEYS)
		return NULL;
	*text = top_sort_keys[i].text;
	return top_sort_keys[i].name;
}

static const char *by_word(size_t i, const char **text)
{
	static const struct top_sort_key words[] = {
		{ TOP_BY_DIRECTORY, "a row for each directory" },
		{ TOP_BY_CONTAINER, "a row for each container, pod, unit or cgroup" },
	};

	if (i >= sizeof(words) / sizeof(words[0]))
		return NULL;
	*text = words[i].text;
	return words[i].name;
}

static const struct option_spec options[] = {
	{ .name = "interval",
	  .letter = 'i',
	  .type = OPTION_SECONDS,
	  .arg = "SECONDS",
	  .help = "print a block every SECONDS (default 5)",
	  .offset = AT(interval) },
	{ .name = "lines",
	  .letter = 'n',
	  .type = OPTION_NUMBER,
	  .arg = "LINES",
	  .help = "show at most LINES directories in a block (default 20)",
	  .details = "On a terminal, a block has no more of them than fit.",
	  .offset = AT(lines),
	  .min = 1,
	  .max = 1 << 30 },
	TRACE_OPTION_DURATION(struct top_opts),
	{ .name = "iterations",
	  .type = OPTION_NUMBER,
	  .arg = "N",
	  .help = "stop after N blocks",
	  .offset = AT(iterations),
	  .min = 1,
	  .max = 1 << 30 },
	{ .name = "once",
	  .type = OPTION_FLAG,
	  .help = "print one block, like --iterations 1",
	  .offset = AT(once) },
	{ .name = "sort",
	  .letter = 's',
	  .type = OPTION_CHOICE,
	  .arg = "KEY",
	  .help = "order directories by KEY (default time)",
	  .details = "On a terminal the key s chooses the next one.",
	  .offset = AT(sort),
	  .value = sort_key },
	{ .name = "by",
	  .type = OPTION_CHOICE,
	  .arg = "WHAT",
	  .help = "show what WHAT costs (default directory)",
	  .details = "The rows of containers have the rebuilds of their tasks, the time of these, "
		     "and how many caches their tasks made outdated. On a terminal the key c "
		     "changes between the two.",
	  .offset = AT(by),
	  .value = by_word },
	TRACE_OPTION_PID(struct top_opts, "show only listings and rebuilds by"),
	TRACE_OPTIONS_TASKS(struct top_opts, "show only directories that are used by"),
	TRACE_OPTIONS_PROBES(struct top_opts),
	OPTION_VERBOSE,
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "ended without an error" },
	{ EXIT_USAGE, "wrong usage, output that cannot be written, or an internal error" },
	{ EXIT_UNTRACEABLE, "this system cannot be traced" },
	{ 0 },
};

const struct command_spec command_top = {
	.name = "top",
	.synopsis = "[OPTION]...",
	.summary = "show what each directory's caches cost and which tasks invalidate them",
	.details =
		"Prints a block of text every SECONDS, the costliest directory first. On a "
		"terminal each block replaces the last one, and keys act: q ends, s sorts by the "
		"next key, c shows containers or directories, p or space holds the display and continues it. Ends on SIGINT and "
		"SIGTERM, too, or when its output is closed.",
	.options = options,
	.exits = exits,
};
