/* SPDX-License-Identifier: GPL-2.0-only */
/* One `ovltrace top`: its loop in top.c, its probes in top_probe.c, a block of text in top_show.c. */
#ifndef OVLTRACE_TOP_H
#define OVLTRACE_TOP_H

#include "cmd/top_options.h"
#include "probe/dirstat_probe.h"
#include "util/where.h"

enum {
	TOP_MAX_MOUNTS = 16,
};

struct top {
	struct top_opts opts;
	struct kernel kernel;
	struct plan plan;
	struct where *where;
	struct dirstat *dirstat;
	struct dirstat_probe *probe;
	uint32_t devs[TOP_MAX_MOUNTS];
	struct refusals refused; /* what the plan does without */
	bool no_trampolines;
	bool terminal;
	int epoll_fd, signal_fd, timer_fd;
	uint64_t last_ns, missed;
	char path[2 * 4096];
};

/* Plans and attaches. Returns 0, or -errno with a reason in why. */
int top_probe__attach(struct top *t, char why[256]);
/* Reports on standard error what costs more than usual or cannot be seen. */
void top_probe__notes(const struct top *t);

/* Prints one block. Returns 0, -1 if the reader has closed the pipe, or an exit status. */
int top__show(struct top *t);

#endif
