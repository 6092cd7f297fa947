/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which logical events a trace sees, through what, and how far that can be
 * trusted. src/plan/ produces it, the session record carries it. Pure.
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
	PROVIDER_CODE, /* it cannot happen: the kernel's own code has no such call */
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

/* Does the impure read release the directory's lock? Read from the kernel's code. */
enum lock_drop {
	LOCK_DROP_UNKNOWN,
	LOCK_DROP_ABSENT,
	LOCK_DROP_PRESENT,
	LOCK_DROPS,
};

/* What the proof at run time says of an event: see src/session/proof.h. */
enum proof_state {
	PROOF_NOT_RUN,
	PROOF_CONFIRMED,
	PROOF_CONTRADICTED, /* known operations did not make it do what it should */
	PROOF_NOT_EXERCISED,
};

/* Of one event. */
struct coverage {
	enum provider provider;
	bool inferred; /* concluded from other events: not exact */
	bool costly; /* other tasks run through its probes, too */
	bool partly; /* some may be missed without notice: none seen proves nothing */
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

/* Is the event one that a trace reports on? merged: merged caches were asked for. */
bool coverage__reports(enum logical_event ev, bool merged);
/* "exact", "inferred" or "none": how far a record that rests on this can be trusted. */
const char *coverage__confidence(const struct coverage *c);
/* What is in the way of a verdict: the contradiction if there is one, else the evidence. */
const char *coverage__why(const struct coverage *c);
/*
 * Do these EVENTS entries have all that a verdict needs? If not, *missing is the
 * first gap; else it is left alone.
 */
bool coverage__complete(const struct coverage *cover, enum lock_drop drop, bool merged,
			enum logical_event *missing);

#endif
