// SPDX-License-Identifier: GPL-2.0-only
/* What a record of each type must have, and what its words mean. */
#include <string.h>

#include "record_raw.h"

#define NONE RAW_NFIELDS

static const uint8_t need_dir[] = { F_TOP_dir, F_DIR_dev, F_DIR_ino, F_DIR_path, NONE };
static const uint8_t need_task[] = { F_TOP_task,  F_TASK_pid,	 F_TASK_tid,
				     F_TASK_comm, F_TASK_cgroup, NONE };
static const uint8_t need_actor_task[] = { F_TASK_pid, F_TASK_tid, F_TASK_comm, F_TASK_cgroup,
					   NONE };
static const uint8_t need_session[] = { F_TOP_schema, F_TOP_version,	       F_TOP_kernel,
					F_TOP_arch,   F_TOP_start_realtime_ns, F_TOP_coverage,
					NONE };
static const uint8_t need_rebuild[] = { F_TOP_version_read,   F_TOP_version_at_store,
					F_TOP_version_stamped, F_TOP_entries,
					F_TOP_windows,	      F_TOP_mods_in_window,
					F_TOP_outcome,	      F_TOP_errno,
					NONE };
static const uint8_t need_stored[] = { F_TOP_cache, F_TOP_slot_before, NONE };
static const uint8_t need_modify[] = { F_TOP_version_before, F_TOP_version_after, F_TOP_op,
				       NONE };
static const uint8_t need_incident[] = { F_TOP_what, NONE };
static const uint8_t need_finding[] = { F_TOP_kind, F_TOP_confidence, F_TOP_evidence, F_TOP_text,
					NONE };
static const uint8_t need_stale_end[] = { F_TOP_finding, F_TOP_stored_ns, F_TOP_how, NONE };
static const uint8_t need_directory[] = {
	F_TOP_kind,	      F_TOP_listings,	    F_TOP_readdirs,	   F_TOP_hits,
	F_TOP_rebuilds,	      F_TOP_cold,	    F_TOP_rebuild_ns,	   F_TOP_max_rebuild_ns,
	F_TOP_lock_held_ns,   F_TOP_entries,	    F_TOP_bytes,	   F_TOP_modifications,
	F_TOP_invalidations,  F_TOP_rebuilders,	    F_TOP_invalidators_others,
	F_TOP_rebuilders_others, NONE };
static const uint8_t need_invalidator[] = { F_ACTOR_task, F_ACTOR_op, F_ACTOR_count, NONE };
static const uint8_t need_rebuilder[] = { F_ACTOR_task, F_ACTOR_count, F_ACTOR_ns, NONE };
static const uint8_t need_test[] = { F_TOP_name, F_TOP_source, F_TOP_event, F_TOP_begin_ns, NONE };
static const uint8_t need_test_end[] = { F_TOP_end_ns, F_TOP_result, NONE };
static const uint8_t need_lost[] = { F_TOP_count, F_TOP_where, NONE };
static const uint8_t need_summary[] = {
	F_TOP_duration_ns,	 F_TOP_verdict,	      F_TOP_command_status,
	F_TOP_counts,		 F_COUNTS_rebuilds,   F_COUNTS_windows,
	F_COUNTS_stores,	 F_COUNTS_mods,	      F_COUNTS_superseded_stores,
	F_COUNTS_stale_stores,	 F_COUNTS_kind_mixes, F_COUNTS_unfreed_caches,
	F_COUNTS_bad_returns,	 F_COUNTS_lost,	      F_COUNTS_stale_impure_clears,
	F_COUNTS_lock_hazards,	 NONE,
};

static bool need(struct raw *raw, const uint8_t *list)
{
	static const char *const names[] = {
#define X(place, name, kinds) #name,
		RAW_FIELDS(X)
#undef X
	};

	for (; *list != NONE; list++) {
		if (raw__has(raw, *list))
			continue;
		raw->bad = names[*list];
		return false;
	}
	return true;
}

static bool fault(struct raw *raw, const char *what)
{
	raw->bad = what;
	return false;
}

