// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

static int list_add(const struct option_spec *o, struct option_list *list, const char *value)
{
	if (list->n == OPTION_MAX_VALUES) {
		complain("option '--%s': given more than %d times", o->name, OPTION_MAX_VALUES);
		return -1;
	}
	list->v[list->n++] = value;
	return 0;
}

bool option_list__has(const struct option_list *list, const char *value)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], value))
			return true;
	return false;
}

struct unit {
	const char *name;
	double factor;
};

struct range {
	uint64_t min, max;
	const struct unit *units; /* ended by a NULL name; NULL: none is allowed */
	const char *examples; /* with units */
};

static const struct unit units_bytes[] = {
	{ "K", 1 << 10 },	  { "KiB", 1 << 10 },	      { "M", 1 << 20 },
	{ "MiB", 1 << 20 },	  { "G", 1 << 30 },	      { "GiB", 1 << 30 },
	{ "T", 1099511627776.0 }, { "TiB", 1099511627776.0 }, { 0 },
};
static const struct unit units_usec[] = { { "us", 1 }, { "ms", 1e3 }, { "s", 1e6 }, { 0 } };
static const struct unit units_seconds[] = {
	{ "us", 1e-6 }, { "ms", 1e-3 }, { "s", 1 }, { "m", 60 },
	{ "min", 60 },	{ "h", 3600 },	{ 0 },
};

/* 0: this is no unit */
static double unit_factor(const struct unit *units, const char *name)
{
	if (!*name)
		return 1;
	for (; units && units->name; units++)
		if (!strcmp(units->name, name))
			return units->factor;
	return 0;
}

static int number(const struct option_spec *o, const char *value, struct range r, uint64_t *out)
{
	unsigned long long v;
	uint64_t factor;
	char *end;

	errno = 0;
	v = strtoull(value, &end, 10);
	factor = (uint64_t)unit_factor(r.units, end);
	if (errno || *value < '0' || *value > '9' || !factor || v > r.max / factor ||
	    v * factor < r.min) {
		complain("option '--%s' '%s': not a whole number from %llu to %llu%s", o->name,
			 quoted(value), (unsigned long long)r.min, (unsigned long long)r.max,
			 r.units ? r.examples : "");
		return -1;
	}
	*out = v * factor;
	return 0;
}

static int seconds(const struct option_spec *o, const char *value, double *out)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(value, &end);
	if (!errno && end != value)
		v *= unit_factor(units_seconds, end);
	if (errno || end == value || !isfinite(v) || v <= 0 || v > 1e9) {
		complain("option '--%s' '%s': not a number of seconds above 0, such as 10, 0.5, "
			 "500ms, 2m or 1h",
			 o->name, quoted(value));
		return -1;
	}
	*out = v;
	return 0;
}

static int choice(const struct option_spec *o, const char *value)
{
	const char *name, *text;
	char names[256] = "";
	size_t i;

	for (i = 0; (name = o->value(i, &text)); i++) {
		size_t len = strlen(names);

		if (!strcmp(name, value))
			return 0;
		snprintf(names + len, sizeof(names) - len, "%s%s", i ? ", " : "", name);
	}
	complain("option '--%s' '%s': not one of %s", o->name, quoted(value), names);
	return -1;
}

int option__set(const struct option_spec *o, void *to, const char *value)
{
	uint64_t pid;

	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)to = true;
		return 0;
	case OPTION_LOG:
		log__set_verbose();
		return 0;
	case OPTION_FILE:
	case OPTION_USER:
		*(const char **)to = value;
		return 0;
	case OPTION_CHOICE:
		*(const char **)to = value;
		return choice(o, value);
	case OPTION_SECONDS:
		return seconds(o, value, to);
	case OPTION_NUMBER:
		return number(o, value, (struct range){ .min = o->min, .max = o->max }, to);
	case OPTION_BYTES:
		return number(o, value,
			      (struct range){ o->min, o->max, units_bytes, ", such as 16K or 10M" },
			      to);
	case OPTION_USEC:
		return number(
			o, value,
			(struct range){ o->min, o->max, units_usec, ", such as 500us or 2ms" }, to);
	case OPTION_DIRS:
	case OPTION_WORDS:
		return list_add(o, to, value);
	case OPTION_PIDS:
		if (number(o, value, (struct range){ .min = 1, .max = INT32_MAX }, &pid))
			return -1;
		return list_add(o, to, value);
	case OPTION_CHOICES:
		return choice(o, value) ? -1 : list_add(o, to, value);
	}
	return -1;
}
