/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which logical events a trace sees, through which provider, and how reliably.
 * src/plan/ produces it, and the session record carries it. Pure.
 */
#ifndef OVLTRACE_COVERAGE_H
#define OVLTRACE_COVERAGE_H

#include <stdbool.h>

enum logical_event {
#define EVENT(id, name, need) EVENT_##id,
#include "record/events.def"
#undef EVENT
	EVENTS,
};

/* What an event is for: see src/record/events.def. */
enum event_need {
	NEED_VERDICT,
	NEED_DETAIL,
	NEED_INVARIANT,
	NEED_COST,
	NEED_MERGED,
};

enum provider {
	PROVIDER_NONE, /* the event cannot be seen */
	PROVIDER_CODE, /* it cannot happen: the kernel's code has no such call */
	PROVIDER_CALL_SITE, /* kprobe on a call in the function it was inlined into */
	PROVIDER_ENTRY, /* kprobe on a function's entry */
	PROVIDER_RETURN, /* kretprobe */
	PROVIDER_FEXIT,
	PROVIDER_FENTRY,
	PROVIDER_AFTER_CALL, /* kprobe on the instruction after a call */
	PROVIDER_INSTRUCTION, /* kprobe on an instruction that does it without a call */
	PROVIDER_TRACEPOINT, /* one of the kernel's own */
	PROVIDER_OTHER, /* in a recording: one that only a newer version knows */
};

/* Does the impure read release the directory's lock? Derived from the kernel's code. */
enum lock_drop {
	LOCK_DROP_UNKNOWN,
	LOCK_DROP_ABSENT,
	LOCK_DROP_PRESENT,
	LOCK_DROPS,
};

/* The result of the run-time proof for an event: see src/session/proof.h. */
enum proof_state {
	PROOF_NOT_RUN,
	PROOF_CONFIRMED,
	PROOF_CONTRADICTED, /* known operations did not fire it as often as expected */
	PROOF_NOT_EXERCISED,
};

/* Of one event. */
struct coverage {
	enum provider provider;
	bool inferred; /* derived from other events: not exact */
	bool costly; /* other tasks hit its probes, too */
	bool partly; /* events may be missed silently, so that zero proves nothing */
	char target[96];
	char evidence[192]; /* of PROVIDER_NONE: the reason */
	char refused[192]; /* providers that the kernel refused, and why; "": none */
	enum proof_state proof;
	char proof_evidence[128]; /* "" where the proof was not run */
};

const char *logical_event__name(enum logical_event ev);
enum event_need logical_event__need(enum logical_event ev);
const char *provider__name(enum provider provider);
const char *lock_drop__name(enum lock_drop drop);
const char *proof_state__name(enum proof_state proof);

/* Does a trace report this event? merged: with --merged. */
bool coverage__reports(enum logical_event ev, bool merged);
/* "exact", "inferred" or "none": the confidence of records that rest on this event. */
const char *coverage__confidence(const struct coverage *c);
/* Why the event does not suffice for a verdict: the contradiction, if any, else the evidence. */
const char *coverage__why(const struct coverage *c);
/*
 * Do these EVENTS entries cover everything that a verdict needs? If not, *missing is
 * set to the first gap; otherwise it is unchanged.
 */
bool coverage__complete(const struct coverage *cover, enum lock_drop drop, bool merged,
			enum logical_event *missing);

#endif
