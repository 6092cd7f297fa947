// SPDX-License-Identifier: GPL-2.0-only
/* One line for each phase, as text or as JSON. */
#include <stdio.h>
#include <string.h>

#include "workload.h"

struct field {
	const char *name;
	uint64_t value;
};

static void print_fields(const struct field *fields, unsigned int nr, bool json)
{
	for (unsigned int i = 0; i < nr; i++)
		printf(json ? ",\"%s\":%llu" : " %s=%llu", fields[i].name,
		       (unsigned long long)fields[i].value);
}

void report(const struct options *opt, const struct tally *sum, const struct verdict *verdict,
	    uint64_t phase)
{
	const struct field counts[] = {
		{ "phase", phase },
		{ "seed", opt->seed },
		{ "dirs", opt->dirs },
		{ "entries", opt->entries },
		{ "readers", opt->readers },
		{ "renamers", opt->renamers },
		{ "elapsed_ns", sum->end_ns - sum->start_ns },
		{ "ops", sum->ops },
		{ "rounds", sum->rounds },
		{ "listings", sum->listings },
		{ "entries_seen", sum->entries },
		{ "renames", sum->renames },
		{ "errors", sum->errors },
	};
	const struct field verified[] = {
		{ "d_ino_mismatches", verdict->d_ino_mismatches },
		{ "missing", verdict->missing },
		{ "phantoms", verdict->phantoms },
	};

	printf(opt->json ? "{\"mode\":\"%s\"" : "mode=%s", opt->mode->name);
	print_fields(counts, sizeof(counts) / sizeof(counts[0]), opt->json);
	if (opt->verify || opt->verify_strict)
		print_fields(verified, sizeof(verified) / sizeof(verified[0]), opt->json);
	if (opt->json)
		printf(",\"interrupted\":%s}", interrupted() ? "true" : "false");
	else if (interrupted())
		printf(" interrupted");
	putchar('\n');
	fflush(stdout);
	if (sum->errors)
		complain(sum->first_call, opt->mode->name, strerror(sum->first_errno));
}
