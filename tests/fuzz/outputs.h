/* SPDX-License-Identifier: GPL-2.0-only */
/* All forms of output at once, in memory; the oracles judge them at the end. */
#ifndef OVLTRACE_TEST_OUTPUTS_H
#define OVLTRACE_TEST_OUTPUTS_H

#include "sink/sink.h"

enum {
	OUTPUTS = 7,
};

struct outputs;

struct outputs *outputs__new(void);
/* A session whose events are all seen. */
const struct rec_session *outputs__session(void);
void outputs__record(struct outputs *o, const struct ovl_record *rec);
/* Ends and frees the sinks. Afterwards the text can be read. */
void outputs__end(struct outputs *o);
/* The recording, as JSON Lines. */
const char *outputs__recording(const struct outputs *o, size_t *len);
bool outputs__are_empty(const struct outputs *o);
/* Ends the program if an output violates a rule. */
void outputs__check(const struct outputs *o);
void outputs__free(struct outputs *o);

#endif