/* The index of a word among n names, or -1. */
static int word(struct raw *raw, enum raw_field f, const char *(*name)(int), int n)
{
	const struct json_value *v = &raw->v[f];
	int i;

	for (i = 0; i < n; i++) {
		const char *w = name(i);

		if (v->len && w[0] == v->s[0] && strlen(w) == v->len &&
		    !memcmp(w, v->s, v->len))
			return i;
	}
	return -1;
}

#define WORDS(fn, type, call)                                                                   \
	static const char *fn(int i)                                                            \
	{                                                                                       \
		return call((enum type)i);                                                      \
	}

WORDS(what_word, ovlw_what, ovlw_what__name)
WORDS(kind_word, finding_kind, finding_kind__name)
WORDS(outcome_word, rebuild_outcome, rebuild_outcome__name)
WORDS(op_word, ovlw_op, ovlw_op__name)
WORDS(how_word, stale_end, stale_end__name)
WORDS(verdict_word, verdict, verdict__name)
WORDS(source_word, test_source, test_source__name)
WORDS(order_word, copy_up_order, copy_up_order__name)

static const char *type_word(int i)
{
	return record_type__name(i);
}

static const char *confidence_word(int i)
{
	return i ? "exact" : "inferred";
}

static const char *result_word(int i)
{
	return i ? test_result__name(i) : "";
}

static const char *test_event_word(int i)
{
	return i ? "end" : "begin";
}

static const char *moved_word(int i)
{
	return i ? "in" : "out";
}

static const char *lock_drop_word(int i)
{
	static const char *const names[] = { "unknown", "absent", "present" };

	return names[i];
}

static bool dir_form(struct raw *raw, struct rec_dir *d)
{
	const struct json_value *v = &raw->v[F_DIR_dev];
	const char *colon;
	uint64_t major, minor;

	if (!need(raw, need_dir))
		return false;
	colon = memchr(v->s, ':', v->len);
	if (!colon || !raw__number(v->s, colon - v->s, 10, &major) || major > 0xfff ||
	    !raw__number(colon + 1, v->s + v->len - colon - 1, 10, &minor) || minor > 0xfffff)
		return fault(raw, "dev");
	d->dev = (uint32_t)(major << 20 | minor);
	if (!raw__decimal(raw, F_DIR_ino, &d->ino))
		return fault(raw, "ino");
	d->path = NULL;
	d->path_in_mount = raw__has(raw, F_DIR_path_in_mount) &&
			   raw->v[F_DIR_path_in_mount].type == JSON_TRUE;
	if (raw->v[F_DIR_path].type == JSON_NULL)
		return true;
	d->path = raw__string(raw, F_DIR_path, F_DIR_path_b64);
	return d->path && d->path[0] == '/' ? true : fault(raw, "path");
}

static bool task_form(struct raw *raw, struct rec_task *t, const uint8_t *needed)
{
	const char *comm;

	if (!need(raw, needed))
		return false;
	if (raw->v[F_TASK_pid].u > UINT32_MAX || raw->v[F_TASK_tid].u > UINT32_MAX)
		return fault(raw, "tid");
	t->pid = (uint32_t)raw->v[F_TASK_pid].u;
	t->tid = (uint32_t)raw->v[F_TASK_tid].u;
	comm = raw__string(raw, F_TASK_comm, F_TASK_comm_b64);
	if (!comm || strlen(comm) > sizeof(t->comm))
		return fault(raw, "comm");
	memset(t->comm, 0, sizeof(t->comm));
	memcpy(t->comm, comm, strlen(comm));
	if (!raw__decimal(raw, F_TASK_cgroup, &t->cgroup))
		return fault(raw, "cgroup");
	t->cgroup_path = NULL;
	if (!raw__has(raw, F_TASK_cgroup_path) || raw->v[F_TASK_cgroup_path].type == JSON_NULL)
		return true;
	t->cgroup_path = raw__string(raw, F_TASK_cgroup_path, F_TASK_cgroup_path_b64);
	return t->cgroup_path ? true : fault(raw, "cgroup_path");
}

