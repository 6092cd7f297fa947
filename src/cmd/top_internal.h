/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside ovltrace top: what its loop and its display share. */
#ifndef OVLTRACE_CMD_TOP_INT_H
#define OVLTRACE_CMD_TOP_INT_H

#include "probe/dirstat_probe.h"
#include "cmd/options.h"
#include "util/where.h"

enum {
	MAX_MOUNTS = 16,
};

struct top_opts {
	double interval, seconds;
	uint64_t lines, iterations;
	struct option_list mounts, without;
	const char *btf;
	bool once;
};

struct heavy {
	struct top_opts opts;
	struct kernel kernel;
	struct plan plan;
	struct where *where;
	struct dirstat *dirstat;
	struct dirstat_probe *probe;
	uint32_t devs[MAX_MOUNTS];
	bool no_sites, no_kprobes, no_trampolines;
	bool terminal;
	int epoll_fd, signal_fd, timer_fd;
	uint64_t last_ns, missed;
	char path[2 * 4096];
};

/* One block. 0, the exit status where it can't be written, or -1: nobody reads any more. */
int cmd_top__show(struct heavy *t);

#endif
