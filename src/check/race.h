/* SPDX-License-Identifier: GPL-2.0-only */
/* Readers and a renamer at one impure directory, in rounds that end with a look. */
#ifndef OVLTRACE_CHECK_RACE_H
#define OVLTRACE_CHECK_RACE_H

#include "check/area.h"

int impure_prepare(struct scenario_state *st, void *area);
void impure_race(struct scenario_state *st, void *area, uint64_t until_ns);
void impure_sparse(struct scenario_state *st, void *area, uint64_t until_ns);
int empty_prepare(struct scenario_state *st, void *area);
void empty_race(struct scenario_state *st, void *area, uint64_t until_ns);
int nested_prepare(struct scenario_state *st, void *area);
void nested_race(struct scenario_state *st, void *area, uint64_t until_ns);
int xino_on_prepare(struct scenario_state *st, void *area);
int xino_off_prepare(struct scenario_state *st, void *area);

/* src/check/dirs.c */
int removed_prepare(struct scenario_state *st, void *area);
void removed_run(struct scenario_state *st, void *area, uint64_t until_ns);
int copy_up_prepare(struct scenario_state *st, void *area);
void copy_up_run(struct scenario_state *st, void *area, uint64_t until_ns);
int merged_prepare(struct scenario_state *st, void *area);
void merged_run(struct scenario_state *st, void *area, uint64_t until_ns);

/* src/check/link.c */
int link_prepare(struct scenario_state *st, void *area);
void link_run(struct scenario_state *st, void *area, uint64_t until_ns);

/* src/check/small_scopes.c: what --explore does, in the smallest scopes */
int histories_prepare(struct scenario_state *st, void *area);
void histories_run(struct scenario_state *st, void *area, uint64_t until_ns);
int schedules_prepare(struct scenario_state *st, void *area);
void schedules_run(struct scenario_state *st, void *area, uint64_t until_ns);

/* src/check/provoke.c: all that may be done to a directory that is copied up. NULL: nothing is. */
struct provoker;
struct provoker *provoke__begin(struct area *a, const char *dir);
void provoke__end(struct provoker *p);

#endif
