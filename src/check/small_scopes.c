// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two scenarios that do what --explore does, in the smallest scopes and as far as the
 * time of their turns goes. What they did not get to is reported, and is no gap.
 */
#include "check/explore.h"
#include "check/explore_rules.h"
#include "check/race.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	HISTORIES_DEPTH = 2,
	HISTORIES_CHUNK_MS = 50,
	SCHEDULES_SUM = 3, /* readers and modifications together */
	SCHEDULES_LEAST = 19, /* those of two, where a reader has one window */
};

/* ---- histories ------------------------------------------------------------------ */

static struct explore_report explored;
static struct explorer *explorer;

int histories_prepare(struct scenario_state *st, void *area)
{
	static struct explore_opts opts = {
		.depth = HISTORIES_DEPTH,
		.jobs = 1,
		.chunk_ms = HISTORIES_CHUNK_MS,
	};

	(void)area;
	opts.moved = &st->listings;
	memset(opts.selected, true, sizeof(opts.selected));
	explorer = explore__begin(&opts, &explored);
	if (explorer)
		return 0;
	snprintf(st->why, sizeof(st->why), "%s", strerror(ENOMEM));
	return -ENOMEM;
}

static void report_history(struct scenario_state *st, const struct explore_found *f)
{
	enum check_id id = explore__result_of(f->rule);
	char again[CHECK_TEXT];

	view__report(st, id, "%.200s; again: %.300s", f->text, explore__again(f, again));
	if (id == CHECK_D_INO)
		st->wrong_names += f->count;
	else if (id == CHECK_BAD_RETURN)
		st->bad_returns += f->count;
	else if (id == CHECK_MISSED_INVALIDATION)
		st->wrong_links += f->count;
}

/* Those that are possible on this system. */
static uint64_t count_histories(struct scenario_state *st)
{
	uint64_t total = explored.total[1] + explored.total[2];
	unsigned int unfit = 0;
	int c;

	for (c = 0; c < EXPLORE_CONFIGS; c++) {
		const struct explore_config_report *r = &explored.config[c];

		if (!r->unfit)
			continue;
		total -= r->of;
		unfit++;
		snprintf(st->why, sizeof(st->why),
			 "%u configurations are not possible here, such as %s: %.240s", unfit,
			 explore_configs[c].name, r->why);
	}
	return total;
}

void histories_run(struct scenario_state *st, void *area, uint64_t until_ns)
{
	size_t i;
	int c;

	/* no window is held open there */
	area__on_free_cpu(area);
	explore__until(explorer, until_ns);
	st->covered = st->entries = st->calls = 0;
	st->wrong_names = st->bad_returns = st->wrong_links = 0;
	for (c = 0; c < EXPLORE_CONFIGS; c++) {
		st->covered += explored.config[c].histories;
		st->entries += explored.config[c].entries;
		st->calls += explored.config[c].calls;
	}
	st->of = count_histories(st);
	for (i = 0; i < explored.nfound; i++)
		report_history(st, &explored.found[i]);
}

/* ---- schedules ------------------------------------------------------------------ */

static struct schedules_report scheduled;
static struct director *director;

int schedules_prepare(struct scenario_state *st, void *area)
{
	static struct schedules_opts opts = {
		.readers = SCHEDULES_READERS,
		.modifications = SCHEDULES_MODIFICATIONS,
		.sum = SCHEDULES_SUM,
		.least = SCHEDULES_LEAST,
	};

	opts.moved = &st->listings;
	/* its readers are held without a processor, and no others are to be */
	area__on_free_cpu(area);
	director = schedules__begin(&opts, &scheduled);
	if (director) {
		st->devs[st->ndevs++] = schedules__shared(director)->dev;
		return 0;
	}
	st->idle = true;
	snprintf(st->why, sizeof(st->why), "%s",
		 scheduled.never_drops ? "readers never drop the lock: nothing to interleave" :
		 *scheduled.running    ? "the first schedule did not end" :
					 scheduled.why);
	return 0;
}

/* As all scenarios: a listing that is wrong because the flag is gone shows a stale clear. */
static void report_schedule(struct scenario_state *st, const struct schedules_run *run,
			    enum check_id found)
{
	enum check_id id = found == CHECK_D_INO && run->unflagged ? CHECK_STALE_IMPURE_CLEAR :
								    found;
	char text[SCHEDULE_TEXT];

	view__report(st, id, "%.150s; again: ovltrace check --schedule '%.250s'",
		     scheduled.found[found].text, schedule__print(&run->schedule, text));
	if (id == CHECK_STALE_IMPURE_CLEAR)
		st->unflagged++;
	else if (id == CHECK_D_INO)
		st->wrong_names++;
	else if (id == CHECK_BAD_RETURN)
		st->bad_returns++;
}

static void take_run(struct scenario_state *st, const struct schedules_run *run)
{
	int id;

	if (!run->done)
		return;
	st->covered++;
	st->windows_due += schedules__windows(run);
	st->mods_due += schedule__mods(&run->schedule, run->seen.in_window);
	for (id = 0; id < CHECK_RESULTS; id++)
		if (run->findings[id])
			report_schedule(st, run, id);
}

void schedules_run(struct scenario_state *st, void *area, uint64_t until_ns)
{
	static size_t taken;
	const struct schedules_runs *runs;
	bool all;

	(void)area;
	if (!director)
		return;
	all = schedules__until(director, until_ns);
	for (runs = schedules__runs(director); taken < runs->n; taken++)
		take_run(st, &runs->run[taken]);
	st->entries = schedules__shared(director)->st.entries;
	st->calls = schedules__shared(director)->st.calls;
	st->of = all && !*scheduled.stopped ? runs->n : 0;
	if (*scheduled.running)
		view__report(st, CHECK_LOCK_HAZARD, "a schedule did not end: '%.300s'",
			     scheduled.running);
}
