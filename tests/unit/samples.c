// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples. Number 0 has all that is optional, and hostile names; number 1 has
 * nothing that is optional, and zeros; number 2 has the extremes of all numbers. From
 * number 3 on each goes through the values of enums.
 */
#include "samples.h"

#include <stdio.h>
#include <string.h>

enum {
	FULL,
	BARE,
	EXTREME,
	FIRST_OF_ENUMS,
	LONG_NAME = 4000,
	MANY_WINDOWS = 300,
};

/* Control bytes, an escape sequence, quotes, invalid UTF-8, an override of direction. */
#define HOSTILE "\x01\x1b[31m\"\\/\n\t\x7f\xff\xfe\xc3(\xed\xa0\x80\xe2\x80\xae\xc3\xa9</script>"
/* The same without invalid UTF-8, for what has no base64 form. */
#define HOSTILE_UTF8 "\x01\x1b[31m\"\\/\n\t\x7f\xe2\x80\xae\xc3\xa9</script>"

static char long_name[LONG_NAME + 1];
static const char comms[][OVLW_COMM] = {
	[FULL] = "a\"\\\x1b\n\xff\xc3 bcdefghi", /* all 16 bytes, without a NUL */
	[BARE] = "",
	[EXTREME] = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
	[FIRST_OF_ENUMS] = "reader",
};

static unsigned int like(unsigned int n)
{
	return n < FIRST_OF_ENUMS ? n : FIRST_OF_ENUMS;
}

static struct rec_dir dir(unsigned int n)
{
	const struct rec_dir dirs[] = {
		[FULL] = { 9007199254740993, 8 << 20 | 1, "/m/" HOSTILE, true, 4026532255 },
		[BARE] = { 0, 0, NULL, false, 0 },
		[EXTREME] = { UINT64_MAX, UINT32_MAX, long_name, false, UINT64_MAX },
		[FIRST_OF_ENUMS] = { 7, 32, "/", false, 0 },
	};

	memset(long_name, 0xff, LONG_NAME);
	long_name[0] = '/';
	return dirs[like(n)];
}

static struct rec_task task(unsigned int n)
{
	struct rec_task tasks[] = {
		[FULL] = { .pid = 475, .tid = 476, .cgroup = 1, .cgroup_path = "/c/" HOSTILE },
		[BARE] = { .cgroup_path = NULL },
		[EXTREME] = { .pid = UINT32_MAX,
			      .tid = UINT32_MAX,
			      .cgroup = UINT64_MAX,
			      .cgroup_path = "" },
		[FIRST_OF_ENUMS] = { .pid = 1, .tid = 2, .cgroup = 3, .cgroup_path = "/" },
	};

	memcpy(tasks[like(n)].comm, comms[like(n)], OVLW_COMM);
	return tasks[like(n)];
}

/* 0 in a bare sample, the largest in an extreme one. */
static uint64_t number(unsigned int n, uint64_t otherwise)
{
	return n == BARE ? 0 : n == EXTREME ? UINT64_MAX : otherwise;
}

static void coverage_make(struct coverage *c, unsigned int n, int event)
{
	memset(c, 0, sizeof(*c));
	c->provider = n == FULL ? PROVIDER_ENTRY :
		      n == BARE ? PROVIDER_NONE :
				  (event + n) % (PROVIDER_OTHER + 1);
	if (n == BARE)
		return;
	c->costly = c->partly = n == FULL || (event + n) % 3 == 0;
	c->proof = n == FULL ? PROOF_CONFIRMED : (event + n) % (PROOF_NOT_EXERCISED + 1);
	c->inferred = n != FULL && c->provider != PROVIDER_NONE && c->proof != PROOF_CONTRADICTED &&
		      event % 2;
	snprintf(c->target, sizeof(c->target), "ovl_%d%s", event, HOSTILE_UTF8);
	snprintf(c->evidence, sizeof(c->evidence), "symbol %d%s", event, HOSTILE_UTF8);
	if (n == FULL || event % 2)
		snprintf(c->refused, sizeof(c->refused), "program %d%s", event, HOSTILE_UTF8);
	if (c->proof != PROOF_NOT_RUN)
		snprintf(c->proof_evidence, sizeof(c->proof_evidence), "%d%s", event, HOSTILE_UTF8);
	if (n == EXTREME) {
		memset(c->target, 't', sizeof(c->target) - 1);
		memset(c->evidence, 'e', sizeof(c->evidence) - 1);
	}
}

