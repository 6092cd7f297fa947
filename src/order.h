/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Puts the events of several rings back into the order of their numbers.
 * Numbers have no gaps, so an event waits until all before it have come. Pure.
 */
#ifndef OVLTRACE_ORDER_H
#define OVLTRACE_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "ovltrace/wire.h"

typedef void (*order_fn)(void *ctx, const struct ovlw_hdr *ev, size_t size);

struct order;

struct order *order__new(order_fn fn, void *ctx);
void order__free(struct order *o);
/*
 * Takes an event, hands out all that are due. The event is copied where it
 * must wait. 0, or -ENOMEM: then everything later waits for flush.
 */
int order__push(struct order *o, const struct ovlw_hdr *ev, size_t size);
/* Nothing more comes: hands out the rest, gaps or not. Returns how many waited. */
size_t order__flush(struct order *o);

#endif
