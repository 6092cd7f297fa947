/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One trace: the kernel, the plan, what is attached, the model, the sinks.
 * Events go ring -> model -> sinks; nothing goes back.
 */
#ifndef OVLTRACE_SESSION_H
#define OVLTRACE_SESSION_H

#include "probe/attach.h"
#include "probe/dirstat_probe.h"
#include "probe/kernel.h"
#include "session/proof.h"
#include "sink/sink.h"
#include "session/testwatch.h"
#include "util/where.h"

enum {
	SESSION_MAX_SINKS = 4,
};

/* What to plan for, and what not to use. */
struct session_wishes {
	bool hits;
	bool merged; /* merged directories' caches, too */
	bool quiet; /* nobody reads records */
	bool costly; /* system-wide probes where nothing else can be had */
	bool no_sites, no_kprobes, no_trampolines;
	bool no_kinds; /* as in struct plan_input */
	const char *btf; /* file with overlayfs' types; NULL: as the kernel has them */
};

struct session_opts {
	struct session_wishes wishes;
	struct attach_opts attach;
	const uint32_t *pids;
	size_t npids;
};

struct session {
	struct kernel kernel;
	struct plan plan;
	struct attachment *attached;
	struct model *model;
	struct where *where;
	struct testwatch *tests; /* NULL: nobody asked */
	struct sink *sink[SESSION_MAX_SINKS];
	size_t nsinks;
	struct rec_session first; /* final when session__begin() has emitted it */
	struct rec_summary last; /* its order all the time, the rest when the trace is over */
	uint64_t start_ns, end_ns;
	char release[65], machine[65], host[65];
	uint64_t lost_reported[OVLW_LOST_PLACES];
	int module_fd; /* tells when overlayfs is unloaded; -1 where it is no module */
	struct session_wishes wishes;
	struct proof proof;
	struct dirstat *dirstat; /* --hits: what is counted for each directory */
	struct dirstat_probe *listings;
	/* of programs that look at each listing, at each operation; known at the end */
	uint64_t missed_listings, missed_operations;
	bool sink_failed;
};

/* Looks at the kernel and makes the plan. As kernel__init(); why in s->kernel.why. */
int session__plan(struct session *s, const struct session_opts *opts);
/* Takes the sink over. */
void session__add_sink(struct session *s, struct sink *sink);
/* Attaches. 0 or -errno with a reason in why. */
int session__attach(struct session *s, const struct session_opts *opts, char why[256]);
/* Proves the plan on a private mount: the outcome is in s->proof and s->plan. */
void session__prove(struct session *s);
/* Takes note of the tests that COMMAND runs; before session__begin(). 0 or -errno. */
int session__watch_tests(struct session *s);
/* Writes the session record: the trace begins. */
void session__begin(struct session *s);
/* To be called several times a second, and when attach__fd() is ready. */
void session__poll(struct session *s);
/* Detaches, takes what is left, writes the summary. The command's status, if any. */
enum verdict session__stop(struct session *s, const int *command_status);
/*
 * The same without detaching, which takes long: for when nobody is left whom
 * the probes are about.
 */
enum verdict session__finish(struct session *s, const int *command_status);
void session__deinit(struct session *s);

#endif
