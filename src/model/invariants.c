// SPDX-License-Identifier: GPL-2.0-only
/*
 * Violated invariants. Each has a record of its own, so that the finding can be
 * proved again from the recording.
 */
#include "model/internal.h"

#include <string.h>

enum {
	MAX_ERRNO = 4095,
};

/* before: seq of a record that is evidence, too, or 0 */
static void report(struct model *m, const struct rec_incident *in, const struct mdir *dir,
		   uint64_t before, uint64_t ts_ns)
{
	struct ovl_record rec = { .type = RECORD_INCIDENT, .incident = *in };
	struct detect_subject subject = { .incident = in };
	uint64_t evidence[2];
	struct model_report rep = {
		.m = m,
		.f = { .dir = dir, .task = &in->task, .evidence = evidence, .at_ns = ts_ns },
		.ts_ns = ts_ns,
	};

	if (before)
		evidence[rep.f.nevidence++] = before;
	evidence[rep.f.nevidence++] = model__emit(m, &rec, ts_ns);
	detect__run(&subject, model__detected, &rep);
}

void invariants__incident(struct model *m, const struct ovlw_incident *ev, struct mtask *t,
			  const struct mdir *dir)
{
	bool valid = ev->value <= 0 && ev->value >= -MAX_ERRNO;
	char name[OVLW_NAME];
	struct rec_incident in = {
		.what = ev->what,
		.cache = ev->cache,
		.refcount = ev->refcount,
		.value = ev->value,
		.op = ev->op < OVLW_OP_COUNT ? ev->op : OVLW_OP_UNKNOWN,
		.name = name,
	};
	uint64_t rebuild = 0;

	in.stack = stack__get(m, &ev->hdr);
	memcpy(name, ev->name, sizeof(name));
	name[sizeof(name) - 1] = 0;
	if (ev->what == OVLW_IMPURE_SERVED)
		ledger__hand_over(m, ev->cache, ev->hdr.ts_ns);
	model__task(m, &in.task, &ev->hdr, &ev->task);
	if (ev->what >= OVLW_WHATS || !model__task_wanted(m, &in.task))
		return;
	if (ev->what == OVLW_BAD_RETURN && valid) {
		/* an errno is legal, unless it comes from a rebuild that failed without a reason */
		rebuild = dir && t->failed_dir == dir->inode ? t->failed_seq : 0;
		t->failed_seq = 0;
		if (!rebuild)
			return;
	}
	model__rec_dir(&in.dir, dir);
	report(m, &in, dir, rebuild, ev->hdr.ts_ns);
}

void invariants__stored(struct model *m, const struct ovlw_cache *ev, const struct mdir *dir,
			const struct rec_task *by, uint64_t seq)
{
	struct rec_incident in;

	if (!ev->dir.whiteouts || ev->refcount)
		return;
	in = (struct rec_incident){
		.what = OVLW_IMPURE_STORE,
		.cache = ev->cache,
		.task = *by,
		.name = "",
	};
	in.stack = stack__get(m, &ev->hdr);
	model__rec_dir(&in.dir, dir);
	report(m, &in, dir, seq, ev->hdr.ts_ns);
}