static uint64_t number_or(const struct raw *raw, enum raw_field f, uint64_t otherwise)
{
	return raw__has(raw, f) ? raw->v[f].u : otherwise;
}

/* Do the windows follow each other, inside the rebuild, and sum up? */
static bool windows_fit(const struct raw *raw, const struct rec_rebuild *r)
{
	uint64_t at = r->begin_ns, mods = 0;
	size_t i;

	for (i = 0; i < r->nwindows; i++) {
		const struct rec_window *w = &r->windows[i];

		if (w->drop_ns < at || w->retake_ns < w->drop_ns ||
		    w->wait_ns > w->retake_ns - w->drop_ns || w->version_retake < w->version_drop)
			return false;
		mods += w->version_retake - w->version_drop;
		at = w->retake_ns;
	}
	return at <= r->end_ns && (!raw->window_versions || mods == r->mods_in_window);
}

static bool rebuild_times(struct raw *raw, struct rec_rebuild *r, uint64_t ts_ns)
{
	r->windows = raw->windows;
	r->nwindows = raw->nwindows;
	r->mods_in_window = raw->v[F_TOP_mods_in_window].u;
	r->begin_ns = number_or(raw, F_TOP_begin_ns, r->nwindows ? r->windows[0].drop_ns : ts_ns);
	r->end_ns = number_or(raw, F_TOP_end_ns, ts_ns);
	if (r->end_ns < r->begin_ns || r->end_ns > ts_ns)
		return fault(raw, "end_ns");
	return windows_fit(raw, r) ? true : fault(raw, "windows");
}

static bool errno_form(struct raw *raw, struct rec_rebuild *r)
{
	const struct json_value *v = &raw->v[F_TOP_errno];
	bool error = r->outcome == OUTCOME_ERROR;

	r->err = v->type == JSON_NEGATIVE ? (int32_t)(int64_t)v->u : 0;
	r->err_inferred = raw__has(raw, F_TOP_errno_confidence);
	if (v->type == JSON_NEGATIVE)
		return error && -(int64_t)v->u <= 4095 ? true : fault(raw, "errno");
	if (v->type == JSON_NULL)
		return error ? true : fault(raw, "errno");
	return !error && !v->u ? true : fault(raw, "errno");
}

static bool rebuild_form(struct raw *raw, struct rec_rebuild *r, uint64_t ts_ns)
{
	const struct json_value *stamp = &raw->v[F_TOP_version_stamped];
	bool stored;
	int outcome;

	if (!need(raw, need_rebuild) || !dir_form(raw, &r->dir) || !task_form(raw, &r->task, need_task))
		return false;
	outcome = word(raw, F_TOP_outcome, outcome_word, OUTCOME_ERROR + 1);
	if (outcome < 0)
		return fault(raw, "outcome");
	r->outcome = outcome;
	stored = outcome == OUTCOME_STORED;
	if (raw->v[F_TOP_version_read].type == JSON_NULL)
		return fault(raw, "version_read");
	r->version_read = raw->v[F_TOP_version_read].u;
	r->version_at_store = raw->v[F_TOP_version_at_store].u;
	r->reads = (uint32_t)number_or(raw, F_TOP_reads, 1);
	r->impure_cleared = raw__has(raw, F_TOP_impure_cleared) &&
			    raw->v[F_TOP_impure_cleared].type == JSON_TRUE;
	if (r->impure_cleared && outcome != OUTCOME_EMPTY)
		return fault(raw, "impure_cleared");
	if ((stamp->type == JSON_UNSIGNED) != stored)
		return fault(raw, "version_stamped");
	if (raw->v[F_TOP_entries].u > UINT32_MAX || (!stored && raw->v[F_TOP_entries].u))
		return fault(raw, "entries");
	r->entries = (uint32_t)raw->v[F_TOP_entries].u;
	r->version_stamped = stored ? stamp->u : 0;
	r->cache = r->overwritten = 0;
	if (stored && !need(raw, need_stored))
		return false;
	if (stored && (!raw__address(raw, F_TOP_cache, &r->cache) || !r->cache))
		return fault(raw, "cache");
	if (stored && !raw__address(raw, F_TOP_slot_before, &r->overwritten))
		return fault(raw, "slot_before");
	return errno_form(raw, r) && rebuild_times(raw, r, ts_ns);
}

