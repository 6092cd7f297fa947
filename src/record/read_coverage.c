// SPDX-License-Identifier: GPL-2.0-only
/* One event of "coverage", once its object is read. */
#include <string.h>

#include "record/raw.h"

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
		raw->bad = raw->bad ? raw->bad : "coverage";
		return;
	}
	c = &raw->cover[event];
	c->provider = provider_by_name(&raw->v[F_PROVIDER_provider]);
	copy(c->target, sizeof(c->target), &raw->v[F_PROVIDER_target]);
	copy(c->evidence, sizeof(c->evidence), &raw->v[F_PROVIDER_evidence]);
	/* what older versions did not say */
	c->costly = raw__has(raw, F_PROVIDER_costly) && raw->v[F_PROVIDER_costly].type == JSON_TRUE;
	c->partly = raw__has(raw, F_PROVIDER_partly) && raw->v[F_PROVIDER_partly].type == JSON_TRUE;
	c->inferred = raw__has(raw, F_PROVIDER_confidence) &&
		      raw->v[F_PROVIDER_confidence].len == 8 &&
		      !memcmp(raw->v[F_PROVIDER_confidence].s, "inferred", 8);
	if (raw__has(raw, F_PROVIDER_proof))
		c->proof = proof_by_name(&raw->v[F_PROVIDER_proof]);
	if (raw__has(raw, F_PROVIDER_proof_evidence))
		copy(c->proof_evidence, sizeof(c->proof_evidence),
		     &raw->v[F_PROVIDER_proof_evidence]);
	raw->covered |= 1U << event;
}
