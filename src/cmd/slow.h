/* SPDX-License-Identifier: GPL-2.0-only */
/* One `ovltrace slow`: its loop and its output in slow.c, its probes in slow_probe.c. */
#ifndef OVLTRACE_CMD_SLOW_H
#define OVLTRACE_CMD_SLOW_H

#include <signal.h>

#include "cmd/slow_options.h"
#include "probe/dirstat_probe.h"
#include "probe/follow_probe.h"
#include "record/task_filter.h"
#include "sink/slow.h"
#include "util/outfile.h"
#include "util/privileges.h"
#include "util/where.h"

enum {
	SLOW_MAX_MOUNTS = 16,
};

struct slow_trace {
	struct slow_opts opts;
	uint64_t over_ns;
	struct kernel kernel;
	struct plan plan;
	struct slow_sees sees;
	struct where *where;
	struct dirstat *dirstat;
	struct dirstat_probe *probe;
	struct follow_probe *followed; /* NULL: without --pid */
	uint32_t pids[OPTION_MAX_VALUES];
	struct slow *slow;
	uint32_t devs[SLOW_MAX_MOUNTS];
	struct user user; /* of the option */
	struct refusals refused; /* what the plan does without */
	struct task_filter filter;
	struct outfile out;
	sigset_t signals;
	int signal_fd;
	uint64_t begin_ns, dropped;
	uint32_t fresh_dev; /* whose mount point was looked up last, and when */
	uint64_t fresh_ns;
	char path[2 * 4096];
};

/* Plans and attaches. Returns 0, or -errno with a reason in why. */
int slow_probe__attach(struct slow_trace *t, char why[256]);
/* Reports on standard error what hits a probe, and what cannot be seen. */
void slow_probe__notes(const struct slow_trace *t);
/* Receives a listing. ctx: the trace. */
void slow_trace__on_listing(void *ctx, const struct ovls_slow *ev);

#endif
