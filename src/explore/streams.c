// SPDX-License-Identifier: GPL-2.0-only
/* What the steps of a stream do to it. */
#include "explore/internal.h"

#include <string.h>

static void start_stream(struct model *m, struct model_stream *st)
{
	st->at = AT_START;
	st->parted = false;
	st->stable = st->seen = st->dead ? 0 : model__names(m);
}

static bool do_open(struct model *m, struct explore_step s)
{
	struct model_stream *st = &m->stream[s.a];

	if (st->open || !m->exists)
		return false;
	memset(st, 0, sizeof(*st));
	st->open = true;
	start_stream(m, st);
	return true;
}

static bool do_read(struct model *m, struct explore_step s)
{
	struct model_stream *st = &m->stream[s.a];

	if (!st->open || st->at == AT_END)
		return false;
	st->at = AT_PART;
	st->parted = true;
	return true;
}

static bool do_read_none(struct model *m, struct explore_step s)
{
	/* it changes nothing: once is enough */
	return m->stream[s.a].open && m->stream[s.a].at != AT_END &&
	       !(m->step && m->last.op == OP_READ_NONE && m->last.a == s.a);
}

static bool do_read_all(struct model *m, struct explore_step s)
{
	struct model_stream *st = &m->stream[s.a];

	if (!st->open || st->at == AT_END)
		return false;
	st->at = AT_END;
	return true;
}

static bool do_rewind(struct model *m, struct explore_step s)
{
	struct model_stream *st = &m->stream[s.a];

	if (!st->open || st->at == AT_START)
		return false;
	start_stream(m, st);
	return true;
}

static bool do_back(struct model *m, struct explore_step s)
{
	struct model_stream *st = &m->stream[s.a];

	if (!st->open || !st->parted)
		return false;
	/* a second part, or the end, lies between */
	if (st->at == AT_PART && m->step && m->last.op == OP_READ && m->last.a == s.a)
		return false;
	if (m->step && m->last.op == OP_BACK && m->last.a == s.a)
		return false;
	st->at = AT_PART;
	return true;
}

static bool do_close(struct model *m, struct explore_step s)
{
	struct model_stream *st = &m->stream[s.a];

	if (!st->open)
		return false;
	memset(st, 0, sizeof(*st));
	return true;
}

bool streams__apply(struct model *m, struct explore_step s)
{
	switch (s.op) {
	case OP_OPEN:
		return do_open(m, s);
	case OP_READ:
		return do_read(m, s);
	case OP_READ_NONE:
		return do_read_none(m, s);
	case OP_READ_ALL:
		return do_read_all(m, s);
	case OP_REWIND:
		return do_rewind(m, s);
	case OP_BACK:
		return do_back(m, s);
	case OP_CLOSE:
		return do_close(m, s);
	default:
		return false;
	}
}
