// SPDX-License-Identifier: GPL-2.0-only
#include "check/explore_found.h"

#include <string.h>

#include "explore/shrink.h"

static enum explore_config_id id_of(const struct explore_config *config)
{
	return config - explore_configs;
}

/* ---- a history alone ---------------------------------------------------------- */

struct trial {
	struct pool_job *job;
	const struct explore_config *config;
	enum explore_rule rule;
	bool lost; /* the child did not end: no more trials */
};

/* Whether it violates the rule in a mount of its own. */
static bool is_bad(void *ctx, const struct explore_history *h)
{
	struct trial *t = ctx;
	struct perform_chunk *chunk = t->job->chunk;

	if (t->lost)
		return false;
	chunk->config = t->config;
	chunk->n = 1;
	chunk->history[0] = *h;
	if (pool_job__start(t->job))
		return false;
	if (pool_job__wait(t->job) != POOL_DONE) {
		t->lost = true;
		return false;
	}
	return t->job->state->nviolations && t->job->state->violation[0].rule == t->rule;
}

static void shrink(struct explore_found *f, struct trial *t)
{
	f->alone = is_bad(t, &f->history);
	if (!f->alone)
		return;
	shrink__run(t->config, &f->history, is_bad, t);
	/* the last trial may have been of another one */
	if (!is_bad(t, &f->history))
		return;
	memcpy(f->text, t->job->state->violation[0].text, sizeof(f->text));
	memcpy(f->story, t->job->state->story, sizeof(f->story));
}

/* ---- what is known ---------------------------------------------------------------- */

static bool is_known(struct explore_report *e, enum explore_config_id config,
		     enum explore_rule rule, const struct explore_history *h)
{
	size_t i;

	for (i = 0; i < e->nfound; i++) {
		struct explore_found *f = &e->found[i];

		if (f->config != config || f->rule != rule || !shrink__contains(h, &f->history))
			continue;
		f->count++;
		return true;
	}
	return false;
}

static struct explore_found *add(struct explore_report *e, const struct pool_job *job,
				 const struct violation *v)
{
	struct explore_found *f = &e->found[e->nfound];

	if (e->nfound == EXPLORE_FOUND_MAX) {
		e->unsorted++;
		return NULL;
	}
	memset(f, 0, sizeof(*f));
	f->config = id_of(job->chunk->config);
	f->rule = v->rule;
	f->history = job->chunk->history[v->history];
	f->count = 1;
	memcpy(f->text, v->text, sizeof(f->text));
	e->nfound++;
	return f;
}

void explore_found__add(struct explore_report *e, const struct pool_job *done,
			struct pool_job *scratch)
{
	const struct explore_config *config = done->chunk->config;
	uint32_t i, n = done->state->nviolations;

	e->config[id_of(config)].bad += n;
	for (i = 0; i < n; i++) {
		const struct violation *v = &done->state->violation[i];
		const struct explore_history *h = &done->chunk->history[v->history];
		struct trial t = { .job = scratch, .config = config, .rule = v->rule };
		struct explore_found *f;

		if (is_known(e, id_of(config), v->rule, h))
			continue;
		f = add(e, done, v);
		if (f)
			shrink(f, &t);
	}
}

void explore_found__add_end(struct explore_report *e, const struct pool_job *over,
			    enum pool_end end)
{
	struct violation v = { .history = over->state->at, .rule = RULE_ENDS };
	const struct explore_history *h = &over->chunk->history[v.history];
	uint32_t step = over->state->step;
	char text[EXPLORE_TEXT];
	struct explore_found *f;

	snprintf(v.text, sizeof(v.text), "the process %s in %s%.80s",
		 end == POOL_HUNG ? "hangs" : "was killed by a fault in the kernel",
		 step < h->n ? "step " : "the last listing",
		 step < h->n ? history__step(h->step[step], text) : "");
	e->config[id_of(over->chunk->config)].bad++;
	f = add(e, over, &v);
	if (f)
		memcpy(f->story, over->state->story, sizeof(f->story));
}

void explore_found__add_caches(struct explore_report *e, const struct pool_job *job)
{
	e->caches += job->state->caches;
	if (*job->state->caches_why)
		snprintf(e->caches_why, sizeof(e->caches_why), "%s", job->state->caches_why);
}