static bool modify_form(struct raw *raw, struct rec_modify *m)
{
	int op, moved = -1;

	if (!need(raw, need_modify) || !dir_form(raw, &m->dir) || !task_form(raw, &m->task, need_task))
		return false;
	m->version_before = raw->v[F_TOP_version_before].u;
	m->version_after = raw->v[F_TOP_version_after].u;
	if (m->version_after <= m->version_before)
		return fault(raw, "version_after");
	op = word(raw, F_TOP_op, op_word, OVLW_OP_COUNT);
	if (op < 0)
		return fault(raw, "op");
	m->op = op;
	if (raw__has(raw, F_TOP_moved)) {
		moved = word(raw, F_TOP_moved, moved_word, 2);
		if (moved < 0)
			return fault(raw, "moved");
	}
	m->moved = moved < 0 ? OVLW_MOVED_WITHIN : moved ? OVLW_MOVED_IN : OVLW_MOVED_OUT;
	m->name = m->name2 = "";
	if (raw__has(raw, F_TOP_name) && raw->v[F_TOP_name].type == JSON_STRING)
		m->name = raw__string(raw, F_TOP_name, F_TOP_name_b64);
	if (raw__has(raw, F_TOP_new_name))
		m->name2 = raw__string(raw, F_TOP_new_name, F_TOP_new_name_b64);
	return m->name && m->name2 ? true : fault(raw, "name");
}

static bool incident_form(struct raw *raw, struct rec_incident *in)
{
	int what;

	if (!need(raw, need_incident) || !dir_form(raw, &in->dir) || !task_form(raw, &in->task, need_task))
		return false;
	what = word(raw, F_TOP_what, what_word, OVLW_WHATS);
	if (what < 0)
		return fault(raw, "what");
	in->what = what;
	in->cache = 0;
	in->refcount = raw__has(raw, F_TOP_refcount) ? (int64_t)raw->v[F_TOP_refcount].u : 0;
	in->value = 0;
	in->name = "";
	if (raw__has(raw, F_TOP_cache) && !raw__address(raw, F_TOP_cache, &in->cache))
		return fault(raw, "cache");
	if (raw__has(raw, F_TOP_value)) {
		int64_t value = (int64_t)raw->v[F_TOP_value].u;

		if (value < INT32_MIN || value > INT32_MAX)
			return fault(raw, "value");
		in->value = (int32_t)value;
	} else if (what == OVLW_BAD_RETURN) {
		return fault(raw, "value");
	}
	if (raw__has(raw, F_TOP_name) && raw->v[F_TOP_name].type == JSON_STRING)
		in->name = raw__string(raw, F_TOP_name, F_TOP_name_b64);
	return in->name ? true : fault(raw, "name");
}

static bool finding_form(struct raw *raw, struct rec_finding *f, uint64_t ts_ns)
{
	int kind, exact;

	if (!need(raw, need_finding) || !dir_form(raw, &f->dir) || !task_form(raw, &f->task, need_task))
		return false;
	kind = word(raw, F_TOP_kind, kind_word, FINDING_KINDS);
	exact = word(raw, F_TOP_confidence, confidence_word, 2);
	f->text = raw__string(raw, F_TOP_text, F_TOP_text_b64);
	if (kind < 0 || exact < 0 || !f->text || !*f->text)
		return fault(raw, kind < 0 ? "kind" : exact < 0 ? "confidence" : "text");
	f->kind = kind;
	f->exact = exact;
	f->at_ns = number_or(raw, F_TOP_at_ns, ts_ns);
	if (f->at_ns > ts_ns)
		return fault(raw, "at_ns");
	f->test = raw__has(raw, F_TOP_test) ? raw__string(raw, F_TOP_test, F_TOP_test_b64) : NULL;
	if (raw__has(raw, F_TOP_test) && !f->test)
		return fault(raw, "test");
	memcpy(f->evidence, raw->evidence, raw->nevidence * sizeof(raw->evidence[0]));
	f->nevidence = raw->nevidence;
	return true;
}

