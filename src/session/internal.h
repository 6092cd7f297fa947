/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside a session: what its parts ask of each other. */
#ifndef OVLTRACE_SESSION_INT_H
#define OVLTRACE_SESSION_INT_H

#include "session/session.h"

/* src/session/session.c */
bool session__sees(const struct session *s, enum logical_event ev);
void session__model_opts(const struct session *s, struct model_opts *mo);

/* src/session/records.c: to the sinks */
void session__record(void *ctx, const struct ovl_record *rec);
/* Called now and then. */
void session__sinks_tick(struct session *s);

/* src/session/end.c: what went missing since the last time */
void session__report_losses(struct session *s);

/* src/session/invariants.c: what must never happen */
void session__kinds_opts(const struct session *s, struct model_opts *mo);
/* Called now and then. */
void session__look_at_order(struct session *s);
/* At the end: what was missed. */
void session__look_at_missed(struct session *s);

#endif
