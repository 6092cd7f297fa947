// SPDX-License-Identifier: GPL-2.0-only
/* The record `session`: its writer and its reader. */
#include <string.h>

#include "record/internal.h"
#include "record/write.h"

static const uint8_t need_session[] = { F_TOP_schema, F_TOP_version,	       F_TOP_kernel,
					F_TOP_arch,   F_TOP_start_realtime_ns, F_TOP_coverage,
					NONE };
static const uint8_t need_proof[] = { F_PROOF_result, F_PROOF_why, F_PROOF_duration_ns, NONE };

WORDS(lock_drop_word, lock_drop, lock_drop__name)
WORDS(proof_word, proof_state, proof_state__name)

void json__session(struct json *j, const struct rec_session *s)
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
	if (s->part)
		json__u64(j, "part", s->part);
	if (s->addresses_hashed)
		json__bool(j, "addresses_hashed", true);
	if (s->stacks)
		json__bool(j, "stacks", true);
	if (s->command_line)
		json__str(j, "command_line", s->command_line);
	if (s->require_rebuilds)
		json__u64(j, "require_rebuilds", s->require_rebuilds);
	if (s->follow)
		json__bool(j, "follow", true);
	if (s->follow_why)
		json__str(j, "follow_why", s->follow_why);
	json__coverage(j, s->cover, s->merged);
}

static bool proof_form(struct raw *raw, struct rec_proof *p)
{
	int result;

	memset(p, 0, sizeof(*p));
	if (!raw__has(raw, F_TOP_proof))
		return true;
	if (!form__need(raw, need_proof))
		return false;
	result = form__word(raw, F_PROOF_result, proof_word, PROOF_NOT_EXERCISED + 1);
	p->result = result < 0 ? PROOF_NOT_RUN : result;
	p->duration_ns = raw->v[F_PROOF_duration_ns].u;
	if (raw->v[F_PROOF_why].type == JSON_NULL)
		return true;
	p->why = raw__string(raw, F_PROOF_why, NONE);
	return p->why ? true : form__fault(raw, "proof");
}

static bool hold_form(struct raw *raw, struct rec_session *s)
{
	s->has_hold = raw__has(raw, F_TOP_widen);
	if (s->has_hold && raw->v[F_TOP_widen].u > UINT32_MAX)
		return form__fault(raw, "widen");
	s->hold_us = s->has_hold ? (uint32_t)raw->v[F_TOP_widen].u : 0;
	s->hold_why = raw__has(raw, F_TOP_widen_why) ? raw__string(raw, F_TOP_widen_why, NONE) : "";
	return s->hold_why ? true : form__fault(raw, "widen_why");
}

bool form__session(struct raw *raw, struct rec_session *s)
{
	int drop = 0;

	if (!form__need(raw, need_session))
		return false;
	s->schema = raw__string(raw, F_TOP_schema, NONE);
	s->version = raw__string(raw, F_TOP_version, NONE);
	s->kernel = raw__string(raw, F_TOP_kernel, NONE);
	s->arch = raw__string(raw, F_TOP_arch, NONE);
	s->host = raw__has(raw, F_TOP_host) ? raw__string(raw, F_TOP_host, NONE) : NULL;
	if (!s->schema || !s->version || !s->kernel || !s->arch ||
	    (raw__has(raw, F_TOP_host) && !s->host))
		return form__fault(raw, "kernel");
	if (!hold_form(raw, s) || !proof_form(raw, &s->proof))
		return false;
	if (raw__has(raw, F_TOP_lock_drop))
		drop = form__word(raw, F_TOP_lock_drop, lock_drop_word, LOCK_DROPS);
	if (drop < 0)
		return form__fault(raw, "lock_drop");
	s->lock_drop = drop;
	s->start_realtime_ns = raw->v[F_TOP_start_realtime_ns].u;
	/* older versions did not write it */
	s->complete = !raw__has(raw, F_TOP_complete) || raw->v[F_TOP_complete].type == JSON_TRUE;
	s->part = raw__has(raw, F_TOP_part) ? (uint32_t)raw->v[F_TOP_part].u : 0;
	if (raw__has(raw, F_TOP_part) && (!s->part || raw->v[F_TOP_part].u > UINT32_MAX))
		return form__fault(raw, "part");
	s->addresses_hashed = raw__has(raw, F_TOP_addresses_hashed) &&
			      raw->v[F_TOP_addresses_hashed].type == JSON_TRUE;
	s->stacks = raw__has(raw, F_TOP_stacks) && raw->v[F_TOP_stacks].type == JSON_TRUE;
	s->require_rebuilds = form__number_or(raw, F_TOP_require_rebuilds, 0);
	s->command_line = raw__has(raw, F_TOP_command_line) ?
				  raw__string(raw, F_TOP_command_line, NONE) :
				  NULL;
	if (raw__has(raw, F_TOP_command_line) && !s->command_line)
		return form__fault(raw, "command_line");
	s->follow = raw__has(raw, F_TOP_follow) && raw->v[F_TOP_follow].type == JSON_TRUE;
	s->follow_why = raw__has(raw, F_TOP_follow_why) ? raw__string(raw, F_TOP_follow_why, NONE) :
							  NULL;
	if (raw__has(raw, F_TOP_follow_why) && !s->follow_why)
		return form__fault(raw, "follow_why");
	s->cover = raw->cover;
	s->covered = raw->covered;
	s->merged = s->covered >> EVENT_MERGED_STORED & 1;
	return true;
}
