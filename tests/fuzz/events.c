// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of the rings: sequencer, model, detectors, and every sink. The input is a
 * sequence of records, each after its size in two bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "model/model.h"
#include "outputs.h"
#include "probe/sequencer.h"

struct trace {
	struct model *model;
	struct outputs *outputs;
	uint64_t records, seq, ts_ns, counted;
};

static void on_record(void *ctx, const struct ovl_record *rec)
{
	struct trace *t = ctx;

	FUZZ_CHECK(rec->seq == t->seq + 1);
	FUZZ_CHECK(rec->ts_ns >= t->ts_ns);
	t->seq = rec->seq;
	t->ts_ns = rec->ts_ns;
	t->counted += rec->type == RECORD_FINDING;
	outputs__record(t->outputs, rec);
}

static void on_event(void *ctx, const struct ovlw_hdr *ev, size_t size)
{
	struct trace *t = ctx;
	struct ovlw_hdr *copy = malloc(size);

	/* in memory of just that size */
	FUZZ_CHECK(copy);
	memcpy(copy, ev, size);
	model__event(t->model, copy, size);
	free(copy);
}

/* The records of the input, in memory of just their sizes. */
static void push(struct sequencer *order, const uint8_t *data, size_t size)
{
	while (size > 2) {
		size_t len = data[0] | (size_t)data[1] << 8;
		char *copy;

		data += 2;
		size -= 2;
		len = len < size ? len : size;
		copy = fuzz__copy(data, len);
		FUZZ_CHECK(!sequencer__push(order, copy, len));
		free(copy);
		data += len;
		size -= len;
	}
}

static void end(struct trace *t)
{
	struct rec_summary last = { 0 };
	uint64_t findings = 0;
	int i;

	model__judge_open(t->model, t->ts_ns);
	model__counts(t->model, &last.counts);
	last.verdict = model__verdict(t->model);
	memcpy(last.inconsistencies, model__inconsistencies(t->model),
	       sizeof(last.inconsistencies));
	model__summary(t->model, t->ts_ns, &last);
	for (i = 0; i < FINDING_KINDS; i++)
		if (last.counts.finding[i] != COUNT_UNSEEN)
			findings += last.counts.finding[i];
	FUZZ_CHECK(findings == t->counted);
	FUZZ_CHECK((last.verdict == VERDICT_FINDINGS) == (findings > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trace t = { .outputs = outputs__new() };
	struct model_opts opts = {
		.emit = on_record,
		.emit_ctx = &t,
		.complete = true,
		.merged = true,
		.sees_merged_stores = true,
		.sees_merged_gets = true,
		.sees_merged_puts = true,
		.sees_merged_frees = true,
		.sees_windows = true,
		.sees_stores = true,
		.sees_frees = true,
		.sees_clears = true,
		.sees_mixes = true,
		.sees_returns = true,
		.sees_hazards = true,
		.sees_entries = true,
	};
	struct sequencer *order = sequencer__new(on_event, &t);
	uint64_t missing;

	t.model = model__new(&opts);
	FUZZ_CHECK(t.model && order);
	model__session(t.model, 0, outputs__session());
	push(order, data, size);
	missing = sequencer__give_up(order, sequencer__end(order));
	FUZZ_CHECK(!sequencer__waits(order));
	if (missing)
		model__lost(t.model, t.ts_ns, "events that never arrived", missing);
	end(&t);
	outputs__end(t.outputs);
	outputs__check(t.outputs);
	outputs__free(t.outputs);
	model__free(t.model);
	sequencer__free(order);
	return 0;
}
