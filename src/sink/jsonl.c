// SPDX-License-Identifier: GPL-2.0-only
/* Schema "ovltrace/1": see docs/json.md. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/write.h"
#include "sink/sink.h"

enum {
	FLUSH_BYTES = 64 << 10,
};

struct jsonl {
	struct sink sink;
	struct json j;
	int fd;
	int err; /* the first write error; nothing is written after it */
	bool told;
};

static void flush(struct jsonl *s)
{
	size_t off = 0, line = 0;

	if (s->j.failed && !s->err)
		s->err = -ENOMEM;
	while (!s->err && off < s->j.len) {
		ssize_t n = write(s->fd, s->j.buf + off, s->j.len - off);

		if (n >= 0)
			off += n;
		else if (errno != EINTR)
			s->err = -errno;
	}
	if (s->err && off) {
		/* leave complete lines only, where a file can be cut */
		struct stat st;
		char *end;

		end = memrchr(s->j.buf, '\n', off);
		line = end ? (size_t)(end + 1 - s->j.buf) : 0;
		if (!fstat(s->fd, &st) && S_ISREG(st.st_mode) &&
		    st.st_size >= (off_t)(off - line) &&
		    ftruncate(s->fd, st.st_size - (off_t)(off - line)))
			s->err = -errno;
	}
	s->j.len = 0;
}

static void session_write(struct json *j, const struct rec_session *s)
{
	enum logical_event gap;

	json__word(j, "schema", s->schema);
	json__word(j, "version", s->version);
	json__str(j, "kernel", s->kernel);
	json__str(j, "arch", s->arch);
	if (s->host)
		json__str(j, "host", s->host);
	json__u64(j, "start_realtime_ns", s->start_realtime_ns);
	json__word(j, "lock_drop", lock_drop__name(s->lock_drop));
	json__bool(j, "complete", rec_session__complete(s, &gap));
	json__open(j, "proof", '{');
	json__word(j, "result", proof_state__name(s->proof.result));
	json__str(j, "why", s->proof.result == PROOF_NOT_RUN ? s->proof.why : NULL);
	json__u64(j, "duration_ns", s->proof.duration_ns);
	json__close(j, '}');
	if (s->has_hold)
		json__u64(j, "widen", s->hold_us);
	if (s->has_hold && !s->hold_us)
		json__str(j, "widen_why", s->hold_why);
	json__coverage(j, s->cover, s->merged);
}

static void rebuild_write(struct json *j, const struct rec_rebuild *r)
{
	bool stored = r->outcome == OUTCOME_STORED;
	size_t i;

	json__dir(j, &r->dir);
	json__task(j, &r->task);
	json__u64(j, "begin_ns", r->begin_ns);
	json__u64(j, "end_ns", r->end_ns);
	json__u64(j, "version_read", r->version_read);
	json__u64(j, "version_at_store", r->version_at_store);
	if (stored) {
		json__u64(j, "version_stamped", r->version_stamped);
		json__u64(j, "entries", r->entries);
		json__hex(j, "cache", r->cache);
		json__hex(j, "slot_before", r->overwritten);
	} else {
		json__null(j, "version_stamped");
		json__u64(j, "entries", 0);
	}
	json__u64(j, "reads", r->reads);
	json__open(j, "windows", '[');
	for (i = 0; i < r->nwindows; i++) {
		const struct rec_window *w = &r->windows[i];

		json__open(j, NULL, '{');
		json__u64(j, "drop_ns", w->drop_ns);
		json__u64(j, "retake_ns", w->retake_ns);
		json__u64(j, "wait_ns", w->wait_ns);
		json__u64(j, "version_drop", w->version_drop);
		json__u64(j, "version_retake", w->version_retake);
		json__close(j, '}');
	}
	json__close(j, ']');
	json__u64(j, "mods_in_window", r->mods_in_window);
	json__word(j, "outcome", rebuild_outcome__name(r->outcome));
	if (r->outcome == OUTCOME_ERROR && !r->err)
		json__null(j, "errno");
	else
		json__i64(j, "errno", r->err);
	if (r->err_inferred)
		json__word(j, "errno_confidence", "inferred");
	json__bool(j, "impure_cleared", r->impure_cleared);
}

static void modify_write(struct json *j, const struct rec_modify *m)
{
	json__dir(j, &m->dir);
	json__task(j, &m->task);
	json__u64(j, "version_before", m->version_before);
	json__u64(j, "version_after", m->version_after);
	json__word(j, "op", ovlw_op__name(m->op));
	if (m->moved != OVLW_MOVED_WITHIN)
		json__word(j, "moved", m->moved == OVLW_MOVED_OUT ? "out" : "in");
	json__str(j, "name", *m->name ? m->name : NULL);
	if (*m->name2)
		json__str(j, "new_name", m->name2);
}

static void test_write(struct json *j, const struct rec_test *t)
{
	json__str(j, "name", t->name);
	json__word(j, "source", test_source__name(t->source));
	json__word(j, "event", t->ended ? "end" : "begin");
	json__u64(j, "begin_ns", t->begin_ns);
	if (t->ended)
		json__u64(j, "end_ns", t->end_ns);
	if (t->ended)
		json__str(j, "result", test_result__name(t->result));
}