static bool stale_end_form(struct raw *raw, struct rec_stale_end *e, uint64_t ts_ns)
{
	int how;

	if (!need(raw, need_stale_end) || !dir_form(raw, &e->dir))
		return false;
	how = word(raw, F_TOP_how, how_word, STALE_END_TRACE + 1);
	if (how < 0)
		return fault(raw, "how");
	e->how = how;
	if (raw->v[F_TOP_stored_ns].type == JSON_NULL)
		return fault(raw, "stored_ns");
	e->finding = raw->v[F_TOP_finding].u;
	e->stored_ns = raw->v[F_TOP_stored_ns].u;
	return e->stored_ns <= ts_ns ? true : fault(raw, "stored_ns");
}

static uint64_t count(const struct raw *raw, enum raw_field f)
{
	return !raw__has(raw, f) || raw->v[f].type == JSON_NULL ? COUNT_UNSEEN : raw->v[f].u;
}

bool raw__actor(struct raw *raw, bool rebuilder)
{
	size_t *n = rebuilder ? &raw->nrebuilders : &raw->ninvalidators;
	struct rec_actor *a = rebuilder ? &raw->rebuilder[*n] : &raw->invalidator[*n];
	int op = 0;

	if (*n == RECORD_MAX_ACTORS || !need(raw, rebuilder ? need_rebuilder : need_invalidator) ||
	    !task_form(raw, &a->task, need_actor_task))
		return false;
	if (!rebuilder)
		op = word(raw, F_ACTOR_op, op_word, OVLW_OP_COUNT);
	if (op < 0)
		return false;
	a->op = op;
	a->count = raw->v[F_ACTOR_count].u;
	a->ns = rebuilder ? raw->v[F_ACTOR_ns].u : 0;
	++*n;
	return true;
}

static bool directory_sums(const struct rec_directory *d)
{
	uint64_t rebuilders = d->rebuilders_others, ns = 0;
	size_t i;

	for (i = 0; i < d->nrebuilders; i++) {
		rebuilders += d->rebuilders[i].count;
		ns += d->rebuilders[i].ns;
	}
	return d->hits + d->rebuilds <= d->readdirs && d->cold <= d->rebuilds &&
	       d->listings <= d->readdirs && rebuilders == d->rebuilds && ns <= d->rebuild_ns &&
	       d->max_rebuild_ns <= d->rebuild_ns &&
	       (d->lock_held_ns == COUNT_UNSEEN || d->lock_held_ns <= d->rebuild_ns);
}

static bool directory_form(struct raw *raw, struct rec_directory *d)
{
	static const char *const kinds[] = { "impure", "merged" };
	const struct json_value *kind = &raw->v[F_TOP_kind];

	if (!need(raw, need_directory) || !dir_form(raw, &d->dir))
		return false;
	d->merged = kind->len == 6 && !memcmp(kind->s, kinds[1], 6);
	if (kind->len != 6 || memcmp(kind->s, kinds[d->merged], 6))
		return fault(raw, "kind");
	d->listings = raw->v[F_TOP_listings].u;
	d->readdirs = raw->v[F_TOP_readdirs].u;
	d->hits = raw->v[F_TOP_hits].u;
	d->rebuilds = raw->v[F_TOP_rebuilds].u;
	d->cold = raw->v[F_TOP_cold].u;
	d->rebuild_ns = raw->v[F_TOP_rebuild_ns].u;
	d->max_rebuild_ns = raw->v[F_TOP_max_rebuild_ns].u;
	d->lock_held_ns = count(raw, F_TOP_lock_held_ns);
	d->entries = raw->v[F_TOP_entries].u;
	d->bytes = count(raw, F_TOP_bytes);
	d->modifications = count(raw, F_TOP_modifications);
	d->sees_invalidations = raw->v[F_TOP_invalidations].type != JSON_NULL ||
				d->modifications != COUNT_UNSEEN;
	d->invalidators = raw->invalidator;
	d->ninvalidators = raw->ninvalidators;
	d->invalidators_others = raw->v[F_TOP_invalidators_others].u;
	d->rebuilders = raw->rebuilder;
	d->nrebuilders = raw->nrebuilders;
	d->rebuilders_others = raw->v[F_TOP_rebuilders_others].u;
	return directory_sums(d) ? true : fault(raw, "rebuilds");
}

