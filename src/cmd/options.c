// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/exit_status.h"

enum {
	MAX_OPTIONS = 32,
};

static void help(const struct command_spec *spec)
{
	const struct option_spec *o;

	printf("usage: ovltrace %s %s\n\n%s\n\noptions:\n", spec->name, spec->synopsis,
	       spec->summary);
	for (o = spec->options; o->name; o++) {
		char left[64];

		if (!o->help)
			continue;
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
			 o->arg ? " " : "", o->arg ? o->arg : "");
		printf("  %-24s %s\n", left, o->help);
	}
	printf("  %-24s %s\n", "-h, --help", "show this");
	if (spec->details)
		printf("\n%s\n", spec->details);
}

static int list_add(const struct option_spec *o, struct option_list *list, const char *value)
{
	if (list->n == OPTION_MAX_VALUES) {
		complain("option '--%s': given more than %d times", o->name, OPTION_MAX_VALUES);
		return -1;
	}
	list->v[list->n++] = value;
	return 0;
}

static int number(const struct option_spec *o, const char *value, uint64_t max, uint64_t *out)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(value, &end, 10);
	if (errno || end == value || *end || value[0] == '-' || !v || v > max) {
		complain("option '--%s' '%s': not a whole number from 1 to %llu", o->name,
			 quoted(value), (unsigned long long)max);
		return -1;
	}
	*out = v;
	return 0;
}

static int set(const struct option_spec *o, void *to, const char *value)
{
	uint64_t n;
	char *end;
	double d;

	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)to = true;
		return 0;
	case OPTION_STRING:
		*(const char **)to = value;
		return 0;
	case OPTION_SECONDS:
		errno = 0;
		d = strtod(value, &end);
		if (errno || end == value || *end || !isfinite(d) || d <= 0 || d > 1e9) {
			complain("option '--%s' '%s': not a number of seconds above 0", o->name,
				 quoted(value));
			return -1;
		}
		*(double *)to = d;
		return 0;
	case OPTION_PIDS:
		if (number(o, value, INT32_MAX, &n))
			return -1;
		return list_add(o, to, value);
	case OPTION_STRINGS:
		return list_add(o, to, value);
	case OPTION_SIZE:
		return number(o, value, 1ULL << 30, to);
	}
	return -1;
}

int options__parse(const struct command_spec *spec, int argc, char **argv, void *into)
{
	struct option longs[MAX_OPTIONS + 2] = { 0 };
	char shorts[2 * MAX_OPTIONS + 4] = "+:h", *p = shorts + 3;
	size_t n;
	int c, index;

	for (n = 0; spec->options[n].name; n++) {
		const struct option_spec *o = &spec->options[n];

		longs[n].name = o->name;
		longs[n].has_arg = o->arg ? required_argument : no_argument;
		longs[n].val = 256 + (int)n;
		if (!o->letter)
			continue;
		*p++ = o->letter;
		if (o->arg)
			*p++ = ':';
	}
	longs[n].name = "help";
	longs[n].val = 'h';
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, shorts, longs, &index)) != -1) {
		const struct option_spec *o;

		if (c == 'h') {
			help(spec);
			return -1 - EXIT_CLEAN;
		}
		if (c == '?' || c == ':') {
			char letter[3] = { '-', (char)optopt, 0 };
			const char *what = optopt > 0 && optopt < 256 ? letter : argv[optind - 1];

			complain("option '%s': %s; see 'ovltrace %s --help'", quoted(what),
				 c == ':' ? "its value is missing" :
					    "unknown, or a value it takes none of",
				 spec->name);
			return -1 - EXIT_USAGE;
		}
		for (o = spec->options; o->name; o++)
			if (c == o->letter || c == 256 + (int)(o - spec->options))
				break;
		if (set(o, (char *)into + o->offset, optarg))
			return -1 - EXIT_USAGE;
	}
	return optind;
}
