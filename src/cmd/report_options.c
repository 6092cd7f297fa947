// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/report_options.h"

#include "cmd/address_option.h"
#include "cmd/color_option.h"
#include "cmd/commands.h"
#include "record/counts.h"
#include "util/exit_status.h"

#define AT(member) offsetof(struct report_opts, member)

static const char *format(size_t i, const char **text)
{
	static const struct {
		const char *name, *text;
	} formats[] = {
#define FORMAT(name, make, text) { #name, text },
#include "sink/formats.def"
#undef FORMAT
	};

	if (i >= sizeof(formats) / sizeof(formats[0]))
		return NULL;
	*text = formats[i].text;
	return formats[i].name;
}

static const char *finding(size_t i, const char **text)
{
	static const char *const labels[] = {
#define FINDING(id, kind, counts, group, needs, check, label) label,
#include "record/findings.def"
	};

	if (i >= FINDING_KINDS)
		return NULL;
	*text = labels[i];
	return finding_kind__name(i);
}

static const struct option_spec options[] = {
	{ .name = "format",
	  .letter = 'f',
	  .type = OPTION_CHOICE,
	  .arg = "FORMAT",
	  .help = "format of the report (default text)",
	  .offset = AT(format),
	  .value = format },
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_FILE,
	  .arg = "FILE",
	  .help = "write the report to FILE, '-' for standard output",
	  .details = "The complete report, readable only by its owner, replaces an older FILE.",
	  .offset = AT(output) },
	{ .name = "kind",
	  .type = OPTION_CHOICES,
	  .arg = "KIND",
	  .help = "show only findings of KIND (repeatable)",
	  .details = "The verdict and the counts remain those of the whole recording, with this "
		     "and the next three options.",
	  .offset = AT(kinds),
	  .value = finding },
	{ .name = "dir",
	  .type = OPTION_WORDS,
	  .arg = "DIR",
	  .help = "show only records of directory DIR and those below it (repeatable)",
	  .offset = AT(dirs) },
	{ .name = "since",
	  .type = OPTION_SECONDS,
	  .arg = "TIME",
	  .help = "show only findings from TIME after the begin of the trace on",
	  .details = "TIME is a number of seconds, or has a unit: 500ms, 2m.",
	  .offset = AT(since) },
	{ .name = "until",
	  .type = OPTION_SECONDS,
	  .arg = "TIME",
	  .help = "show only findings up to TIME after the begin of the trace",
	  .offset = AT(until) },
	OPTION_COLOR(struct report_opts),
	OPTION_HASH_ADDRESSES(struct report_opts),
	OPTION_VERBOSE,
	{ 0 },
};

static const struct exit_text exits[] = {
	{ EXIT_CLEAN, "the trace was complete and has no finding" },
	{ EXIT_FINDINGS, "at least one finding" },
	{ EXIT_USAGE, "wrong usage, a FILE that cannot be read, output that cannot be written, or "
		      "an internal error" },
	{ EXIT_INCONCLUSIVE, "no finding, but the trace was inconclusive, or FILE is damaged" },
	{ 0 },
};

const struct command_spec command_report = {
	.name = "report",
	.synopsis = "[OPTION]... FILE [AFTER]",
	.summary = "judge a recording again and show it in one of several formats",
	.details =
		"FILE is what 'ovltrace run -o' wrote, plain or gzip; '-' is standard input. The "
		"earlier parts of a rotated recording, FILE.1 and so on, are read with it. FILE "
		"may also be an archive of 'ovltrace bugreport': as text, all of it is shown. "
		"With a second recording AFTER, the two are compared as text or JSON: which "
		"findings are gone, new or still there. The exit status is that of AFTER. "
		"No privileges are needed.",
	.options = options,
	.exits = exits,
	.operands = OPERANDS_RECORDING,
};