static bool test_form(struct raw *raw, struct rec_test *t, uint64_t ts_ns)
{
	int source, event, result = 0;

	if (!need(raw, need_test))
		return false;
	source = word(raw, F_TOP_source, source_word, TEST_SOURCES);
	event = word(raw, F_TOP_event, test_event_word, 2);
	if (source < 0 || event < 0)
		return fault(raw, source < 0 ? "source" : "event");
	t->name = raw__string(raw, F_TOP_name, F_TOP_name_b64);
	if (!t->name || !*t->name)
		return fault(raw, "name");
	t->source = source;
	t->ended = event;
	t->begin_ns = raw->v[F_TOP_begin_ns].u;
	if (t->ended && !need(raw, need_test_end))
		return false;
	t->end_ns = t->ended ? raw->v[F_TOP_end_ns].u : 0;
	if (t->begin_ns > ts_ns || (t->ended && (t->end_ns < t->begin_ns || t->end_ns > ts_ns)))
		return fault(raw, "end_ns");
	if (t->ended && raw->v[F_TOP_result].type == JSON_STRING)
		result = word(raw, F_TOP_result, result_word, TEST_RESULTS);
	t->result = result > 0 ? result : TEST_RESULT_UNKNOWN;
	return result < 0 ? fault(raw, "result") : true;
}

static const uint8_t need_merged[] = {
	F_TOP_cache, F_TOP_stored_ns, F_TOP_freed_ns, F_TOP_version_read, F_TOP_version_stamped,
	F_TOP_entries, F_TOP_gets, F_TOP_puts, F_TOP_outdated, F_TOP_how, NONE,
};

WORDS(merged_word, merged_end, merged_end__name)

static uint64_t ns_or_0(const struct raw *raw, enum raw_field f)
{
	return raw->v[f].type == JSON_NULL ? 0 : raw->v[f].u;
}

static bool merged_form(struct raw *raw, struct rec_merged *mc, uint64_t ts_ns)
{
	int how;

	if (!need(raw, need_merged) || !dir_form(raw, &mc->dir) || !task_form(raw, &mc->task, need_task))
		return false;
	memset((char *)mc + offsetof(struct rec_merged, cache), 0,
	       sizeof(*mc) - offsetof(struct rec_merged, cache));
	how = word(raw, F_TOP_how, merged_word, MERGED_END_UNKNOWN + 1);
	if (how < 0)
		return fault(raw, "how");
	mc->how = how;
	if (!raw__address(raw, F_TOP_cache, &mc->cache))
		return fault(raw, "cache");
	mc->stored_ns = ns_or_0(raw, F_TOP_stored_ns);
	mc->freed_ns = ns_or_0(raw, F_TOP_freed_ns);
	if (mc->stored_ns > ts_ns || mc->freed_ns > ts_ns ||
	    (mc->freed_ns && mc->stored_ns > mc->freed_ns))
		return fault(raw, "freed_ns");
	if ((how == MERGED_END_FREED) != (mc->freed_ns != 0))
		return fault(raw, "how");
	mc->version_known = raw->v[F_TOP_version_read].type != JSON_NULL;
	mc->version_read = mc->version_known ? raw->v[F_TOP_version_read].u : 0;
	if (raw->v[F_TOP_version_stamped].type == JSON_NULL)
		return fault(raw, "version_stamped");
	mc->version_stamped = raw->v[F_TOP_version_stamped].u;
	if (raw->v[F_TOP_entries].u > UINT32_MAX)
		return fault(raw, "entries");
	mc->entries = (uint32_t)raw->v[F_TOP_entries].u;
	mc->gets = raw->v[F_TOP_gets].u;
	mc->puts = raw->v[F_TOP_puts].u;
	mc->outdated = raw->v[F_TOP_outdated].u;
	mc->miscounted = raw__has(raw, F_TOP_refcount) && raw__has(raw, F_TOP_streams);
	if (mc->miscounted) {
		mc->refcount = (int64_t)raw->v[F_TOP_refcount].u;
		mc->streams = (int64_t)raw->v[F_TOP_streams].u;
	}
	mc->freed_under = number_or(raw, F_TOP_freed_under, 0);
	mc->got_after_free = number_or(raw, F_TOP_got_after_free, 0);
	mc->cut = raw__has(raw, F_TOP_cut) && raw->v[F_TOP_cut].type == JSON_TRUE;
	return true;
}

