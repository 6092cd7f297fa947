/* SPDX-License-Identifier: GPL-2.0-only */
/* One `ovltrace run`: set up in run.c, driven by run_loop.c. */
#ifndef OVLTRACE_RUN_H
#define OVLTRACE_RUN_H

#include <sys/types.h>

#include "cmd/run_options.h"
#include "session/session.h"
#include "session/window_hold.h"
#include "util/child.h"
#include "util/outfile.h"
#include "util/privileges.h"

struct run {
	struct run_opts opts;
	struct session session;
	struct window_hold widen;
	struct address_key key;
	uint32_t pids[OPTION_MAX_VALUES];
	char **command; /* its first word is NULL if there is none */
	struct outfile out, metrics, text;
	char command_line[1001];
	int out_fd, signal_fd, timer_fd, epoll_fd;
	int ktap_fd; /* read end of the pipe that is COMMAND's output; -1: no pipe */
	bool ktap_waits; /* its output is full: ktap_fd is not watched */
	struct user user, command_user; /* of the options of these names */
	struct child held; /* COMMAND, until it is started */
	pid_t child; /* 0: none; -errno: COMMAND could not be started */
	int child_status; /* -1 while it runs */
	uint64_t end_ns; /* when the trace ends; 0: not set */
	bool rotation_failed; /* and was reported */
	bool asked; /* COMMAND was sent a signal to end */
	bool paused; /* outputs are full: the rings are not read */
	uint64_t signal_ns; /* when the first signal to end came; 0: none */
};

/* These return 0, or the exit status after one line that says what failed. */

/* Translates options into session options. so->pids points into r. */
int run_options__session(struct run *r, struct session_opts *so);
/*
 * Blocks SIGINT, SIGTERM, SIGHUP unless it is ignored, and SIGCHLD. To be called before probes are attached: a
 * signal that arrives in between then ends the trace right after its start, with a
 * summary. Blocked signals arrive even if the shell made us ignore them.
 */
int run_loop__block_signals(struct run *r);
int run_loop__open(struct run *r);
/* Forks COMMAND, while we have our privileges. */
int run_loop__hold_command(struct run *r);
/* Gives up what the loop does not need. No thread may have been started. */
int run_privileges__drop(struct run *r);
/* Starts COMMAND. If exec fails, r->child is its -errno. */
void run_loop__start_command(struct run *r);
/* Runs until COMMAND has ended, the time is over, or a signal arrives. */
void run_loop__run(struct run *r);
/* From now on another signal kills the process, if one has ended the loop. */
void run_loop__may_be_killed(const struct run *r);
/* After session__stop(): waits until the outputs are written. */
void run_loop__finish_outputs(struct run *r);

#endif
