// SPDX-License-Identifier: GPL-2.0-only
/* The order of all histories, and the loop that hands them out. */
#include "check/explore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check/explore_found.h"
#include "check/explore_pool.h"
#include "check/explore_progress.h"
#include "check/taint.h"
#include "explore/enumerate.h"
#include "util/clock.h"

#define MS 1000000ULL

enum {
	CHUNK_MIN = 16,
	CHUNK_MS = 300, /* how long a chunk should take */
};

struct explorer {
	const struct explore_opts *opts;
	struct explore_report *report;
	struct pool_job job[EXPLORE_JOBS_MAX];
	struct pool_job scratch;
	uint64_t count[EXPLORE_DEPTH_MAX + 1][EXPLORE_CONFIGS];
	/* the next history; all of one length and configuration are a block */
	unsigned int depth;
	int config;
	bool begun; /* `at` is in that block */
	struct enumeration at;
	uint64_t number;
	uint32_t chunk; /* histories in the next chunk */
	bool stop;
	bool late; /* only because the time is over */
	uint64_t end_ns; /* 0: none */
	unsigned long taint; /* before */
	struct progress progress;
};

/* ---- the order: by length, then by configuration ------------------------------------ */

static void count_all(struct explorer *x)
{
	struct explore_report *e = x->report;
	unsigned int d;
	int c;

	for (d = 1; d <= x->opts->depth; d++) {
		for (c = 0; c < EXPLORE_CONFIGS; c++) {
			if (!e->config[c].selected)
				continue;
			x->count[d][c] = enumerate__count(&explore_configs[c], d, UINT64_MAX);
			e->total[d] += x->count[d][c];
			e->config[c].of += x->count[d][c];
		}
	}
}

static uint64_t total_of(const struct explorer *x)
{
	uint64_t total = 0;
	unsigned int d;

	for (d = 1; d <= x->opts->depth; d++)
		total += x->report->total[d];
	return total;
}

static void next_block(struct explorer *x)
{
	x->begun = false;
	if (++x->config < EXPLORE_CONFIGS)
		return;
	x->config = 0;
	x->depth++;
}

/* Enters the block. False: nothing in it is to be done. */
static bool begin_block(struct explorer *x)
{
	struct explore_config_report *c = &x->report->config[x->config];
	uint64_t n = x->count[x->depth][x->config];

	if (x->begun)
		return !c->unfit;
	if (x->number + n <= x->opts->from)
		c->skipped += n;
	if (!c->selected || c->unfit || x->number + n <= x->opts->from) {
		x->number += n;
		return false;
	}
	enumerate__begin(&x->at, &explore_configs[x->config], x->depth);
	x->begun = true;
	for (; x->number < x->opts->from; x->number++) {
		enumerate__next(&x->at);
		c->skipped++;
	}
	return true;
}

/* Fills the chunk with histories of one block. False: there are no more. */
static bool fill(struct explorer *x, struct perform_chunk *c)
{
	for (c->n = 0; x->depth <= x->opts->depth; next_block(x)) {
		if (!begin_block(x))
			continue;
		c->config = &explore_configs[x->config];
		while (c->n < x->chunk && enumerate__next(&x->at))
			c->history[c->n++] = x->at.history;
		x->number += c->n;
		if (c->n)
			return true;
	}
	return false;
}

/* ---- the loop -------------------------------------------------------------------------- */

static void stop(struct explorer *x, const char *why)
{
	if (!x->stop)
		snprintf(x->report->stopped, sizeof(x->report->stopped), "%s", why);
	x->stop = true;
}

/* The chunk took that long: the next ones shall take CHUNK_MS. */
static void adapt(struct explorer *x, const struct pool_job *j)
{
	uint64_t took = clock__now_ns() - j->begun_ns + 1;
	uint64_t n = j->chunk->n * ((x->opts->chunk_ms ?: CHUNK_MS) * MS) / took;

	if (j->chunk->n < x->chunk)
		return;
	x->chunk = n < CHUNK_MIN ? CHUNK_MIN : n > PERFORM_CHUNK ? PERFORM_CHUNK : n;
}

