// SPDX-License-Identifier: GPL-2.0-only
#include "replay/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "record/records.h"

enum {
	RECORDS = 1 << 19, /* a ring by seq: 4 MiB */
	REBUILDS = 1 << 17, /* a ring in the order of seq: 3 MiB */
	USED = 1 << 12, /* slots that a reset clears one by one */
	TYPE_BITS = 4,
};

_Static_assert(RECORD_TYPES < 1 << TYPE_BITS, "a type fits");

struct slot {
	uint32_t seq; /* its lower half */
	uint32_t what; /* type + 1, and above it the hash of the directory; 0: empty */
};

struct evidence {
	struct slot record[RECORDS];
	struct evidence_rebuild rebuild[REBUILDS];
	uint32_t used[USED]; /* slots in the order of their first use, while they fit */
	uint64_t nused, nrebuilds;
	uint64_t last; /* highest seq so far */
};

struct evidence *evidence__new(void)
{
	return calloc(1, sizeof(struct evidence));
}

void evidence__free(struct evidence *e)
{
	free(e);
}

void evidence__reset(struct evidence *e)
{
	uint64_t i;

	/* a file may hold thousands of short recordings, and clearing all slots is slow */
	if (e->nused > USED)
		memset(e->record, 0, sizeof(e->record));
	else
		for (i = 0; i < e->nused; i++)
			e->record[e->used[i]].what = 0;
	e->nused = e->nrebuilds = e->last = 0;
}

uint32_t evidence__dir(const struct rec_dir *dir)
{
	uint64_t h = (dir->ino * 0x9e3779b97f4a7c15ULL) ^
		     ((uint64_t)dir->dev * 0xc2b2ae3d27d4eb4fULL);

	return (uint32_t)(h >> 32) >> TYPE_BITS;
}

void evidence__note(struct evidence *e, const struct ovl_record *rec)
{
	struct slot *s = &e->record[rec->seq % RECORDS];
	const struct rec_dir *dir = record__dir(rec);
	struct evidence_rebuild *r;

	if (!s->what && e->nused++ < USED)
		e->used[e->nused - 1] = rec->seq % RECORDS;
	s->seq = (uint32_t)rec->seq;
	s->what = (dir ? evidence__dir(dir) << TYPE_BITS : 0) | (uint32_t)(rec->type + 1);
	if (rec->seq > e->last)
		e->last = rec->seq;
	if (rec->type != RECORD_REBUILD)
		return;
	r = &e->rebuild[e->nrebuilds++ % REBUILDS];
	r->seq = rec->seq;
	r->cache = rec->rebuild.cache;
	r->overwritten = rec->rebuild.overwritten;
}

enum evidence_found evidence__find(const struct evidence *e, uint64_t seq,
				   struct evidence_record *rec)
{
	const struct slot *s = &e->record[seq % RECORDS];

	if (!seq || seq > e->last)
		return EVIDENCE_ABSENT;
	if (e->last - seq >= RECORDS)
		return EVIDENCE_FORGOTTEN;
	if (!s->what || s->seq != (uint32_t)seq)
		return EVIDENCE_ABSENT;
	rec->type = (enum record_type)((s->what & ((1 << TYPE_BITS) - 1)) - 1);
	rec->dir = s->what >> TYPE_BITS;
	return EVIDENCE_THERE;
}

const struct evidence_rebuild *evidence__rebuild(const struct evidence *e, uint64_t seq)
{
	uint64_t from = e->nrebuilds > REBUILDS ? e->nrebuilds - REBUILDS : 0, to = e->nrebuilds;

	while (from < to) {
		uint64_t mid = from + (to - from) / 2;
		const struct evidence_rebuild *r = &e->rebuild[mid % REBUILDS];

		if (r->seq == seq)
			return r;
		if (r->seq < seq)
			from = mid + 1;
		else
			to = mid;
	}
	return NULL;
}