static bool session_form(struct raw *raw, struct read_session *s)
{
	int drop = 0;

	if (!need(raw, need_session))
		return false;
	s->schema = raw__string(raw, F_TOP_schema, NONE);
	s->version = raw__string(raw, F_TOP_version, NONE);
	s->kernel = raw__string(raw, F_TOP_kernel, NONE);
	s->arch = raw__string(raw, F_TOP_arch, NONE);
	s->host = raw__has(raw, F_TOP_host) ? raw__string(raw, F_TOP_host, NONE) : NULL;
	if (!s->schema || !s->version || !s->kernel || !s->arch ||
	    (raw__has(raw, F_TOP_host) && !s->host))
		return fault(raw, "kernel");
	s->has_widen = raw__has(raw, F_TOP_widen);
	s->widen_us = s->has_widen ? (uint32_t)raw->v[F_TOP_widen].u : 0;
	s->widen_why = raw__has(raw, F_TOP_widen_why) ? raw__string(raw, F_TOP_widen_why, NONE) : "";
	if (!s->widen_why)
		return fault(raw, "widen_why");
	if (raw__has(raw, F_TOP_lock_drop))
		drop = word(raw, F_TOP_lock_drop, lock_drop_word, 3);
	if (drop < 0)
		return fault(raw, "lock_drop");
	s->lock_drop = drop;
	s->start_realtime_ns = raw->v[F_TOP_start_realtime_ns].u;
	s->has_complete = raw__has(raw, F_TOP_complete);
	s->complete = s->has_complete && raw->v[F_TOP_complete].type == JSON_TRUE;
	memcpy(s->cover, raw->session.cover, sizeof(s->cover));
	s->cover_seen = raw->session.cover_seen;
	return true;
}