/* The flag was set while the children ran. */
static bool is_tainted(const struct explorer *x, enum taint flag)
{
	return !(x->taint & flag) && taint__read() & flag;
}

/* The flag stays set, so only the first warning is noticed. */
static void note_warning(struct explorer *x, const struct pool_job *j)
{
	struct explore_report *e = x->report;

	if (*e->warned || !is_tainted(x, TAINT_WARNED))
		return;
	snprintf(e->warned, sizeof(e->warned),
		 "the kernel warned, see its log, while histories %" PRIu64 " to %" PRIu64
		 " ran, in %s",
		 j->first, j->first + j->chunk->n - 1, j->chunk->config->name);
}

/* The child did not end by itself. */
static void take_end(struct explorer *x, const struct pool_job *j, enum pool_end end)
{
	if (end == POOL_DIED && !is_tainted(x, TAINT_DIED)) {
		stop(x, "a process was killed, but not by a fault in the kernel");
		return;
	}
	explore_found__add_end(x->report, j, end);
	stop(x, "a history did not end: the kernel may be damaged, nothing more was tried");
}

static void take(struct explorer *x, struct pool_job *j, enum pool_end end)
{
	struct explore_config_report *c = &x->report->config[j->chunk->config - explore_configs];
	uint32_t n = end == POOL_DONE ? j->chunk->n : end == POOL_UNFIT ? 0 : j->state->at;

	c->histories += n;
	c->entries += j->state->entries;
	c->calls += j->state->calls;
	explore_found__add_caches(x->report, j);
	x->report->done[j->chunk->history[0].n] += n;
	if (end == POOL_UNFIT) {
		c->unfit = true;
		snprintf(c->why, sizeof(c->why), "%s", j->state->why);
		return;
	}
	adapt(x, j);
	explore_found__add(x->report, j, &x->scratch);
	note_warning(x, j);
	if (end != POOL_DONE)
		take_end(x, j, end);
}

static void look(struct explorer *x, struct pool_job *j)
{
	enum pool_end end = j->pid ? pool_job__look(j) : POOL_RUNS;

	if (end != POOL_RUNS)
		take(x, j, end);
	if (j->pid || x->stop)
		return;
	if (!fill(x, j->chunk))
		return;
	j->first = x->number - j->chunk->n;
	if (pool_job__start(j))
		stop(x, strerror(errno));
}

/* The first history that is not done, or not known to be. */
static uint64_t next_of(const struct explorer *x)
{
	uint64_t next = x->number;
	unsigned int i;

	for (i = 0; i < x->opts->jobs; i++)
		if (x->job[i].pid && x->job[i].first < next)
			next = x->job[i].first;
	return next;
}

static bool busy(const struct explorer *x)
{
	unsigned int i;

	for (i = 0; i < x->opts->jobs; i++)
		if (x->job[i].pid)
			return true;
	return false;
}

/* Histories that were run or begun. */
static uint64_t moved_of(const struct explorer *x)
{
	uint64_t moved = x->progress.done;
	unsigned int i;

	for (i = 0; i < x->opts->jobs; i++)
		if (x->job[i].pid)
			moved += __atomic_load_n(&x->job[i].state->at, __ATOMIC_RELAXED);
	return moved;
}

static void show(struct explorer *x)
{
	unsigned int d;

	x->progress.done = 0;
	for (d = 1; d <= x->opts->depth; d++)
		x->progress.done += x->report->done[d];
	x->progress.next = next_of(x);
	x->progress.found = x->report->nfound;
	if (x->opts->moved)
		__atomic_store_n(x->opts->moved, moved_of(x), __ATOMIC_RELAXED);
	else
		progress__show(&x->progress);
}

