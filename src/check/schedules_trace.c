// SPDX-License-Identifier: GPL-2.0-only
#include "check/schedules.h"

#include <stdlib.h>
#include <string.h>

#include "session/session.h"

struct schedules_trace {
	struct sink sink; /* the session's, but it lives in here */
	struct session session;
	struct schedules_runs *runs;
};

struct schedules_run *schedules_runs__add(struct schedules_runs *r)
{
	size_t room = r->room ? 2 * r->room : 256;
	struct schedules_run *run = r->run;

	if (r->n == r->room) {
		run = realloc(r->run, room * sizeof(*run));
		if (!run) {
			r->failed = true;
			return NULL;
		}
		r->run = run;
		r->room = room;
	}
	memset(&run[r->n], 0, sizeof(*run));
	return &run[r->n++];
}

/* Records come soon after what they record, so the last runs are looked at first. */
static struct schedules_run *run_in(struct schedules_runs *r, uint64_t ino)
{
	size_t i;

	for (i = r->n; i-- > 0;)
		if (r->run[i].ino == ino)
			return &r->run[i];
	return NULL;
}

static bool is_reader(const struct schedules_runs *r, uint32_t tid)
{
	int i;

	for (i = 0; i < CACHE_READERS; i++)
		if (r->tid[i] == tid)
			return true;
	return false;
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct schedules_runs *runs = ((struct schedules_trace *)sink)->runs;
	struct schedules_run *run;
	enum check_id id;

	if (rec->type == RECORD_REBUILD) {
		run = run_in(runs, rec->rebuild.dir.ino);
		if (!run || !is_reader(runs, rec->rebuild.task.tid))
			return;
		run->windows += rec->rebuild.nwindows;
		run->mods += rec->rebuild.mods_in_window;
	} else if (rec->type == RECORD_FINDING) {
		run = run_in(runs, rec->finding.dir.ino);
		id = check_id__of(rec->finding.kind);
		if (run && id < CHECK_RESULTS)
			run->findings[id]++;
	}
}

static int tick(struct sink *sink, const struct rec_counts *counts, uint64_t now)
{
	(void)sink;
	(void)counts;
	(void)now;
	return 0;
}

static void keep(struct sink *sink)
{
	/* it is freed with the trace */
	(void)sink;
}

static bool is_complete(const struct session *s, char why[CHECK_TEXT])
{
	enum logical_event gap;

	if (plan__complete(&s->plan, &gap))
		return true;
	snprintf(why, CHECK_TEXT, "%s cannot be seen: %s", logical_event__name(gap),
		 s->plan.cover[gap].evidence);
	return false;
}

static int attach(struct schedules_trace *t, uint32_t dev, char why[CHECK_TEXT])
{
	struct session_opts so = { .attach = { .devs = { dev }, .ndevs = 1 } };
	char reason[256];

	if (session__plan(&t->session, &so)) {
		snprintf(why, CHECK_TEXT, "%s; %s", t->session.kernel.why,
			 t->session.kernel.remedy);
		return -1;
	}
	session__add_sink(&t->session, &t->sink);
	if (!is_complete(&t->session, why)) {
		session__deinit(&t->session);
		return -1;
	}
	if (session__attach(&t->session, &so, reason)) {
		snprintf(why, CHECK_TEXT, "%s", reason);
		session__deinit(&t->session);
		return -1;
	}
	session__begin(&t->session);
	t->runs->shares_lock = t->session.plan.shared;
	if (t->runs->shares_lock)
		snprintf(why, CHECK_TEXT, "readers share the lock: their windows are not seen");
	return 0;
}

struct schedules_trace *schedules_trace__start(struct schedules_runs *runs, uint32_t dev,
					       char why[CHECK_TEXT])
{
	struct schedules_trace *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->sink.record = record;
	t->sink.tick = tick;
	t->sink.free = keep;
	t->runs = runs;
	if (!attach(t, dev, why))
		return t;
	free(t);
	return NULL;
}

void schedules_trace__poll(struct schedules_trace *t)
{
	session__poll(&t->session);
}

void schedules_trace__finish(struct schedules_trace *t, char why[CHECK_TEXT])
{
	size_t i;

	session__finish(&t->session, NULL);
	/* the kernel may have refused a probe */
	is_complete(&t->session, why);
	for (i = 0; i < INCONSISTENCIES; i++)
		if (t->session.last.inconsistencies[i])
			snprintf(why, CHECK_TEXT, "%s", inconsistency__text(i));
	if (t->session.last.counts.lost)
		snprintf(why, CHECK_TEXT, "records were lost");
	session__deinit(&t->session);
	free(t);
}
