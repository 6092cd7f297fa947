/* SPDX-License-Identifier: GPL-2.0-only */
/* The command that `run` starts. */
#ifndef OVLTRACE_CHILD_H
#define OVLTRACE_CHILD_H

#include <sys/types.h>

/*
 * Starts argv[0] as execvp() finds it, with out_fd as its standard output.
 * Returns its pid or the -errno of exec.
 */
pid_t child__start(char **argv, int out_fd);
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
