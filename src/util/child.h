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
 * In a child that may hang for good: holds none of our descriptors any more, so
 * that nobody who reads our output waits for it. keep: those to be kept, -1 ends
 * them; standard error is kept where somebody debugs.
 */
void child__let_go(const int *keep);
/* Orphans that became ours: all that have ended, but for pid itself. */
void child__reap_others(pid_t pid);

#endif
