// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/internal.h"
#include "util/version.h"

struct replay *replay__new(const struct session_info **info)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->reader = record_reader__new();
	r->evidence = evidence__new();
	r->plan = calloc(1, sizeof(*r->plan));
	if (!r->reader || !r->evidence || !r->plan) {
		replay__free(r);
		return NULL;
	}
	r->info.plan = r->plan;
	r->info.remarks = r->remarks;
	r->info.total = &r->total.counts;
	*info = &r->info;
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
	free(r->plan);
	free(r);
}

void replay__add_sink(struct replay *r, struct sink *sink)
{
	r->sink[r->nsinks++] = sink;
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

	/* what was wrong before the first record is that recording's */
	memcpy(before, r->rec.fault, sizeof(before));
	memset(&r->rec, 0, sizeof(r->rec));
	if (!r->total.recordings)
		memcpy(r->rec.fault, before, sizeof(before));
	r->rec.open = r->rec.readable = true;
	r->total.recordings++;
	evidence__reset(r->evidence);
	memset(r->plan, 0, sizeof(*r->plan));
	memset(&r->info.counts, 0, sizeof(r->info.counts));
	r->info.start_ns = r->info.end_ns = r->info.start_realtime_ns = 0;
	r->info.has_command = r->info.has_widen = false;
	r->info.order = COPY_UP_UNKNOWN;
	r->info.nremarks = 0;
	r->info.inconsistencies = r->rec.summary.inconsistencies;
	r->info.host = NULL;
	r->info.version = r->version;
	r->info.kernel = r->kernel;
	r->info.arch = r->arch;
}

static void session_take(struct replay *r, const struct read_session *s)
{
	size_t schema = strlen(OVLTRACE_SCHEMA);

	r->rec.newer = version_newer(s->version);
	if (!strncmp(s->schema, OVLTRACE_SCHEMA ".", schema + 1)) {
		r->rec.newer = true;
	} else if (strcmp(s->schema, OVLTRACE_SCHEMA)) {
		r->rec.readable = false;
		snprintf(r->unreadable, sizeof(r->unreadable),
			 "line %" PRIu64 ": schema '%.40s', but this version reads %s; use a newer "
			 "ovltrace",
			 r->line, s->schema, OVLTRACE_SCHEMA);
	}
	snprintf(r->version, sizeof(r->version), "%s", s->version);
	snprintf(r->kernel, sizeof(r->kernel), "%s", s->kernel);
	snprintf(r->arch, sizeof(r->arch), "%s", s->arch);
	snprintf(r->host, sizeof(r->host), "%s", s->host ? s->host : "");
	r->info.host = s->host ? r->host : NULL;
	r->info.has_widen = s->has_widen;
	r->info.widen_us = s->widen_us;
	snprintf(r->widen_why, sizeof(r->widen_why), "%s", s->widen_why);
	r->info.widen_why = r->widen_why;
	r->info.start_realtime_ns = s->start_realtime_ns;
	r->plan->lock_drop = s->lock_drop;
	r->plan->layout_known = !s->has_complete || s->complete;
	memcpy(r->plan->cover, s->cover, sizeof(r->plan->cover));
	r->plan->merged = s->cover_seen >> EVENT_MERGED_STORED & 1;
	r->rec.counts.has_merged = r->plan->merged;
	/* older versions know no more than these, and readdirs are counted on demand */
	if (~s->cover_seen & ((1U << (EVENT_INODE_DESTROYED + 1)) - 1))
		replay__fault(r, DAMAGE_FIELD, "'coverage' of the session has gaps");
}

/* The file begins in the middle of a recording. */
static void session_absent(struct replay *r, const struct ovl_record *rec)
{
	struct ovl_record session = { .type = RECORD_SESSION, .ts_ns = rec->ts_ns };

	recording_open(r);
	replay__fault(r, DAMAGE_NO_SESSION, "the first record is number %" PRIu64, rec->seq);
	snprintf(r->version, sizeof(r->version), "0.0.0");
	snprintf(r->kernel, sizeof(r->kernel), "unknown");
	snprintf(r->arch, sizeof(r->arch), "unknown");
	r->rec.seq = rec->seq - 1;
	r->info.start_ns = r->rec.ts_ns = rec->ts_ns;
	replay__emit(r, &session);
}

static void order(struct replay *r, const struct ovl_record *rec)
{
	struct recording *rc = &r->rec;
	uint64_t missing;

	if (rec->seq <= rc->seq) {
		replay__fault(r, DAMAGE_ORDER, "record %" PRIu64 " after %" PRIu64, rec->seq,
			      rc->seq);
	} else if (rec->seq != rc->seq + 1) {
		missing = rec->seq - rc->seq - 1;
		/* the lines that could not be read are said already */
		if (missing > rc->bad_since) {
			replay__fault(r, DAMAGE_MISSING, "%" PRIu64 " records before %" PRIu64,
				      missing, rec->seq);
			rc->fault[DAMAGE_MISSING].n += missing - rc->bad_since - 1;
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

static void on_record(struct replay *r)
{
	const struct ovl_record *rec = &r->in.rec;
	bool tell = true;

	if (rec->type != RECORD_FINDING && r->rec.npending)
		judge__unreported(r);
	switch (rec->type) {
	case RECORD_SESSION:
		session_take(r, &r->in.session);
		r->info.start_ns = rec->ts_ns;
		break;
	case RECORD_REBUILD:
		judge__rebuild(r, rec);
		break;
	case RECORD_INCIDENT:
		judge__incident(r, rec);
		break;
	case RECORD_MERGED_CACHE:
		judge__merged(r, rec);
		break;
	case RECORD_FINDING:
		tell = judge__finding(r, rec);
		break;
	case RECORD_STALE_END:
		judge__stale_end(r, rec);
		break;
	case RECORD_DIRECTORY:
		r->rec.dir_readdirs[rec->directory.merged] += rec->directory.readdirs;
		r->rec.dir_hits[rec->directory.merged] += rec->directory.hits;
		break;
	case RECORD_LOST:
		r->rec.counts.lost += rec->lost.count;
		break;
	case RECORD_SUMMARY:
		/* told when it is known that nothing comes after it */
		r->rec.has_summary = true;
		r->rec.summary = r->in.summary;
		r->rec.summary_seq = rec->seq;
		r->rec.summary_ts = rec->ts_ns;
		tell = false;
		break;
	default:
		break;
	}
	evidence__note(r->evidence, rec);
	if (tell)
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

static void good_line(struct replay *r, enum read_result result)
{
	struct ovl_record *rec = &r->in.rec;
	bool session = result == READ_OK && rec->type == RECORD_SESSION;

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
	switch (result) {
	case READ_OK:
	case READ_UNKNOWN:
		good_line(r, result);
		break;
	case READ_NOT_JSON:
		bad_line(r, ended ? DAMAGE_NOT_JSON : DAMAGE_CUT, "");
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
			 r->line ? "it has no record of ovltrace" :
				   "it is empty",
			 why ? "" : "; give it what 'ovltrace run -o' wrote");
}

void replay__total(const struct replay *r, struct replay_total *total)
{
	*total = r->total;
	total->lines = r->line;
	total->unreadable = r->unreadable[0] ? r->unreadable : NULL;
}