static bool session_sample(unsigned int n, struct rec_session *s)
{
	static struct coverage cover[EVENTS];
	enum logical_event gap;
	int i;

	*s = (struct rec_session){ .schema = OVLTRACE_SCHEMA, .version = "1.2.3" };
	s->kernel = n == BARE ? "" : HOSTILE_UTF8;
	s->arch = n == BARE ? "" : "x86_64";
	s->host = n == BARE ? NULL : "h" HOSTILE_UTF8;
	s->start_realtime_ns = number(n, 1764230400000000000);
	s->lock_drop = n == BARE ? LOCK_DROP_UNKNOWN : n % LOCK_DROPS;
	s->merged = n == FULL || n % 2 == 0;
	memset(cover, 0, sizeof(cover));
	for (i = 0; i < EVENTS; i++) {
		if (!coverage__reports(i, s->merged))
			continue;
		coverage_make(&cover[i], n, i);
		s->covered |= 1U << i;
	}
	s->cover = cover;
	s->complete = true;
	s->complete = rec_session__complete(s, &gap);
	s->proof.result = n == BARE ? PROOF_NOT_RUN : (n + 1) % (PROOF_NOT_EXERCISED + 1);
	s->proof.why = s->proof.result || n == BARE ? NULL : "why " HOSTILE_UTF8;
	s->proof.duration_ns = number(n, 120000000);
	s->has_hold = n != BARE;
	s->hold_us = n == EXTREME ? UINT32_MAX : n == FULL || n == BARE ? 0 : 2000;
	s->part = n == FULL ? UINT32_MAX : 0;
	s->command_line = n == FULL ? "ovltrace run" HOSTILE_UTF8 : NULL;
	s->require_rebuilds = n == FULL ? UINT64_MAX : 0;
	s->follow = s->addresses_hashed = s->stacks = n == FULL;
	s->follow_why = n == FULL ? "why " HOSTILE_UTF8 : NULL;
	s->hold_why = n == FULL ? "why " HOSTILE_UTF8 : "";
	return n < FIRST_OF_ENUMS + PROVIDER_OTHER;
}

/* Windows that follow each other from *at on; the sum of what was modified in them. */
static uint64_t windows_make(struct rec_window *w, size_t n, uint64_t *at)
{
	uint64_t mods = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		w[i] = (struct rec_window){ .drop_ns = *at, .retake_ns = *at + 10 + i };
		w[i].wait_ns = i % 3 * 4;
		w[i].version_drop = 5 + i;
		w[i].version_retake = 5 + i + i % 2;
		mods += i % 2;
		*at = w[i].retake_ns;
	}
	return mods;
}

