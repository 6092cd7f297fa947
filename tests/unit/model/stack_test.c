// SPDX-License-Identifier: GPL-2.0-only
/* Which record a kernel stack belongs to. */
#include <stdlib.h>

#include "ovltrace/wire.h"
#include "record/records.h"
#include "rows.h"
#include "test.h"

static struct reclog reclog;
static char seen[512]; /* a line for each record: its type, and the first address of its stack */

static void keep(void *ctx, const struct ovl_record *rec)
{
	const struct rec_stack *s = record__stack(rec);
	size_t len = strlen(seen);

	reclog__emit(ctx, rec);
	if (s)
		snprintf(seen + len, sizeof(seen) - len, "%s t%u %llx\n",
			 record_type__name(rec->type), record__task(rec)->tid,
			 s->raw ? s->raw->ip[0] : 0);
}

static struct model *begin(void)
{
	struct model_opts opts = {
		.emit = keep,
		.emit_ctx = &reclog,
		.complete = true,
		.sees_windows = true,
		.sees_stores = true,
		.sees_frees = true,
		.sees_clears = true,
		.sees_leaves = true,
		.sees_returns = true,
	};

	memset(&reclog, 0, sizeof(reclog));
	seen[0] = 0;
	return model__new(&opts);
}

/* A row, or where .type is OVLW_STACK the stack of .tid for an event of type .flags. */
static void play(struct model *m, const struct row *rows, const char *want)
{
	union wire w;
	uint64_t ts_ns = 0;

	for (; rows->type; rows++) {
		struct ovlw_stack s = {
			.hdr = { .ts_ns = ts_ns, .tid = rows->tid, .type = OVLW_STACK },
			.of = rows->flags,
			.bytes = 8,
			.ip = { rows->v },
		};

		ts_ns += 1000;
		if (rows->type == OVLW_STACK)
			model__event(m, &s.hdr, sizeof(s));
		else
			model__event(m, &w.hdr, wire__make(&w, rows, ts_ns, rows->lost));
	}
	CHECK_STR(seen, want);
	model__free(m);
}

#define TAKEN(t, event, at) .tid = (t), .type = OVLW_STACK, .flags = OVLW_##event, .v = (at)

static void each_its_own(void)
{
	static const struct row rows[] = {
		{ BEGIN(1, A, 5) },	    { DROP(1, A, 5) },
		{ TAKEN(2, MODIFY, 0x20) }, { TAKEN(3, MODIFY, 0x30) },
		{ MODIFY(2, A, 6) },	    { MODIFY(3, A, 7) },
		{ MODIFY(3, A, 8) }, /* its stack did not fit into the ring */
		{ REACQUIRE(1, A, 8) },	    { TAKEN(1, SET, 0x10) },
		{ SET(1, A, 8, 0, C1, 8) }, { 0 },
	};

	play(begin(), rows, "modify t2 20\nmodify t3 30\nmodify t3 0\nrebuild t1 10\n");
}

/* The event of the first stack was lost, and that of the second has no stack. */
static void lost_events(void)
{
	static const struct row rows[] = {
		{ BEGIN(1, A, 5) },	     { DROP(1, A, 5) },
		{ TAKEN(1, SET, 0x10) },     { REACQUIRE(1, A, 5) },
		{ SET(1, A, 5, 0, C1, 5) },  { TAKEN(2, MODIFY, 0x20) },
		{ BEGIN(2, A, 5) },	     { TAKEN(2, FREE, 0x21) },
		{ SET(2, A, 5, C1, C2, 5) }, { 0 },
	};

	play(begin(), rows, "rebuild t1 0\nrebuild t2 0\n");
}

/* The clear comes before the free that ends the rebuild. */
static void cleared(void)
{
	static const struct row rows[] = {
		{ BEGIN(1, A, 5) },
		{ TAKEN(1, CLEAR, 0x10) },
		{ CLEAR(1, A, 5) },
		{ TAKEN(1, FREE, 0x11) },
		{ TAKEN(2, FREE, 0x12) },
		{ FREE_LATER(1, B, 5, C2, 5) },
		{ FREE_NEW(1, A, 5), .pure = true },
		{ BEGIN(1, A, 6) },
		{ TAKEN(1, FREE, 0x13) },
		{ FREE_NEW(1, A, 6), .err = -12 },
		{ 0 },
	};

	play(begin(), rows, "rebuild t1 10\nrebuild t1 13\n");
}

static void incidents(void)
{
	static const struct row rows[] = {
		{ TAKEN(1, INCIDENT, 0x10) },
		{ .tid = 1, .type = OVLW_DESTROY + 1, .dir = A }, /* a path comes between */
		{ INCIDENT(1, A, OVLW_LOCKED_LOOKUP), .name = "x" },
		/* an impure cache on a merged directory: the store proves it */
		{ BEGIN(2, B, 5) },
		{ TAKEN(2, SET, 0x20) },
		{ SET(2, B, 5, 0, C1, 5), .whiteouts = true },
		{ 0 },
	};

	play(begin(), rows, "incident t1 10\nrebuild t2 20\nincident t2 20\n");
}

/* More tasks than there are places: the oldest stacks are missing, nothing else is. */
static void too_many(void)
{
	struct ovlw_stack s = { .hdr.type = OVLW_STACK, .of = OVLW_SET, .bytes = 8, .ip = { 7 } };
	struct model *m = begin();
	const struct row rows[] = {
		{ BEGIN(1, A, 5) },
		{ SET(1, A, 5, 0, C1, 5) },
		{ BEGIN(1001, A, 5) },
		{ SET(1001, A, 5, C1, C2, 5) },
		{ 0 },
	};

	for (s.hdr.tid = 1; s.hdr.tid <= 1000; s.hdr.tid++)
		model__event(m, &s.hdr, sizeof(s));
	model__event(m, &s.hdr, sizeof(s) - 1); /* cut short */
	play(m, rows, "rebuild t1 0\nrebuild t1001 0\n");
}

int main(void)
{
	TEST(each_its_own);
	TEST(lost_events);
	TEST(cleared);
	TEST(incidents);
	TEST(too_many);
	return test_done();
}
