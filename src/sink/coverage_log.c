// SPDX-License-Identifier: GPL-2.0-only
#include "sink/coverage_log.h"

#include <stdio.h>
#include <string.h>

#include "util/log.h"
#include "util/text.h"

uint32_t coverage__reported(bool merged)
{
	uint32_t covered = 0;
	int ev;

	for (ev = 0; ev < EVENTS; ev++)
		covered |= (uint32_t)coverage__reports(ev, merged) << ev;
	return covered;
}

/* A recording may contain anything, so its text is escaped. */
static void log_event(const char *event, const struct coverage *c)
{
	char line[4 * (sizeof(c->target) + sizeof(c->evidence)) + 4] = "";
	FILE *f = fmemopen(line, sizeof(line) - 1, "w");

	if (!f)
		return;
	text__bytes(f, c->target, strlen(c->target));
	fputs(*c->target ? ": " : "", f);
	text__bytes(f, c->evidence, strlen(c->evidence));
	fclose(f);
	debug("plan: %s: %s: %s", event, provider__name(c->provider), line);
}

void coverage__log(const struct coverage *cover, uint32_t covered)
{
	int ev;

	for (ev = 0; ev < EVENTS; ev++)
		if (covered & (1u << ev))
			log_event(logical_event__name(ev), &cover[ev]);
}