static void explore(struct explorer *x)
{
	unsigned int i;

	do {
		for (i = 0; i < x->opts->jobs; i++)
			look(x, &x->job[i]);
		if (x->opts->interrupted && *x->opts->interrupted)
			stop(x, "interrupted");
		if (x->end_ns && clock__now_ns() > x->end_ns && !x->stop) {
			x->late = true;
			stop(x, "the time is over");
		}
		show(x);
		pool_jobs__pause(x->job, x->opts->jobs);
	} while (busy(x));
	x->report->next = x->number;
}

/* ---- one history -------------------------------------------------------------------------- */

static void run_single(struct explorer *x)
{
	struct explore_report *e = x->report;
	struct pool_job *j = &x->job[0];
	const struct explore_history *h = &x->opts->history;
	char text[EXPLORE_TEXT];
	struct model m;
	int c, n;

	for (c = 0; c < EXPLORE_CONFIGS && !x->stop; c++) {
		struct explore_config_report *r = &e->config[c];

		if (!r->selected)
			continue;
		n = model__run(&m, &explore_configs[c], h);
		if (n < h->n) {
			r->unfit = true;
			snprintf(r->why, sizeof(r->why), "step %d, '%.40s', is not possible there",
				 n + 1, history__step(h->step[n], text));
			continue;
		}
		j->chunk->config = &explore_configs[c];
		j->chunk->n = 1;
		j->chunk->history[0] = *h;
		if (pool_job__start(j))
			stop(x, strerror(errno));
		else
			take(x, j, pool_job__wait(j));
		memcpy(r->story, j->state->story, sizeof(r->story));
	}
}

/* ---- all of it ---------------------------------------------------------------------------- */

static int init(struct explorer *x, const struct explore_opts *o)
{
	struct explore_report *e = x->report;
	unsigned int i;

	x->opts = o;
	x->taint = taint__read();
	x->depth = 1;
	x->chunk = CHUNK_MIN;
	e->depth = o->single ? o->history.n : o->depth;
	e->jobs = o->jobs;
	e->from = o->from;
	e->named = o->named;
	e->strict = o->strict;
	e->single = o->single;
	if (o->caches_why)
		snprintf(e->caches_why, sizeof(e->caches_why), "%s", o->caches_why);
	for (i = 0; i < EXPLORE_CONFIGS; i++)
		e->config[i].selected = o->selected[i];
	for (i = 0; i < o->jobs; i++) {
		if (pool_job__init(&x->job[i], o->caches))
			return -1;
		explore_found__add_caches(x->report, &x->job[i]);
	}
	return pool_job__init(&x->scratch, o->caches);
}

static void finish(struct explorer *x)
{
	struct explore_report *e = x->report;
	unsigned int d;
	int c;

	for (c = 0; c < EXPLORE_CONFIGS && !e->single; c++)
		e->config[c].left = e->config[c].of - e->config[c].skipped - e->config[c].histories;
	for (d = 0; d < x->opts->jobs; d++)
		pool_job__deinit(&x->job[d]);
	pool_job__deinit(&x->scratch);
}

struct explorer *explore__begin(const struct explore_opts *opts, struct explore_report *report)
{
	static struct explorer x;

	x.report = report;
	if (init(&x, opts))
		return NULL;
	if (!opts->single)
		count_all(&x);
	return &x;
}

bool explore__until(struct explorer *x, uint64_t end_ns)
{
	if (x->late) {
		x->late = x->stop = false;
		*x->report->stopped = 0;
	}
	x->end_ns = end_ns;
	explore(x);
	return !x->late;
}

void explore__end(struct explorer *x)
{
	finish(x);
}

int explore__histories(const struct explore_opts *opts, struct explore_report *report,
		       uint64_t end_ns)
{
	struct explorer *x = explore__begin(opts, report);

	if (!x)
		return -1;
	if (opts->single) {
		run_single(x);
	} else {
		progress__begin(&x->progress, total_of(x) - opts->from);
		explore__until(x, end_ns);
		progress__end(&x->progress);
	}
	explore__end(x);
	return 0;
}
