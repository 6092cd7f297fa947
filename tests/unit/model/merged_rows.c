// SPDX-License-Identifier: GPL-2.0-only
#include "model/merged_rows.h"

void merged_rows__play(struct model *m, const struct mrow *row, bool settles)
{
	uint64_t ts = 0, lost = 0, seq = 0;

	for (; row->type; row++) {
		struct ovlw_merged ev = { .cache = row->cache,
					  .stamp = row->stamp,
					  .file = row->file,
					  .refcount = row->refcount,
					  .version = row->read ? row->read : row->v,
					  .flags = row->flags };
		struct ovlw_event gone = { .wait_ns = 0 };
		bool destroy = row->type == OVLW_DESTROY;
		struct ovlw_hdr *hdr = destroy ? &gone.hdr : &ev.hdr;

		ts = row->ts ? row->ts : ts + 1000;
		lost = row->lost ? row->lost : lost;
		*hdr = (struct ovlw_hdr){ .seq = seq++,
					  .ts_ns = ts,
					  .lost = lost,
					  .pid = row->tid,
					  .tid = row->tid,
					  .type = row->type };
		if (!row->flags && row->file)
			ev.flags = OVLW_MF_VERSION;
		if (row->dir)
			*(destroy ? &gone.dir : &ev.dir) =
				(struct ovlw_dir){ .inode = 0xabc000 + row->dir,
						   .ino = 100 + row->dir,
						   .dev = 32,
						   .version = row->v,
						   .slot = row->slot };
		model__event(m, hdr, destroy ? sizeof(gone) : sizeof(ev));
	}
	if (settles)
		model__judge_open(m, ts + 1000);
}

void merged_rows__check(const struct merged_case *c)
{
	static struct reclog log;
	struct model_opts opts = {
		.emit = reclog__emit,
		.emit_ctx = &log,
		.complete = !c->no_frees,
		.merged = true,
		.sees_merged_stores = true,
		.sees_merged_gets = true,
		.sees_merged_puts = true,
		.sees_merged_frees = !c->no_frees,
		.sees_stores = true,
		.sees_frees = true,
	};
	struct model *m = model__new(&opts);
	struct rec_counts n;
	int i;

	memset(&log, 0, sizeof(log));
	if (!CHECK(m))
		return;
	merged_rows__play(m, c->rows, true);
	CHECK_STR(log.text, c->records);
	model__counts(m, &n);
	CHECK(n.has_merged);
	CHECK_EQ(n.merged_stores, c->stores);
	CHECK_EQ(n.merged_gets, c->gets);
	CHECK_EQ(n.merged_puts, c->puts);
	CHECK_EQ(n.merged_frees, c->frees);
	CHECK_EQ(n.finding[FINDING_MERGED_LEAK], c->leaks);
	CHECK_EQ(n.finding[FINDING_MERGED_STALE_CACHE], c->stales);
	CHECK_EQ(n.finding[FINDING_MERGED_REFCOUNT], c->refcounts);
	for (i = 0; i < INCONSISTENCIES; i++)
		if (!CHECK_EQ(model__inconsistencies(m)[i] != 0, c->inconsistencies >> i & 1))
			printf("#   doubt: %s\n", inconsistency__text(i));
	CHECK_EQ(model__verdict(m), c->verdict);
	model__free(m);
}
