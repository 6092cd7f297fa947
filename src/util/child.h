/* SPDX-License-Identifier: GPL-2.0-only */
/* The command that `run` starts. */
#ifndef OVLTRACE_CHILD_H
#define OVLTRACE_CHILD_H

#include <sys/types.h>

struct user;

/* A command that has been forked, with our privileges, and waits to be started. */
struct child {
	pid_t pid;
	int go, failed; /* pipes: it may start; the errno of what failed */
};

struct child_spec {
	char **argv;
	int out_fd; /* its standard output */
	const struct user *user; /* NULL: ours */
};

/* 0 or -errno. */
int child__hold(struct child *c, const struct child_spec *spec);
/* Starts argv[0] as execvp() finds it. Returns its pid or the -errno of exec. */
pid_t child__go(struct child *c);
/* Ends a command that was not started. */
void child__cancel(struct child *c);
/* If it has ended: its exit status, or 128 + signal. Else -1. */
int child__reap(pid_t pid);

/*
 * In a child that may hang forever: closes the inherited descriptors, so that a
 * reader of our output does not wait for the child. keep: the descriptors that stay
 * open, ended by -1. Standard error stays open with option -v.
 */
void child__detach(const int *keep);
/* Reaps all children that have exited (orphans that we adopted), except pid. */
void child__reap_others(pid_t pid);

#endif