static bool rebuild_sample(unsigned int n, struct rec_rebuild *r)
{
	static const size_t nwindows[] = { 3, 0, 1, MANY_WINDOWS };
	static const enum rebuild_outcome outcomes[] = { OUTCOME_STORED, OUTCOME_EMPTY,
							 OUTCOME_STORED, OUTCOME_EMPTY,
							 OUTCOME_ERROR,	 OUTCOME_ERROR };
	static struct rec_window windows[MANY_WINDOWS];
	uint64_t at = 1000;

	if (n >= sizeof(outcomes) / sizeof(outcomes[0]))
		return false;
	*r = (struct rec_rebuild){ .dir = dir(n), .task = task(n), .outcome = outcomes[n] };
	r->stack = stack_sample(n);
	r->begin_ns = n == BARE ? 0 : 1000;
	r->windows = windows;
	r->nwindows = nwindows[n % 4];
	r->mods_in_window = windows_make(windows, r->nwindows, &at);
	r->end_ns = n == EXTREME ? UINT64_MAX : n == BARE ? 0 : at + 1;
	r->version_read = number(n, 5);
	r->version_at_store = number(n, 6);
	r->reads = n == BARE ? 0 : n == EXTREME ? UINT32_MAX : 1 + n;
	if (r->outcome == OUTCOME_STORED) {
		r->version_stamped = number(n, 7);
		r->cache = number(n, 0xffff888012345678);
		r->overwritten = n == EXTREME ? UINT64_MAX : 0xffff888000000010;
		r->entries = n == EXTREME ? UINT32_MAX : 3;
	}
	if (n == EXTREME) {
		windows[0].drop_ns = windows[0].wait_ns = 0;
		windows[0].drop_ns = r->begin_ns;
		windows[0].retake_ns = UINT64_MAX;
		windows[0].wait_ns = UINT64_MAX - r->begin_ns;
		windows[0].version_drop = 0;
		windows[0].version_retake = r->mods_in_window = UINT64_MAX;
	}
	r->impure_cleared = n == FIRST_OF_ENUMS;
	r->err = n == 4 ? -4095 : 0; /* 5: an error that was not seen */
	r->err_inferred = n == 4;
	return true;
}

static bool modify_sample(unsigned int n, struct rec_modify *m)
{
	*m = (struct rec_modify){ .dir = dir(n), .task = task(n), .stack = stack_sample(n) };
	m->version_before = n == EXTREME ? UINT64_MAX - 1 : number(n, 5);
	m->version_after = m->version_before + (n == FULL ? 3 : 1);
	m->op = n == BARE ? OVLW_OP_UNKNOWN : n % OVLW_OP_COUNT;
	m->moved = n == BARE ? OVLW_MOVED_WITHIN : n % 3;
	m->name = n == BARE ? "" : n == EXTREME ? long_name : HOSTILE;
	m->name2 = n == BARE ? "" : n == EXTREME ? "x" : "2" HOSTILE;
	return n < FIRST_OF_ENUMS + OVLW_OP_COUNT;
}

static bool incident_sample(unsigned int n, struct rec_incident *in)
{
	bool named;

	*in = (struct rec_incident){ .dir = dir(n), .task = task(n), .stack = stack_sample(n) };
	in->what = n == FULL	? OVLW_MISSED_INVALIDATION :
		   n == EXTREME ? OVLW_BAD_RETURN :
				  n % OVLW_WHATS;
	named = in->what == OVLW_LOCKED_LOOKUP || in->what == OVLW_MISSED_INVALIDATION;
	if (n != BARE && in->what != OVLW_REAL_LISTING) {
		in->cache = number(n, 0xffff888012345678);
		in->refcount = n == EXTREME ? INT64_MIN : n % 2 ? INT64_MAX : -1;
	}
	if (in->what == OVLW_BAD_RETURN)
		in->value = n == EXTREME ? INT32_MIN : n % 2 ? INT32_MAX : -5;
	if (in->what == OVLW_MISSED_INVALIDATION)
		in->op = n == FULL ? OVLW_OP_LINK : n % OVLW_OP_COUNT;
	in->name = named && n % 4 != 1 ? HOSTILE : "";
	return n < FIRST_OF_ENUMS + 3 * OVLW_WHATS;
}

