/* SPDX-License-Identifier: GPL-2.0-only */
/* One `ovltrace run`: set up in run.c, driven by run_loop.c. */
#ifndef OVLTRACE_RUN_H
#define OVLTRACE_RUN_H

#include <sys/types.h>

#include "cmd/run_options.h"
#include "session/session.h"
#include "session/window_hold.h"

struct run {
	struct run_opts opts;
	struct session session;
	struct window_hold widen;
	uint32_t pids[OPTION_MAX_VALUES];
	char **command; /* its first word is NULL if there is none */
	int out_fd, signal_fd, timer_fd, epoll_fd;
	int ktap_fd; /* where COMMAND's output arrives; -1: it does not pass through us */
	pid_t child; /* 0: none; -errno: COMMAND could not be started */
	int child_status; /* -1 while it runs */
	uint64_t end_ns; /* 0: no end is set */
	bool asked; /* we asked COMMAND to end */
};

/* These return 0, or the exit status after one line that says what failed. */

/* What the options ask of the session; so's pids point into r. */
int run_options__session(struct run *r, struct session_opts *so);
/*
 * Blocks SIGINT, SIGTERM and SIGCHLD. To be called before probes are attached: a
 * signal that arrives during that ends the trace as soon as it has begun, with a
 * summary. Blocked signals are delivered even if a shell ignores them for us.
 */
int run_loop__block_signals(struct run *r);
int run_loop__open(struct run *r);
/* Starts COMMAND; failure of exec itself is r->child < 0. */
int run_loop__start_command(struct run *r);
/* Until COMMAND has ended, the time is over, or a signal asks for the end. */
void run_loop__run(struct run *r);

#endif
