// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/internal.h"
#include "util/log.h"
#include "util/saturate.h"
#include "util/version.h"

struct replay *replay__new(void)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->reader = record_reader__new();
	r->evidence = evidence__new();
	if (!r->reader || !r->evidence) {
		replay__free(r);
		return NULL;
	}
	return r;
}

void replay__free(struct replay *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->nsinks; i++)
		r->sink[i]->free(r->sink[i]);
	record_reader__free(r->reader);
	evidence__free(r->evidence);
	free(r);
}

void replay__add_sink(struct replay *r, struct sink *sink)
{
	r->sink[r->nsinks++] = sink;
}

void replay__hash_addresses(struct replay *r, const struct address_key *key)
{
	r->hash = key;
}

void replay__emit(struct replay *r, const struct ovl_record *rec)
{
	size_t i;

	for (i = 0; i < r->nsinks; i++)
		r->sink[i]->record(r->sink[i], rec);
}

void replay__fault(struct replay *r, enum damage what, const char *fmt, ...)
{
	struct fault *f = &r->rec.fault[what];
	va_list ap;

	if (f->n++)
		return;
	f->line = r->line;
	va_start(ap, fmt);
	vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
}

static bool version_newer(const char *version)
{
	unsigned int a[3] = { 0 }, b[3] = { 0 };
	int i;

	if (sscanf(version, "%9u.%9u.%9u", &a[0], &a[1], &a[2]) != 3 ||
	    sscanf(OVLTRACE_VERSION, "%9u.%9u.%9u", &b[0], &b[1], &b[2]) != 3)
		return false;
	for (i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] > b[i];
	return false;
}

static void recording_open(struct replay *r)
{
	struct fault before[DAMAGES];

	/* damage before the first record is attributed to the first recording */
	memcpy(before, r->rec.fault, sizeof(before));
	memset(&r->rec, 0, sizeof(r->rec));
	if (!r->total.recordings)
		memcpy(r->rec.fault, before, sizeof(before));
	r->rec.open = r->rec.readable = true;
	r->total.recordings++;
	evidence__reset(r->evidence);
	memset(r->cover, 0, sizeof(r->cover));
	memset(&r->session, 0, sizeof(r->session));
	r->session.cover = r->cover;
	r->start_ns = 0;
	r->nremarks = 0;
}

/* A copy that lives as long as the session record. NULL stays NULL. */
static const char *keep(char *to, size_t size, const char *from)
{
	if (from)
		snprintf(to, size, "%s", from);
	return from ? to : NULL;
}

static void session_keep(struct replay *r, const struct rec_session *s)
{
	r->session = *s;
	r->session.schema = OVLTRACE_SCHEMA;
	r->session.version = keep(r->version, sizeof(r->version), s->version);
	r->session.kernel = keep(r->kernel, sizeof(r->kernel), s->kernel);
	r->session.arch = keep(r->arch, sizeof(r->arch), s->arch);
	r->session.host = keep(r->host, sizeof(r->host), s->host);
	r->session.follow_why = keep(r->follow_why, sizeof(r->follow_why), s->follow_why);
	r->session.command_line = keep(r->command_line, sizeof(r->command_line), s->command_line);
	r->session.hold_why = keep(r->hold_why, sizeof(r->hold_why), s->hold_why);
	r->session.proof.why = keep(r->proof_why, sizeof(r->proof_why), s->proof.why);
	if (s->cover)
		memcpy(r->cover, s->cover, sizeof(r->cover));
	r->session.cover = r->cover;
}

static void session_emit(struct replay *r, uint64_t seq, uint64_t ts_ns)
{
	struct ovl_record rec = {
		.type = RECORD_SESSION, .seq = seq, .ts_ns = ts_ns, .session = r->session
	};

	replay__emit(r, &rec);
}

