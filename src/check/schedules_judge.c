// SPDX-License-Identifier: GPL-2.0-only
/* What the runs come to. Pure but for memory. */
#include "check/schedules.h"

#include <stdlib.h>
#include <string.h>

unsigned int schedules__windows(const struct schedules_run *run)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < run->schedule.n; i++)
		n += run->seen.in_window[i];
	return n;
}

/*
 * The trace has seen the order that was meant: the readers' windows, and in them the
 * modifications. A form that drops the lock for each entry has more windows. Of readers that
 * share the lock it sees only the findings: the order is what the holds enforced.
 */
static bool is_confirmed(const struct schedules_runs *runs, const struct schedules_run *run)
{
	if (runs->shares_lock)
		return true;
	return run->windows >= schedules__windows(run) &&
	       run->mods == schedule__mods(&run->schedule, run->seen.in_window);
}

static const char *const texts[CHECK_RESULTS] = {
	[CHECK_STALE_STORE] = "old content was stamped with a later version",
	[CHECK_UNFREED_CACHE] = "a cache was overwritten and never freed",
	[CHECK_STALE_IMPURE_CLEAR] =
		"the impure flag was cleared although the directory had moved on",
};

static void count(struct schedules_report *r, const struct schedules_run *run)
{
	int id;

	for (id = 0; id < CHECK_RESULTS; id++) {
		if (!run->findings[id])
			continue;
		/* smaller scopes come first; of one scope the shortest is taken */
		if (!r->failing[id] || run->schedule.n < r->found[id].run.schedule.n) {
			r->found[id].run = *run;
			if (!*r->found[id].text)
				snprintf(r->found[id].text, sizeof(r->found[id].text), "%s",
					 texts[id] ?: check_id__name(id));
		}
		r->failing[id]++;
	}
}

static void name_forms(struct schedules_report *r, const bool fits[CACHE_FORMS])
{
	size_t n = 0;
	int f;

	for (f = 0; f < CACHE_FORMS; f++)
		if (fits[f] && n < sizeof(r->forms))
			n += snprintf(r->forms + n, sizeof(r->forms) - n, "%s%s", n ? ", " : "",
				      cache_forms[f].name);
}

void schedules__judge(const struct schedules_runs *runs, struct schedules_report *r)
{
	bool fits[CACHE_FORMS];
	size_t i;
	int f;

	memset(fits, runs->n > 0, sizeof(fits));
	for (i = 0; i < runs->n; i++) {
		struct schedules_run *run = &runs->run[i];
		struct cache_defects *d = &run->seen.defects;

		d->stale_stores = run->findings[CHECK_STALE_STORE];
		d->unfreed_caches = run->findings[CHECK_UNFREED_CACHE];
		d->stale_impure_clears = run->findings[CHECK_STALE_IMPURE_CLEAR];
		r->of++;
		if (!run->done || (r->traced && !is_confirmed(runs, run))) {
			if (!*r->unrealized)
				schedule__print(&run->schedule, r->unrealized);
			continue;
		}
		r->realized++;
		count(r, run);
		for (f = 0; f < CACHE_FORMS; f++)
			fits[f] = fits[f] && schedule__fits(&run->schedule, &run->seen,
							    &cache_forms[f], !r->traced);
	}
	if (r->realized)
		name_forms(r, fits);
}

char *schedules__story(const struct schedules_found *f)
{
	const struct schedules_run *run = &f->run;
	char line[SCHEDULE_LINE], text[SCHEDULE_TEXT], *story = NULL;
	unsigned int version = 0;
	struct model dir;
	size_t size;
	FILE *out = open_memstream(&story, &size);
	int i;

	if (!out)
		return NULL;
	model__init(&dir, &schedule_config);
	for (i = 0; i < run->schedule.n; i++) {
		schedule__describe(&run->schedule.piece[i], run->seen.in_window[i], &dir, &version,
				   line);
		fprintf(out, "%s\n", line);
	}
	fprintf(out, "again: ovltrace check --schedule '%s'\n",
		schedule__print(&run->schedule, text));
	fclose(out);
	return story;
}
