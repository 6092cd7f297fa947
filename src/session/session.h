/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One trace: the kernel, the plan, the attached probes, the model and the sinks. Data
 * flows from the ring to the model and on to the sinks, never back.
 */
#ifndef OVLTRACE_SESSION_H
#define OVLTRACE_SESSION_H

#include "probe/attach.h"
#include "probe/dirstat_probe.h"
#include "probe/follow_probe.h"
#include "probe/kernel.h"
#include "code/symtab.h"
#include "record/address.h"
#include "record/task_filter.h"
#include "session/proof.h"
#include "sink/sink.h"
#include "session/testwatch.h"
#include "util/where.h"

enum {
	SESSION_MAX_SINKS = 4,
};

/* What to plan for, and which probes to avoid. */
struct session_wishes {
	bool hits;
	bool merged; /* also caches of merged directories */
	bool quiet; /* no sink for records */
	bool costly; /* allow system-wide probes for events without another provider */
	bool no_sites, no_kprobes, no_trampolines;
	const char *btf; /* file with the types of overlayfs; NULL: use the kernel's */
};

struct session_opts {
	struct session_wishes wishes;
	struct attach_opts attach;
	const uint32_t *pids; /* report only rebuilds by them and their descendants */
	size_t npids;
	bool command; /* session__adopt() follows */
	bool follow; /* report only what COMMAND and its descendants take part in */
	struct task_filter filter; /* by which tasks rebuilds are reported */
	const struct address_key *hash; /* of the addresses in records; NULL: as they are */
	bool no_paths; /* in records */
	const char *command_line; /* for the session record; NULL: unknown */
	uint64_t require_rebuilds; /* with fewer the verdict is not clean */
};

struct session {
	struct kernel kernel;
	struct plan plan;
	struct attachment *attached;
	struct model *model;
	struct where *where;
	struct testwatch *tests; /* NULL: tests are not watched */
	struct sink *sink[SESSION_MAX_SINKS];
	size_t nsinks;
	struct rec_session first; /* final when session__begin() has emitted it */
	struct rec_summary last; /* final at the end; last.order is always current */
	uint64_t start_ns, end_ns;
	char release[65], machine[65], host[65];
	uint64_t lost_reported[OVLW_LOST_PLACES];
	int module_fd; /* to notice when overlayfs is unloaded; -1 if it is not a module */
	struct session_wishes wishes;
	struct refusals refused; /* what the plan does without */
	struct proof proof;
	struct dirstat *dirstat; /* --hits: counters of each directory */
	struct dirstat_probe *listings;
	/* skipped runs of programs on each listing and each operation; set at the end */
	uint64_t missed_listings, missed_operations;
	const struct address_key *hash;
	bool no_paths;
	struct task_filter filter;
	struct symtab symbols; /* --stacks: of the whole kernel */
	size_t stack_limit; /* frames that the kernel walks at most */
	struct follow_probe *followed; /* NULL: no tree is known */
	enum ovlf_tree limit; /* report only these; 0: no limit */
	char follow_why[256]; /* why no tree is known */
	uint64_t command_findings, unknown_findings; /* COMMAND's; not known whose */
	bool sink_failed;
};

/* Inspects the kernel and makes the plan. Returns what kernel__init() returns. */
int session__plan(struct session *s, const struct session_opts *opts);
/* The session owns the sink from now on. */
void session__add_sink(struct session *s, struct sink *sink);
/* Can the plan's probes be attached on this system? 0, or -errno with reason and remedy in why. */
int session__check(const struct session *s, char why[256]);
/*
 * Loads the plan's programs, attaches nothing, and unloads them. Those that the kernel
 * refuses are in s->refused then, and the plan does without. 0 or -errno with a reason in why.
 */
int session__try_programs(struct session *s, const struct session_opts *opts, char why[256]);
/* Attaches the probes. Returns 0, or -errno with a reason in why. */
int session__attach(struct session *s, const struct session_opts *opts, char why[256]);
/* Proves the plan on a private mount. The result is in s->proof and s->plan. */
void session__prove(struct session *s);
/* Between these calls the process forks COMMAND, whose tasks are known from then on. */
void session__adopt(struct session *s, bool on);
/* Watches the tests that COMMAND runs. To be called before session__begin(). 0 or -errno. */
int session__watch_tests(struct session *s);
/* Writes the session record: the trace begins. */
void session__begin(struct session *s);
/*
 * To be called several times a second, and when attach__fd() is ready. False: nothing was
 * read, because the outputs take no more for now. What the ring then has no room for is lost,
 * and counted.
 */
bool session__poll(struct session *s);
/*
 * Detaches, drains the buffers and writes the summary. command_status: the exit
 * status of COMMAND; NULL without COMMAND.
 */
enum verdict session__stop(struct session *s, const int *command_status);
/* The same without detaching, which is slow. For a trace whose traced tasks have all exited. */
enum verdict session__finish(struct session *s, const int *command_status);
/* After that: waits until the outputs are written. s->sink_failed: not all of it is. */
void session__finish_outputs(struct session *s, struct writer_wait *wait);
void session__deinit(struct session *s);

#endif