static bool finding_sample(unsigned int n, struct rec_finding *f)
{
	size_t i;

	*f = (struct rec_finding){ .dir = dir(n), .task = task(n) };
	f->kind = n == BARE ? 0 : n % FINDING_KINDS;
	f->exact = n % 2 == 0;
	f->nevidence = n == FULL ? 2 : n == BARE ? 0 : n == EXTREME ? RECORD_MAX_EVIDENCE : 1;
	for (i = 0; i < f->nevidence; i++)
		f->evidence[i] = n == EXTREME ? UINT64_MAX - i : 3 + i;
	f->text = n == BARE ? "." : HOSTILE;
	f->at_ns = number(n, 12345);
	f->test = n == BARE ? NULL : n == EXTREME ? "" : "t/" HOSTILE;
	f->told_apart = n != BARE;
	f->of_command = n == BARE ? TRISTATE_UNKNOWN : n % (TRISTATE_YES + 1);
	return n < FIRST_OF_ENUMS + FINDING_KINDS;
}

static bool stale_end_sample(unsigned int n, struct rec_stale_end *e)
{
	*e = (struct rec_stale_end){ .dir = dir(n) };
	e->finding = number(n, 4);
	e->stored_ns = number(n, 12345);
	e->how = n % (STALE_END_TRACE + 1);
	return n < FIRST_OF_ENUMS + STALE_END_TRACE + 1;
}

static bool merged_sample(unsigned int n, struct rec_merged *mc)
{
	bool bare = n == BARE;

	*mc = (struct rec_merged){ .dir = dir(n), .task = task(n), .stack = stack_sample(n) };
	mc->how = bare ? MERGED_END_LEAKED : n % (MERGED_END_UNKNOWN + 1);
	mc->cache = number(n, 0xffff888012345678);
	mc->stored_ns = number(n, 1000);
	if (mc->how == MERGED_END_FREED)
		mc->freed_ns = 2000;
	if (n == EXTREME) {
		mc->how = MERGED_END_FREED;
		mc->freed_ns = UINT64_MAX;
	}
	mc->version_known = !bare;
	mc->version_read = number(n, 4);
	mc->version_stamped = number(n, 5);
	mc->entries = n == EXTREME ? UINT32_MAX : number(n, 6);
	mc->gets = number(n, 7);
	mc->puts = number(n, 8);
	mc->outdated = number(n, 9);
	mc->miscounted = !bare;
	mc->refcount = bare ? 0 : n == EXTREME ? INT64_MIN : 10;
	mc->streams = bare ? 0 : n == EXTREME ? INT64_MAX : -11;
	mc->freed_under = number(n, 12);
	mc->got_after_free = number(n, 13);
	mc->cut = !bare;
	return n < FIRST_OF_ENUMS + MERGED_END_UNKNOWN + 1;
}

/* Returns the sum of their counts. */
static uint64_t actors_make(struct rec_actor *a, size_t n, unsigned int like, bool rebuilders)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		a[i] = (struct rec_actor){ .task = task((like + i) % 4), .count = 10 + i };
		a[i].op = rebuilders ? OVLW_OP_UNKNOWN : (like + i) % OVLW_OP_COUNT;
		a[i].ns = rebuilders ? 100 + i : 0;
		a[i].processes = i % 3 ? 0 : 2 + i;
		sum += a[i].count;
	}
	return sum;
}

static bool directory_sample(unsigned int n, struct rec_directory *d)
{
	static struct rec_actor invalidator[RECORD_MAX_ACTORS], rebuilder[RECORD_MAX_ACTORS];
	size_t actors = n == FULL ? RECORD_MAX_ACTORS : n == FIRST_OF_ENUMS ? 1 : 0;

	*d = (struct rec_directory){ .dir = dir(n), .merged = n % 2 == 0 };
	d->invalidators = invalidator;
	d->rebuilders = rebuilder;
	d->ninvalidators = d->nrebuilders = actors;
	actors_make(invalidator, actors, n, false);
	d->rebuilders_others = number(n, 4);
	d->rebuilds = actors_make(rebuilder, actors, n, true) + d->rebuilders_others;
	d->cold = number(n, 3);
	d->hits = n == EXTREME ? 0 : number(n, 20);
	d->readdirs = n == EXTREME ? UINT64_MAX : d->hits + d->rebuilds;
	d->listings = number(n, 6);
	d->rebuild_ns = number(n, 5000);
	d->max_rebuild_ns = number(n, 4000);
	d->has_times = n != BARE;
	d->times[n % RECORD_TIMES] = n == BARE || !d->rebuilds ? 0 : 1;
	d->times[RECORD_TIMES - 1] = n == EXTREME ? UINT64_MAX - 1 : d->times[RECORD_TIMES - 1];
	d->lock_held_ns = n == BARE || n == EXTREME ? COUNT_UNSEEN : 3000;
	d->entries = number(n, 7);
	d->bytes = n == BARE || n == EXTREME ? COUNT_UNSEEN : 8;
	d->sees_invalidations = n != BARE;
	d->modifications = n == BARE ? COUNT_UNSEEN : number(n, 9);
	d->invalidators_others = n == EXTREME ? UINT64_MAX - 1 : number(n, 10);
	return n <= FIRST_OF_ENUMS;
}

