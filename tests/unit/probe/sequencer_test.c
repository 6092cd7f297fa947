// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of several rings, with several events each, come out in the order
 * of their numbers, each once.
 */
#include <stdlib.h>

#include "probe/sequencer.h"
#include "test.h"

struct seen {
	uint64_t seq[64];
	size_t n, path_size;
};

static void on_event(void *ctx, const struct ovlw_hdr *ev, size_t size)
{
	struct seen *s = ctx;

	if (s->n < 64)
		s->seq[s->n++] = ev->seq;
	if (ev->type == OVLW_PATH_NAME)
		s->path_size = size;
}

static void came(const struct seen *s, const char *want)
{
	char text[512] = "";
	size_t i, len = 0;

	for (i = 0; i < s->n; i++)
		len += snprintf(text + len, sizeof(text) - len, "%s%" PRIu64, i ? " " : "",
				s->seq[i]);
	CHECK_STR(text, want);
}

/* A record of the events with these numbers; -1 ends it, with an empty one after it if asked. */
static int push(struct sequencer *o, const int *seq, bool empty)
{
	union ovlw_any rec[8];
	size_t n = 0;

	memset(rec, 0, sizeof(rec));
	for (; seq[n] >= 0; n++) {
		rec[n].hdr.seq = seq[n];
		rec[n].hdr.type = n % 2 ? OVLW_SET : OVLW_DROP;
	}
	return sequencer__push(o, rec, (n + empty) * sizeof(rec[0]));
}

#define PUSH(o, ...) CHECK(!push(o, (const int[]){ __VA_ARGS__, -1 }, false))
#define PUSH_EMPTY(o, ...) CHECK(!push(o, (const int[]){ __VA_ARGS__, -1 }, true))

static void in_order_from_several_rings(void)
{
	struct seen s = { .n = 0 };
	struct sequencer *o = sequencer__new(on_event, &s);

	/* nothing came, nothing is missing */
	CHECK_EQ(sequencer__give_up(o, sequencer__end(o)), 0);
	PUSH(o, 1, 4, 5);
	came(&s, "");
	CHECK(sequencer__waits(o));
	PUSH_EMPTY(o, 2, 6);
	PUSH(o, 0);
	came(&s, "0 1 2");
	PUSH(o, 3);
	came(&s, "0 1 2 3 4 5 6");
	CHECK(!sequencer__waits(o));
	CHECK_EQ(sequencer__next(o), 7);
	CHECK_EQ(sequencer__end(o), 7);
	sequencer__free(o);
}

static void what_comes_twice_is_told_once(void)
{
	struct seen s = { .n = 0 };
	struct sequencer *o = sequencer__new(on_event, &s);

	PUSH(o, 0);
	PUSH(o, 2);
	PUSH(o, 2, 3);
	PUSH(o, 0);
	PUSH(o, 1);
	PUSH(o, 1, 2, 4);
	came(&s, "0 1 2 3 4");
	sequencer__free(o);
}

/* The number after the last one would be 0. */
static void the_last_number_is_none(void)
{
	struct seen s = { .n = 0 };
	struct sequencer *o = sequencer__new(on_event, &s);
	union ovlw_any rec = { .hdr = { .seq = UINT64_MAX, .type = OVLW_DROP } };

	CHECK_EQ(sequencer__push(o, &rec, sizeof(rec)), 0);
	CHECK(!sequencer__waits(o));
	PUSH(o, 0, 1);
	CHECK_EQ(sequencer__give_up(o, sequencer__end(o)), 0);
	came(&s, "0 1");
	sequencer__free(o);
}

static void what_never_comes_is_given_up(void)
{
	struct seen s = { .n = 0 };
	struct sequencer *o = sequencer__new(on_event, &s);

	PUSH(o, 2, 5, 6, 9);
	CHECK_EQ(sequencer__give_up(o, 6), 4); /* 0 1 3 4 */
	came(&s, "2 5 6");
	CHECK(sequencer__waits(o));
	PUSH(o, 3); /* too late */
	CHECK_EQ(sequencer__give_up(o, sequencer__end(o)), 2);
	came(&s, "2 5 6 9");
	CHECK_EQ(sequencer__give_up(o, 5), 0);
	sequencer__free(o);
}

static void a_path_is_all_of_its_record(void)
{
	struct seen s = { .n = 0 };
	struct sequencer *o = sequencer__new(on_event, &s);
	struct ovlw_path *p = calloc(1, sizeof(*p));

	p->hdr.type = OVLW_PATH_NAME;
	CHECK(!sequencer__push(o, p, sizeof(*p) - 100));
	CHECK_EQ(s.path_size, sizeof(*p) - 100);
	p->hdr.seq = 1;
	/* a record that is cut says nothing */
	CHECK(!sequencer__push(o, p, sizeof(p->hdr) + 1));
	CHECK(!sequencer__push(o, p, 3));
	came(&s, "0");
	free(p);
	sequencer__free(o);
}

int main(void)
{
	TEST(in_order_from_several_rings);
	TEST(what_comes_twice_is_told_once);
	TEST(the_last_number_is_none);
	TEST(what_never_comes_is_given_up);
	TEST(a_path_is_all_of_its_record);
	return test_done();
}