static void session_take(struct replay *r, const struct rec_session *s)
{
	uint32_t needed = 0;
	int i;
	size_t schema = strlen(OVLTRACE_SCHEMA);

	r->rec.newer = version_newer(s->version);
	if (!strncmp(s->schema, OVLTRACE_SCHEMA ".", schema + 1)) {
		r->rec.newer = true;
	} else if (strcmp(s->schema, OVLTRACE_SCHEMA)) {
		r->rec.readable = false;
		snprintf(r->unreadable, sizeof(r->unreadable),
			 "line %" PRIu64 ": schema '%.60s', but this version reads %s; use a newer "
			 "ovltrace",
			 r->line, quoted(s->schema), OVLTRACE_SCHEMA);
	}
	session_keep(r, s);
	r->rec.counts.has_merged = s->merged;
	/* older versions have only these; readdirs are counted on demand */
	for (i = 0; i < EVENTS; i++)
		needed |= (uint32_t)(logical_event__need(i) <= NEED_DETAIL) << i;
	if (~s->covered & needed)
		replay__fault(r, DAMAGE_FIELD, "'coverage' of the session has gaps");
}

/* The file begins in the middle of a recording. */
static void session_absent(struct replay *r, const struct ovl_record *rec)
{
	static const struct rec_session unknown = {
		.version = "0.0.0", .kernel = "unknown", .arch = "unknown", .hold_why = ""
	};

	recording_open(r);
	replay__fault(r, DAMAGE_NO_SESSION, "the first record is number %" PRIu64, rec->seq);
	session_keep(r, &unknown);
	r->rec.seq = rec->seq - 1;
	r->start_ns = r->rec.ts_ns = rec->ts_ns;
	session_emit(r, 0, rec->ts_ns);
}

static void order(struct replay *r, const struct ovl_record *rec)
{
	struct recording *rc = &r->rec;
	uint64_t missing;

	if (rc->at_part && rec->type != RECORD_SESSION) {
		/* removed by rotation: no damage, but the verdict is not clean */
		rc->at_part = false;
		rc->absent = rec->seq > 2 ? rec->seq - 2 : 0;
		rc->seq = rec->seq - 1;
	}
	if (rec->seq <= rc->seq) {
		replay__fault(r, DAMAGE_ORDER, "record %" PRIu64 " after %" PRIu64, rec->seq,
			      rc->seq);
	} else if (rec->seq != rc->seq + 1) {
		missing = rec->seq - rc->seq - 1;
		/* unreadable lines have been reported already */
		if (missing > rc->bad_since) {
			replay__fault(r, DAMAGE_MISSING, "%" PRIu64 " records before %" PRIu64,
				      missing, rec->seq);
			saturate__add(&rc->fault[DAMAGE_MISSING].n, missing - rc->bad_since - 1);
		}
	}
	if (rec->ts_ns < rc->ts_ns)
		replay__fault(r, DAMAGE_TIME, "by %" PRIu64 " ns", rc->ts_ns - rec->ts_ns);
	rc->bad_since = 0;
	rc->seq = rec->seq;
	if (rec->ts_ns > rc->ts_ns)
		rc->ts_ns = rec->ts_ns;
	rc->records++;
}

/* Emits the kept copy, because a session record must outlive its line. */
static bool on_session(struct replay *r, const struct ovl_record *rec)
{
	session_take(r, &rec->session);
	r->start_ns = rec->ts_ns;
	r->rec.first_part = rec->session.part;
	r->rec.at_part = rec->session.part > 1;
	/* no summary will follow the session of an unreadable recording */
	if (r->rec.readable)
		session_emit(r, rec->seq, rec->ts_ns);
	return false;
}

static bool on_directory(struct replay *r, const struct ovl_record *rec)
{
	const struct rec_directory *d = &rec->directory;

	saturate__add(&r->rec.dir_readdirs[d->merged], d->readdirs);
	saturate__add(&r->rec.dir_hits[d->merged], d->hits);
	return true;
}

static bool on_lost(struct replay *r, const struct ovl_record *rec)
{
	saturate__add(&r->rec.counts.lost, rec->lost.count);
	return true;
}

/* Emitted by close__recording(), after the last record. */
static bool on_summary(struct replay *r, const struct ovl_record *rec)
{
	r->rec.has_summary = true;
	r->rec.summary = rec->summary;
	r->rec.summary_seq = rec->seq;
	return false;
}

