/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of a session provide to each other. */
#ifndef OVLTRACE_SESSION_INT_H
#define OVLTRACE_SESSION_INT_H

#include "session/session.h"

/* src/session/session.c */
bool session__sees(const struct session *s, enum logical_event ev);
void session__model_opts(const struct session *s, struct model_opts *mo);

/* src/session/follow.c: before other probes are attached. 0 or -errno with a reason in why */
int session__follow(struct session *s, const struct session_opts *opts, char why[256]);
void session__follow_tick(struct session *s, bool unread);
/* For model_opts.belongs. */
void session__belongs(void *ctx, struct rec_task *task, uint64_t ts_ns);
/* Whose finding is it? */
void session__tell_apart(struct session *s, struct rec_finding *f);
void session__follow_summary(struct session *s);

/* src/session/records.c: to the sinks */
void session__record(void *ctx, const struct ovl_record *rec);
/* To be called periodically. */
void session__sinks_tick(struct session *s);
/* Does any of them have to wait for its reader? */
bool session__outputs_full(const struct session *s);

/* src/session/stacks.c: of the whole kernel, when all probes are attached */
void session__read_symbols(struct session *s);
struct stack_room {
	struct symtab_frames frames[RECORD_MAX_FRAMES];
	const char *frame[RECORD_MAX_FRAMES];
};

/* Names what was walked. The frames are in room. */
void session__name_stack(const struct session *s, struct rec_stack *stack, struct stack_room *room);

/* src/session/end.c: losses since the last call */
void session__report_losses(struct session *s);

/* src/session/invariants.c */
void session__kinds_opts(const struct session *s, struct model_opts *mo);
/* To be called periodically. */
void session__look_at_order(struct session *s);
/* To be called at the end. */
void session__look_at_missed(struct session *s);

#endif
