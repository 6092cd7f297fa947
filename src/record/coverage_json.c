// SPDX-License-Identifier: GPL-2.0-only
/* "coverage" of a session: its writer, and the reader of one event. */
#include <string.h>

#include "record/internal.h"
#include "record/write.h"

void json__coverage(struct json *j, const struct coverage *cover, bool merged)
{
	int i;

	json__open(j, "coverage", '{');
	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &cover[i];

		if (!coverage__reports(i, merged))
			continue;
		json__open(j, logical_event__name(i), '{');
		json__word(j, "provider", provider__name(c->provider));
		json__str(j, "target", c->target);
		json__str(j, "evidence", c->evidence);
		if (c->costly)
			json__bool(j, "costly", true);
		if (c->partly)
			json__bool(j, "partly", true);
		if (*c->refused)
			json__str(j, "refused", c->refused);
		json__word(j, "confidence", coverage__confidence(c));
		json__word(j, "proof", proof_state__name(c->proof));
		if (c->proof != PROOF_NOT_RUN)
			json__str(j, "proof_evidence", c->proof_evidence);
		json__close(j, '}');
	}
	json__close(j, '}');
}

static void copy(char *to, size_t size, const struct json_value *v)
{
	size_t n = v->len < size - 1 ? v->len : size - 1;

	memcpy(to, v->s, n);
	to[n] = 0;
}

static enum provider provider_by_name(const struct json_value *v)
{
	int i;

	for (i = 0; i < PROVIDER_OTHER; i++) {
		const char *name = provider__name(i);

		if (strlen(name) == v->len && !memcmp(name, v->s, v->len))
			return i;
	}
	return PROVIDER_OTHER;
}

static enum proof_state proof_by_name(const struct json_value *v)
{
	int i;

	for (i = PROOF_NOT_EXERCISED; i > PROOF_NOT_RUN; i--)
		if (strlen(proof_state__name(i)) == v->len &&
		    !memcmp(proof_state__name(i), v->s, v->len))
			break;
	return i;
}

void raw__provider(struct raw *raw, int event)
{
	struct coverage *c;

	if (event < 0)
		return;
	if (!raw__has(raw, F_PROVIDER_provider) || !raw__has(raw, F_PROVIDER_target) ||
	    !raw__has(raw, F_PROVIDER_evidence) || raw->covered >> event & 1) {
		raw__bad(raw, "coverage");
		return;
	}
	c = &raw->cover[event];
	c->provider = provider_by_name(&raw->v[F_PROVIDER_provider]);
	copy(c->target, sizeof(c->target), &raw->v[F_PROVIDER_target]);
	copy(c->evidence, sizeof(c->evidence), &raw->v[F_PROVIDER_evidence]);
	/* older versions lack these members */
	c->costly = raw__has(raw, F_PROVIDER_costly) && raw->v[F_PROVIDER_costly].type == JSON_TRUE;
	c->partly = raw__has(raw, F_PROVIDER_partly) && raw->v[F_PROVIDER_partly].type == JSON_TRUE;
	c->inferred = raw__has(raw, F_PROVIDER_confidence) &&
		      raw->v[F_PROVIDER_confidence].len == 8 &&
		      !memcmp(raw->v[F_PROVIDER_confidence].s, "inferred", 8);
	if (raw__has(raw, F_PROVIDER_refused))
		copy(c->refused, sizeof(c->refused), &raw->v[F_PROVIDER_refused]);
	if (raw__has(raw, F_PROVIDER_proof))
		c->proof = proof_by_name(&raw->v[F_PROVIDER_proof]);
	if (raw__has(raw, F_PROVIDER_proof_evidence))
		copy(c->proof_evidence, sizeof(c->proof_evidence),
		     &raw->v[F_PROVIDER_proof_evidence]);
	raw->covered |= 1U << event;
}