static bool test_sample(unsigned int n, struct rec_test *t)
{
	*t = (struct rec_test){ .name = n == BARE ? "t" : HOSTILE, .begin_ns = number(n, 1000) };
	t->source = n % TEST_SOURCES;
	t->ended = n != BARE;
	if (t->ended) {
		t->end_ns = number(n, 2000);
		t->result = n % TEST_RESULTS;
	}
	return n < FIRST_OF_ENUMS + TEST_RESULTS;
}

static bool lost_sample(unsigned int n, struct rec_lost *l)
{
	l->count = n == BARE ? 1 : number(n, 7);
	l->where = n == BARE ? "" : "ring buffer full";
	return n <= EXTREME;
}

static bool summary_sample(unsigned int n, struct rec_summary *s)
{
	int i;

	*s = (struct rec_summary){ .duration_ns = number(n, 12345) };
	s->verdict = n % (VERDICT_INCONCLUSIVE + 1);
	s->order = n == BARE ? COPY_UP_UNKNOWN : n == EXTREME ? COPY_UP_WRONG : COPY_UP_RIGHT;
	s->has_command = n != BARE;
	s->command_status = n == BARE ? 0 : n == EXTREME ? 255 : 3;
	s->told_apart = n != BARE;
	s->command_findings = n == BARE ? 0 : n == EXTREME ? COUNT_UNSEEN : number(n, 5);
	s->counts.has_hits = n != BARE;
	s->counts.has_directories = n != BARE;
	s->counts.has_merged = n != BARE;
	for (i = 0; i < COUNTS; i++) {
		const struct count_def *def = &count_defs[i];
		uint64_t *c = count__of(&s->counts, def);

		if (!counts__has(&s->counts, def->group))
			*c = def->needs ? COUNT_UNSEEN : 0;
		else if (n == EXTREME)
			*c = def->needs ? COUNT_UNSEEN : UINT64_MAX - 1;
		else
			*c = n == FIRST_OF_ENUMS ? UINT64_MAX - 1 - i : number(n, 100 + i);
	}
	for (i = 0; i < INCONSISTENCIES; i++) {
		s->inconsistencies[i] = n == BARE ? 0 : n == EXTREME ? i == 0 : 1 + i;
		s->counts.inconsistencies += s->inconsistencies[i];
	}
	s->has_hold = n != BARE;
	s->hold_waits = number(n, 7);
	s->hold_timed_out = number(n, 8);
	s->hold_waited_ns = number(n, 9);
	return n <= FIRST_OF_ENUMS;
}

bool record_sample(enum record_type type, unsigned int n, struct ovl_record *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->type = type;
	rec->seq = n == EXTREME ? UINT64_MAX : 1 + n;
	rec->ts_ns = n == EXTREME ? UINT64_MAX : n == BARE ? 0 : 100000;
	switch (type) {
#define RECORD(id, name, member, subject, proves) \
	case RECORD_##id:                         \
		return member##_sample(n, &rec->member);
#include "record/records.def"
	case RECORD_TYPES:
		break;
	}
	return false;
}