static bool summary_form(struct raw *raw, struct read_summary *s)
{
	static const uint8_t kinds[FINDING_KINDS] = {
		F_COUNTS_stale_stores, F_COUNTS_unfreed_caches, F_COUNTS_stale_impure_clears,
		F_COUNTS_kind_mixes,   F_COUNTS_bad_returns,	F_COUNTS_lock_hazards,
		F_COUNTS_merged_leaks, F_COUNTS_merged_stales,	F_COUNTS_merged_refcounts,
	};
	struct rec_counts *c = &s->counts;
	bool order;
	int verdict, i;

	if (!need(raw, need_summary))
		return false;
	verdict = word(raw, F_TOP_verdict, verdict_word, VERDICT_INCONCLUSIVE + 1);
	if (verdict < 0)
		return fault(raw, "verdict");
	s->verdict = verdict;
	s->duration_ns = raw->v[F_TOP_duration_ns].u;
	s->has_command = raw->v[F_TOP_command_status].type != JSON_NULL;
	s->command_status = s->has_command ? (int)(raw->v[F_TOP_command_status].u & 0xff) : 0;
	order = raw__has(raw, F_TOP_copy_up_order) &&
		raw->v[F_TOP_copy_up_order].type == JSON_STRING;
	s->order = order ? word(raw, F_TOP_copy_up_order, order_word, COPY_UP_WRONG + 1) : 0;
	if (order && s->order <= COPY_UP_UNKNOWN)
		return fault(raw, "copy_up_order");
	memset(c, 0, sizeof(*c));
	c->rebuilds = count(raw, F_COUNTS_rebuilds);
	c->windows = count(raw, F_COUNTS_windows);
	c->stores = count(raw, F_COUNTS_stores);
	c->mods = count(raw, F_COUNTS_mods);
	c->superseded_stores = count(raw, F_COUNTS_superseded_stores);
	for (i = 0; i < FINDING_KINDS; i++)
		c->finding[i] = count(raw, kinds[i]);
	c->has_hits = raw__has(raw, F_COUNTS_readdirs) && raw__has(raw, F_COUNTS_hits);
	c->readdirs = count(raw, F_COUNTS_readdirs);
	c->hits = count(raw, F_COUNTS_hits);
	c->has_directories = raw__has(raw, F_COUNTS_untold_readdirs);
	c->merged_readdirs = count(raw, F_COUNTS_merged_readdirs);
	c->merged_hits = count(raw, F_COUNTS_merged_hits);
	c->untold_readdirs = number_or(raw, F_COUNTS_untold_readdirs, 0);
	c->has_merged = raw__has(raw, F_COUNTS_merged_stores);
	c->merged_stores = count(raw, F_COUNTS_merged_stores);
	c->merged_gets = count(raw, F_COUNTS_merged_gets);
	c->merged_puts = count(raw, F_COUNTS_merged_puts);
	c->merged_frees = count(raw, F_COUNTS_merged_frees);
	c->lost = raw->v[F_COUNTS_lost].u;
	c->partial = number_or(raw, F_COUNTS_partial_rebuilds, 0);
	memcpy(s->doubts, raw->summary.doubts, sizeof(s->doubts));
	s->unknown_doubts = raw->summary.unknown_doubts;
	c->doubts = s->unknown_doubts;
	for (i = 0; i < DOUBT_COUNT; i++)
		c->doubts += s->doubts[i];
	return true;
}

static bool form(struct raw *raw, struct record_read *out)
{
	struct ovl_record *rec = &out->rec;

	switch (rec->type) {
	case RECORD_SESSION:
		return session_form(raw, &out->session);
	case RECORD_REBUILD:
		return rebuild_form(raw, &rec->rebuild, rec->ts_ns);
	case RECORD_MODIFY:
		return modify_form(raw, &rec->modify);
	case RECORD_INCIDENT:
		return incident_form(raw, &rec->incident);
	case RECORD_FINDING:
		return finding_form(raw, &rec->finding, rec->ts_ns);
	case RECORD_STALE_END:
		return stale_end_form(raw, &rec->stale_end, rec->ts_ns);
	case RECORD_DIRECTORY:
		return directory_form(raw, &rec->directory);
	case RECORD_LOST:
		if (!need(raw, need_lost))
			return false;
		rec->lost.count = raw->v[F_TOP_count].u;
		rec->lost.where = raw__string(raw, F_TOP_where, NONE);
		return rec->lost.where && rec->lost.count ? true : fault(raw, "count");
	case RECORD_TEST:
		return test_form(raw, &rec->test, rec->ts_ns);
	case RECORD_SUMMARY:
		return summary_form(raw, &out->summary);
	case RECORD_MERGED_CACHE:
		return merged_form(raw, &rec->merged, rec->ts_ns);
	case RECORD_TYPES:
		break;
	}
	return false;
}

enum read_result raw__record(struct raw *raw, struct record_read *out)
{
	static const uint8_t need_all[] = { F_TOP_type, F_TOP_seq, F_TOP_ts_ns, NONE };
	const char *bad = raw->bad;
	int type;

	if (!need(raw, need_all) || bad) {
		out->what = bad ? bad : raw->bad;
		return READ_DAMAGED;
	}
	out->rec.seq = raw->v[F_TOP_seq].u;
	out->rec.ts_ns = raw->v[F_TOP_ts_ns].u;
	type = word(raw, F_TOP_type, type_word, RECORD_TYPES);
	if (type < 0) {
		out->what = raw__string(raw, F_TOP_type, NONE);
		return out->what ? READ_UNKNOWN : READ_DAMAGED;
	}
	out->rec.type = type;
	if (form(raw, out))
		return READ_OK;
	out->what = raw->bad;
	return READ_DAMAGED;
}
