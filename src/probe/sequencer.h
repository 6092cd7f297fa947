/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts the events of several rings back into the order of their numbers: an
 * event waits until all before it have come, or are given up. Pure.
 */
#ifndef OVLTRACE_SEQUENCER_H
#define OVLTRACE_SEQUENCER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ovltrace/wire.h"

typedef void (*sequencer_fn)(void *ctx, const struct ovlw_hdr *ev, size_t size);

struct sequencer;

struct sequencer *sequencer__new(sequencer_fn fn, void *ctx);
void sequencer__free(struct sequencer *o);
/*
 * Takes a ring's record, one event or several side by side, and hands out all
 * that are due. What must wait is copied; what came before is passed over.
 * 0, or -ENOMEM: then its number counts as one that never came.
 */
int sequencer__push(struct sequencer *o, const void *record, size_t size);
/* The number that is waited for, and the one after the highest that came. */
uint64_t sequencer__next(const struct sequencer *o);
uint64_t sequencer__end(const struct sequencer *o);
/* Is an event waiting for one that has not come? */
bool sequencer__waits(const struct sequencer *o);
/*
 * Gives up the numbers before upto that have not come: hands out what is there
 * of them. Returns how many are missing.
 */
uint64_t sequencer__give_up(struct sequencer *o, uint64_t upto);

#endif
