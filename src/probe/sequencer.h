/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Restores the order of events from several rings: an event waits until all events with
 * lower numbers have arrived or are given up. Pure.
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
 * Takes a ring's record of one or more events, and passes on all that are due. Copies
 * those that must wait, and drops those whose number has passed. Returns 0, or -ENOMEM:
 * then the event counts as missing.
 */
int sequencer__push(struct sequencer *o, const void *record, size_t size);
/* The number that is due next, and the one after the highest that arrived. */
uint64_t sequencer__next(const struct sequencer *o);
uint64_t sequencer__end(const struct sequencer *o);
/* Does an event wait for one that has not arrived? */
bool sequencer__waits(const struct sequencer *o);
/*
 * Gives up missing events before upto, and passes on those that arrived. Returns how
 * many are missing.
 */
uint64_t sequencer__give_up(struct sequencer *o, uint64_t upto);

#endif
