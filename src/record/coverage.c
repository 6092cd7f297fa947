// SPDX-License-Identifier: GPL-2.0-only
#include "record/coverage.h"

static const struct {
	const char *name;
	enum event_need need;
} events[EVENTS] = {
#define EVENT(id, name, need) { name, NEED_##need },
#include "record/events.def"
#undef EVENT
};

const char *logical_event__name(enum logical_event ev)
{
	return events[ev].name;
}

enum event_need logical_event__need(enum logical_event ev)
{
	return events[ev].need;
}

const char *provider__name(enum provider provider)
{
	static const char *const names[] = {
		[PROVIDER_NONE] = "none",
		[PROVIDER_CODE] = "code",
		[PROVIDER_CALL_SITE] = "kprobe-call-site",
		[PROVIDER_ENTRY] = "kprobe",
		[PROVIDER_RETURN] = "kretprobe",
		[PROVIDER_FEXIT] = "fexit",
		[PROVIDER_FENTRY] = "fentry",
		[PROVIDER_TRACEPOINT] = "tracepoint",
		[PROVIDER_AFTER_CALL] = "kprobe-after-call",
		[PROVIDER_INSTRUCTION] = "kprobe-instruction",
		[PROVIDER_OTHER] = "other",
	};

	return names[provider];
}

const char *lock_drop__name(enum lock_drop drop)
{
	static const char *const names[LOCK_DROPS] = { "unknown", "absent", "present" };

	return names[drop];
}

const char *proof_state__name(enum proof_state proof)
{
	static const char *const names[] = {
		[PROOF_NOT_RUN] = "not run",
		[PROOF_CONFIRMED] = "confirmed",
		[PROOF_CONTRADICTED] = "contradicted",
		[PROOF_NOT_EXERCISED] = "not exercised",
	};

	return names[proof];
}

bool coverage__reports(enum logical_event ev, bool merged)
{
	return merged || events[ev].need != NEED_MERGED;
}

const char *coverage__confidence(const struct coverage *c)
{
	if (c->provider == PROVIDER_NONE || c->proof == PROOF_CONTRADICTED)
		return "none";
	return c->inferred ? "inferred" : "exact";
}

const char *coverage__why(const struct coverage *c)
{
	return c->proof == PROOF_CONTRADICTED ? c->proof_evidence : c->evidence;
}

/* An inferred event suffices if the lock is never dropped, but not for merged caches. */
static bool suffices(const struct coverage *c, enum event_need need, enum lock_drop drop)
{
	if (c->provider == PROVIDER_NONE || c->proof == PROOF_CONTRADICTED)
		return false;
	return !c->inferred || (need == NEED_VERDICT && drop == LOCK_DROP_ABSENT);
}

bool coverage__complete(const struct coverage *cover, enum lock_drop drop, bool merged,
			enum logical_event *missing)
{
	int ev;

	for (ev = 0; ev < EVENTS; ev++) {
		enum event_need need = events[ev].need;

		if (need != NEED_VERDICT && !(merged && need == NEED_MERGED))
			continue;
		if (suffices(&cover[ev], need, drop))
			continue;
		*missing = ev;
		return false;
	}
	return true;
}