/* By record type: judges a record. False: do not emit it. */
static bool (*const handlers[RECORD_TYPES])(struct replay *r, const struct ovl_record *rec) = {
	[RECORD_SESSION] = on_session,	       [RECORD_REBUILD] = judge__rebuild,
	[RECORD_INCIDENT] = judge__incident,   [RECORD_FINDING] = judge__finding,
	[RECORD_STALE_END] = judge__stale_end, [RECORD_MERGED_CACHE] = judge__merged,
	[RECORD_DIRECTORY] = on_directory,     [RECORD_LOST] = on_lost,
	[RECORD_SUMMARY] = on_summary,
};

static void on_record(struct replay *r)
{
	const struct ovl_record *rec = &r->in.rec;
	bool emit;

	if (rec->type != RECORD_FINDING && r->rec.npending)
		judge__unreported(r);
	emit = !handlers[rec->type] || handlers[rec->type](r, rec);
	evidence__note(r->evidence, rec);
	if (emit)
		replay__emit(r, rec);
}

static void unknown_type(struct replay *r)
{
	struct recording *rc = &r->rec;

	if (!rc->newer) {
		replay__fault(r, DAMAGE_TYPE, "'%.60s'", r->in.what);
		return;
	}
	if (!rc->unknown_types++)
		snprintf(rc->unknown_type, sizeof(rc->unknown_type), "%s", r->in.what);
}

static void bad_line(struct replay *r, enum damage what, const char *detail)
{
	r->rec.bad_since++;
	replay__fault(r, what, "%s", detail);
}

/* The session record that each further part of a rotated recording begins with. */
static bool continues(const struct replay *r, const struct ovl_record *rec)
{
	return rec->session.part > 1 && r->rec.open && r->session.part &&
	       rec->session.start_realtime_ns == r->session.start_realtime_ns &&
	       rec->ts_ns == r->start_ns;
}

static void good_line(struct replay *r, enum read_result result)
{
	struct ovl_record *rec = &r->in.rec;
	bool session = result == READ_OK && rec->type == RECORD_SESSION;

	if (session && continues(r, rec))
		return;
	if (session && r->rec.open)
		close__recording(r);
	if (session)
		recording_open(r);
	else if (!r->rec.open)
		session_absent(r, rec);
	else if (r->rec.has_summary)
		replay__fault(r, DAMAGE_AFTER_SUMMARY, "record %" PRIu64, rec->seq);
	order(r, rec);
	if (result == READ_UNKNOWN)
		unknown_type(r);
	else if (r->rec.readable)
		on_record(r);
}

void replay__line(struct replay *r, char *line, size_t len, bool ended)
{
	enum read_result result;

	r->line++;
	result = record_reader__line(r->reader, line, len, &r->in);
	if (result == READ_OK && r->hash)
		record__hash_addresses(&r->in.rec, r->hash);
	switch (result) {
	case READ_OK:
	case READ_UNKNOWN:
		good_line(r, result);
		break;
	case READ_NOT_JSON:
		bad_line(r, ended ? DAMAGE_NOT_JSON : DAMAGE_CUT, "");
		break;
	case READ_NO_MEMORY:
		bad_line(r, DAMAGE_INPUT, "out of memory");
		break;
	case READ_DAMAGED:
		bad_line(r, ended ? DAMAGE_FIELD : DAMAGE_CUT, r->in.what);
		break;
	}
}

void replay__too_long(struct replay *r)
{
	r->line++;
	bad_line(r, DAMAGE_LONG, "");
}

void replay__end(struct replay *r, const char *why)
{
	if (why && r->rec.open)
		replay__fault(r, DAMAGE_INPUT, "%s", why);
	if (r->rec.open)
		close__recording(r);
	if (!r->total.recordings && !r->unreadable[0])
		snprintf(r->unreadable, sizeof(r->unreadable), "%s%s",
			 why	 ? why :
			 r->line ? "it has no records of ovltrace" :
				   "it is empty",
			 why ? "" : "; pass a file that 'ovltrace run -o' wrote");
}

void replay__total(const struct replay *r, struct replay_total *total)
{
	*total = r->total;
	total->lines = r->line;
	total->unreadable = r->unreadable[0] ? r->unreadable : NULL;
}
