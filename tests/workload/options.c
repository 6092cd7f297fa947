// SPDX-License-Identifier: GPL-2.0-only
/* The command line: one table drives parsing and help. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

enum kind {
	FLAG,
	NUMBER,
	SECONDS,
	TEXT
};

struct row {
	const char *name, *arg;
	enum kind kind;
	size_t offset;
	uint64_t min, max;
	const char *help;
};

#define AT(field) offsetof(struct options, field)
#define MANY 1000000000000ull
#define MAX_FILES 10000000ull

static const struct row table[] = {
	{ "--mode", "MODE", TEXT, AT(mode_name), 0, 0, "what to do, see below (race)" },
	{ "--make", "DIR", TEXT, AT(make), 0, 0,
	  "make a tmpfs on DIR and an overlay on DIR/merged, private to this process" },
	{ "--no-unshare", NULL, FLAG, AT(no_unshare), 0, 0,
	  "with --make: in the mount namespace as it is, for others to see" },
	{ "--mount-options", "OPTS", TEXT, AT(mount_options), 0, 0,
	  "with --make: more mount options for the overlay" },
	{ "--mount", "PATH", TEXT, AT(mount), 0, 0, "use the writable overlay at PATH" },
	{ "--lower", "PATH", TEXT, AT(lower), 0, 0,
	  "with --mount: its lower layer (default: from mountinfo)" },
	{ "--upper", "PATH", TEXT, AT(upper), 0, 0,
	  "with --mount: its upper layer (default: from mountinfo)" },
	{ "--prefix", "TEXT", TEXT, AT(prefix), 0, 0, "put TEXT before each directory's name" },
	{ "--scratch", "DIR", TEXT, AT(scratch), 0, 0,
	  "for mode files: work in DIR (default with --make: beside the overlay)" },
	{ "--keep", NULL, FLAG, AT(keep), 0, 0, "leave directories and mounts behind" },
	{ "--dirs", "N", NUMBER, AT(dirs), 1, 100000, "directories" },
	{ "--entries", "N", NUMBER, AT(entries), 1, 1000000, "files per directory" },
	{ "--readers", "N", NUMBER, AT(readers), 0, 1024, "threads that list" },
	{ "--renamers", "N", NUMBER, AT(renamers), 0, 1024, "threads that modify" },
	{ "--period", "USEC", NUMBER, AT(period_us), 0, 60000000,
	  "pause after each modification of a renamer (0)" },
	{ "--cold", NULL, FLAG, AT(cold), 0, 0,
	  "mode read: in rounds, each after exactly one modification" },
	{ "--duration", "SEC", SECONDS, AT(duration_ns), 0, 0, "run for SEC seconds (2)" },
	{ "--rounds", "N", NUMBER, AT(rounds), 1, MANY, "modes alternate (23) and read --cold" },
	{ "--ops", "N", NUMBER, AT(ops), 1, MANY,
	  "modes cached, rebuild, merged-list and files (10000)" },
	{ "--phases", "N", NUMBER, AT(phases), 1, 1000000,
	  "repeat the measured part, one line of output each (1)" },
	{ "--wait-file", "PATH", TEXT, AT(wait_file), 0, 0,
	  "before each phase make PATH.ready and wait for PATH; both are removed then" },
	{ "--buffer", "BYTES", NUMBER, AT(buffer_bytes), 512, 16777216,
	  "room for one getdents64 call (32768)" },
	{ "--seed", "N", NUMBER, AT(seed), 0, UINT64_MAX - 1,
	  "what the random choices depend on (1)" },
	{ "--verify", NULL, FLAG, AT(verify), 0, 0,
	  "after each phase compare a new listing with what must be there" },
	{ "--verify-strict", NULL, FLAG, AT(verify_strict), 0, 0,
	  "the same, and a difference is exit status 1" },
	{ "--json", NULL, FLAG, AT(json), 0, 0, "print each phase as a JSON object on one line" },
	{ "--print-names", NULL, FLAG, AT(print_names), 0, 0,
	  "print the names in hexadecimal that these options use, and stop" },
	{ "--help", NULL, FLAG, AT(help), 0, 0, "print this and stop" },
};

#define NR_ROWS (sizeof(table) / sizeof(table[0]))

static int usage_error(const char *what, const char *which, const char *why)
{
	complain(what, which, why);
	return STATUS_USAGE;
}

static int parse_number(const struct row *row, const char *text, uint64_t *out)
{
	char why[96], *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && !errno && *out >= row->min && *out <= row->max)
		return STATUS_OK;
	snprintf(why, sizeof(why), "not a whole number from %llu to %llu",
		 (unsigned long long)row->min, (unsigned long long)row->max);
	return usage_error(row->name, text, why);
}

static int parse_seconds(const struct row *row, const char *text, uint64_t *out)
{
	bool digits = !text[strspn(text, "0123456789.")] && *text;
	char *end;
	double seconds = strtod(text, &end);

	if (!digits || *end || !isfinite(seconds) || seconds < 0.001 || seconds > 1e6)
		return usage_error(row->name, text,
				   "not a number of seconds from 0.001 to 1000000");
	*out = (uint64_t)(seconds * 1e9);
	return STATUS_OK;
}

static int store(struct options *opt, const struct row *row, const char *text)
{
	void *field = (char *)opt + row->offset;

	switch (row->kind) {
	case FLAG:
		*(bool *)field = true;
		return STATUS_OK;
	case NUMBER:
		return parse_number(row, text, field);
	case SECONDS:
		return parse_seconds(row, text, field);
	case TEXT:
		if (!*text)
			return usage_error(row->name, text, "must not be empty");
		*(const char **)field = text;
		return STATUS_OK;
	}
	return STATUS_USAGE;
}

static int parse_word(struct options *opt, char **argv, int argc, int *i)
{
	const char *word = argv[*i];
	size_t len = strcspn(word, "=");

	for (size_t r = 0; r < NR_ROWS; r++) {
		const struct row *row = &table[r];

		if (strlen(row->name) != len || strncmp(word, row->name, len))
			continue;
		if (row->kind == FLAG)
			return word[len] ? usage_error("option", row->name, "takes no value") :
					   store(opt, row, NULL);
		if (word[len])
			return store(opt, row, word + len + 1);
		if (*i + 1 >= argc)
			return usage_error("option", row->name, "needs a value");
		return store(opt, row, argv[++*i]);
	}
	return usage_error("option", word, "unknown, see --help");
}

static void set_default(uint64_t *field, uint64_t value)
{
	if (*field == UNSET)
		*field = value;
}

static int check_limits(struct options *opt, const struct mode *mode)
{
	bool by_rounds = mode->limit == BY_ROUNDS || opt->cold;

	if (opt->rounds && !by_rounds)
		return usage_error("--rounds with mode", mode->name,
				   "only for alternate and read --cold");
	if (opt->ops && mode->limit != BY_OPS)
		return usage_error("--ops with mode", mode->name,
				   "only for cached, rebuild, merged-list and files");
	if (opt->duration_ns && (opt->rounds || opt->ops))
		return usage_error("--duration with", opt->ops ? "--ops" : "--rounds",
				   "give one of them");
	if (opt->duration_ns || opt->rounds || opt->ops)
		return STATUS_OK;
	opt->rounds = mode->rounds;
	opt->ops = mode->ops;
	if (mode->limit == BY_DURATION)
		opt->duration_ns = 2000000000ull;
	return STATUS_OK;
}

static int check_mode(struct options *opt)
{
	const struct mode *mode = mode_find(opt->mode_name);
	char why[96];

	if (!mode)
		return usage_error("--mode", opt->mode_name, "no such mode, see --help");
	opt->mode = mode;
	if (opt->cold && strcmp(mode->name, "read"))
		return usage_error("--cold with mode", mode->name, "only for read");
	if (mode->single && (opt->readers != UNSET || opt->renamers != UNSET))
		return usage_error("--readers or --renamers with mode", mode->name,
				   "has one thread only");
	if (!mode->renamer && opt->renamers != UNSET && opt->renamers)
		return usage_error("--renamers with mode", mode->name, "has no renamers");
	set_default(&opt->dirs, mode->dirs);
	set_default(&opt->entries, mode->entries);
	set_default(&opt->readers, mode->readers);
	set_default(&opt->renamers, mode->renamers);
	if (opt->dirs * opt->entries > MAX_FILES)
		return usage_error("--dirs with --entries", mode->name, "more than 10000000 files");
	if (!opt->readers && !opt->renamers)
		return usage_error("--readers and --renamers", "0", "no thread would do anything");
	if (opt->cold && !opt->readers)
		return usage_error("--readers with", "--cold", "needs at least 1");
	if (opt->entries >= mode->min_entries)
		return check_limits(opt, mode);
	snprintf(why, sizeof(why), "needs at least %u --entries, the first file always stays",
		 mode->min_entries);
	return usage_error("mode", mode->name, why);
}

static int check_places(const struct options *opt)
{
	if (opt->print_names)
		return STATUS_OK;
	if (opt->make && opt->mount)
		return usage_error("--mount with --make", opt->make, "give one of them");
	if (opt->mode->merged && !opt->make)
		return usage_error("mode", opt->mode_name, "needs --make DIR");
	if (!opt->make && !opt->mount && !(opt->scratch && !strcmp(opt->mode_name, "files")))
		return usage_error("mode", opt->mode_name, "needs --make DIR or --mount PATH");
	if (!opt->make && (opt->no_unshare || opt->mount_options))
		return usage_error("option", opt->no_unshare ? "--no-unshare" : "--mount-options",
				   "goes with --make only");
	if (!opt->mount && (opt->lower || opt->upper))
		return usage_error("option", opt->lower ? "--lower" : "--upper",
				   "goes with --mount only");
	if (opt->mount && !strcmp(opt->mode_name, "files") && !opt->scratch)
		return usage_error("mode", "files", "needs --scratch DIR with --mount");
	if (opt->make && opt->make[strcspn(opt->make, ":,\\")])
		return usage_error("--make", opt->make, "must not contain ':', ',' or '\\'");
	if (strchr(opt->prefix, '/') || strlen(opt->prefix) > 32)
		return usage_error("--prefix", opt->prefix,
				   "must be part of a name, at most 32 bytes");
	return STATUS_OK;
}

int options_parse(struct options *opt, int argc, char **argv)
{
	int status = STATUS_OK;

	*opt = (struct options){ .mode_name = "race",
				 .prefix = "",
				 .dirs = UNSET,
				 .entries = UNSET,
				 .readers = UNSET,
				 .renamers = UNSET,
				 .phases = 1,
				 .seed = 1,
				 .buffer_bytes = 32768 };
	for (int i = 1; i < argc && !status; i++)
		status = parse_word(opt, argv, argc, &i);
	if (status || opt->help)
		return status;
	status = check_mode(opt);
	return status ? status : check_places(opt);
}

void options_help(void)
{
	printf("usage: workload --make DIR | --mount PATH [OPTION...]\n\n"
	       "Lists and modifies impure or merged directories of an overlay mount.\n\noptions:\n");
	for (size_t r = 0; r < NR_ROWS; r++) {
		char left[40];

		snprintf(left, sizeof(left), "%s %s", table[r].name,
			 table[r].arg ? table[r].arg : "");
		printf("  %-22s %s\n", left, table[r].help);
	}
	printf("\nmodes, with their directories/entries/readers/renamers:\n");
	for (unsigned int m = 0; m < nr_modes; m++)
		printf("  %-11s %u/%u/%u/%u: %s\n", modes[m].name, modes[m].dirs, modes[m].entries,
		       modes[m].readers, modes[m].renamers, modes[m].help);
	printf("\nexit status: 0 done, 1 a system call failed or --verify-strict found a difference,\n"
	       "2 wrong usage, 3 directories are not impure, 4 the system does not allow it\n");
}