static void incident_write(struct json *j, const struct rec_incident *in)
{
	json__word(j, "incident", ovlw_what__name(in->what));
	json__dir(j, &in->dir);
	json__task(j, &in->task);
	if (in->cache) {
		json__hex(j, "cache", in->cache);
		json__i64(j, "refcount", in->refcount);
	}
	if (in->what == OVLW_BAD_RETURN)
		json__i64(j, "value", in->value);
	if (in->what == OVLW_MISSED_INVALIDATION)
		json__word(j, "op", ovlw_op__name(in->op));
	if (in->what == OVLW_LOCKED_LOOKUP || in->what == OVLW_MISSED_INVALIDATION)
		json__str(j, "name", *in->name ? in->name : NULL);
}

static void ns_or_null(struct json *j, const char *key, uint64_t ns)
{
	if (ns)
		json__u64(j, key, ns);
	else
		json__null(j, key);
}

static void merged_write(struct json *j, const struct rec_merged *mc)
{
	json__dir(j, &mc->dir);
	json__task(j, &mc->task);
	json__hex(j, "cache", mc->cache);
	ns_or_null(j, "stored_ns", mc->stored_ns);
	ns_or_null(j, "freed_ns", mc->freed_ns);
	if (mc->version_known)
		json__u64(j, "version_read", mc->version_read);
	else
		json__null(j, "version_read");
	json__u64(j, "version_stamped", mc->version_stamped);
	json__u64(j, "entries", mc->entries);
	json__u64(j, "gets", mc->gets);
	json__u64(j, "puts", mc->puts);
	json__u64(j, "outdated", mc->outdated);
	if (mc->miscounted) {
		json__i64(j, "refcount", mc->refcount);
		json__i64(j, "streams", mc->streams);
	}
	if (mc->freed_under)
		json__u64(j, "freed_under", mc->freed_under);
	if (mc->got_after_free)
		json__u64(j, "got_after_free", mc->got_after_free);
	json__word(j, "end", merged_end__name(mc->how));
	if (mc->cut)
		json__bool(j, "cut", true);
}

static void summary_write(struct json *j, const struct rec_summary *s)
{
	json__u64(j, "duration_ns", s->duration_ns);
	json__word(j, "verdict", verdict__name(s->verdict));
	if (s->has_command)
		json__i64(j, "command_status", s->command_status);
	else
		json__null(j, "command_status");
	json__str(j, "copy_up_order", s->order ? copy_up_order__name(s->order) : NULL);
	json__counts(j, &s->counts);
	if (s->has_hold) {
		json__open(j, "widened", '{');
		json__u64(j, "waits", s->hold_waits);
		json__u64(j, "timed_out", s->hold_timed_out);
		json__u64(j, "waited_ns", s->hold_waited_ns);
		json__close(j, '}');
	}
	json__inconsistencies(j, s->inconsistencies);
}

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct jsonl *s = (struct jsonl *)sink;
	struct json *j = &s->j;

	if (s->err)
		return;
	json__open(j, NULL, '{');
	json__word(j, "type", record_type__name(rec->type));
	json__u64(j, "seq", rec->seq);
	json__u64(j, "ts_ns", rec->ts_ns);
	switch (rec->type) {
	case RECORD_SESSION:
		session_write(j, &rec->session);
		break;
	case RECORD_REBUILD:
		rebuild_write(j, &rec->rebuild);
		break;
	case RECORD_MODIFY:
		modify_write(j, &rec->modify);
		break;
	case RECORD_INCIDENT:
		incident_write(j, &rec->incident);
		break;
	case RECORD_FINDING:
		json__finding(j, &rec->finding);
		break;
	case RECORD_STALE_END:
		json__dir(j, &rec->stale_end.dir);
		json__u64(j, "finding", rec->stale_end.finding);
		json__u64(j, "stored_ns", rec->stale_end.stored_ns);
		json__word(j, "end", stale_end__name(rec->stale_end.how));
		break;
	case RECORD_DIRECTORY:
		json__directory(j, &rec->directory);
		break;
	case RECORD_LOST:
		json__u64(j, "count", rec->lost.count);
		json__word(j, "where", rec->lost.where);
		break;
	case RECORD_TEST:
		test_write(j, &rec->test);
		break;
	case RECORD_MERGED_CACHE:
		merged_write(j, &rec->merged);
		break;
	case RECORD_SUMMARY:
		summary_write(j, &rec->summary);
		break;
	case RECORD_TYPES:
		break;
	}
	json__close(j, '}');
	json__newline(j);
	if (j->len >= FLUSH_BYTES)
		flush(s);
}

static int tick(struct sink *sink, const struct rec_counts *counts, uint64_t now_ns)
{
	struct jsonl *s = (struct jsonl *)sink;

	(void)counts;
	(void)now_ns;
	flush(s);
	if (!s->err || s->told)
		return 0;
	s->told = true;
	return s->err;
}

static void jsonl_free(struct sink *sink)
{
	struct jsonl *s = (struct jsonl *)sink;

	json__deinit(&s->j);
	free(s);
}

struct sink *sink_jsonl__new(int fd)
{
	struct jsonl *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->sink.record = record;
	s->sink.tick = tick;
	s->sink.free = jsonl_free;
	s->fd = fd;
	return &s->sink;
}
