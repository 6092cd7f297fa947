// SPDX-License-Identifier: GPL-2.0-only
/* The judge of the proof, on right and wrong kernels and plans. */
#include <stdlib.h>

#include "session/proof_judge.h"
#include "test.h"

enum {
	INODE = 0x100,
	OTHER = 0x200,
	C1 = 0x1000,
	C2 = 0x2000,
	C3 = 0x3000
};

/* A kernel, and what a plan sees of it. Zero: both are right. */
struct world {
	const char *name;
	bool holds; /* the kernel never drops the lock */
	bool unknown; /* whether it does is not known */
	bool inferred_clear; /* no call clears the flag */
	bool unarmed;
	bool quiet; /* entries are not counted */
	int drops; /* of each rebuild with something to look up; 0: one */
	bool keeps_flag, same_address, late_stamp;
	unsigned int lose; /* bits: events of these types never come */
	bool foreign; /* drops of a lock that is not held */
	bool stray; /* a rebuild of another directory */
	bool again; /* the cached listing rebuilds, too */
	bool flat; /* the version stays what it is */
	bool pure; /* the flag is read elsewhere */
	bool unread;
	uint32_t entries; /* 0: seven */
	bool bad_list, bad_stamp, free_twice, wrong_op, nameless, wrong_mod, destroyed_twice;
	/* what must come of it, by enum logical_event: c, x, n: confirmed, contradicted, neither */
	const char *want;
};

#define LOSE(type) (1U << OVLW_##type)

static const struct world worlds[] = {
	{ .name = "all is right", .want = "ccccccccccn" },
	{ .name = "the lock is held", .holds = true, .want = "cnnncccnncn" },
	{ .name = "a drop for each name", .drops = 7, .want = "ccccccccccn" },
	{ .name = "a drop may be another lock's, and there was none",
	  .unknown = true,
	  .lose = LOSE(DROP) | LOSE(REACQUIRE),
	  .want = "ccnncccccc"
		  "n" },
	{ .name = "entries are not counted", .quiet = true, .entries = 3, .want = "ccccccccccn" },
	{ .name = "modifications could not be asked for",
	  .unarmed = true,
	  .lose = LOSE(MODIFY),
	  .want = "cccccccnncn" },
	{ .name = "the flag is kept",
	  .keeps_flag = true,
	  .lose = LOSE(CLEAR),
	  .want = "ccccccncccn" },
	{ .name = "the flag goes without a call",
	  .inferred_clear = true,
	  .lose = LOSE(CLEAR),
	  .want = "ccccccccccn" },
	{ .name = "memory is used again at once", .same_address = true, .want = "ccccccccccn" },
	{ .name = "no names", .nameless = true, .want = "ccccccccccn" },
	/* wrong plans, one event each */
	{ .name = "no begin",
	  .lose = LOSE(BEGIN) | LOSE(DROP) | LOSE(REACQUIRE) | LOSE(CLEAR) | LOSE(MODIFY) |
		  LOSE(DESTROY),
	  .unarmed = true,
	  .want = "xnnncnnnnnn" },
	{ .name = "one begin too many", .again = true, .want = "xnnncnnnccn" },
	{ .name = "a begin of another directory",
	  .stray = true,
	  .want = "xnnnccnccc"
		  "n" },
	{ .name = "the version is not the version", .flat = true, .want = "xcccccccccn" },
	{ .name = "the flag is not the flag", .pure = true, .want = "xcccccccccn" },
	{ .name = "no read", .unread = true, .want = "cxccccccccn" },
	{ .name = "no drop", .lose = LOSE(DROP) | LOSE(REACQUIRE), .want = "ccxnccccccn" },
	{ .name = "a drop of another lock", .foreign = true, .want = "ccxcccccccn" },
	{ .name = "no retake", .lose = LOSE(REACQUIRE), .want = "cccxccccccn" },
	{ .name = "no store",
	  .lose = LOSE(SET),
	  .want = "ccccxncccc"
		  "n" },
	{ .name = "a cache with other entries", .entries = 10, .want = "ccccxcccccn" },
	{ .name = "a cache that is none", .bad_list = true, .want = "ccccxcccccn" },
	{ .name = "a stamp that is not the version", .bad_stamp = true, .want = "ccccxcccccn" },
	{ .name = "no free",
	  .lose = LOSE(FREE),
	  .want = "cccccxcccc"
		  "n" },
	{ .name = "a free too many", .free_twice = true, .want = "cccccxccccn" },
	{ .name = "the flag goes, its call unseen", .lose = LOSE(CLEAR), .want = "ccccccxcccn" },
	{ .name = "no modification", .lose = LOSE(MODIFY), .want = "cccccccxncn" },
	{ .name = "a modification at another version", .wrong_mod = true, .want = "cccccccxccn" },
	{ .name = "another operation", .wrong_op = true, .want = "ccccccccxcn" },
	{ .name = "no end of the inode", .lose = LOSE(DESTROY), .want = "cccccccccxn" },
	{ .name = "two ends of the inode", .destroyed_twice = true, .want = "cccccccccxn" },
};

struct play {
	const struct world *w;
	struct proof_seen seen;
	uint64_t version;
	bool flag;
	uint32_t pid;
};

static void feed(struct play *p, uint16_t type, union ovlw_any *ev, size_t size)
{
	if (p->w->lose & 1U << type)
		return;
	ev->hdr.type = type;
	ev->hdr.pid = p->pid;
	proof__count(&p->seen, &ev->hdr, size);
}

static union ovlw_any dir_event(const struct play *p, uint64_t inode)
{
	union ovlw_any ev = { 0 };

	ev.event.dir.inode = inode;
	ev.event.dir.version = p->w->flat ? 5 : p->version;
	ev.event.dir.impure = p->flag && !p->w->pure;
	ev.event.locked = !p->w->foreign;
	return ev;
}

static void put(struct play *p, uint16_t type)
{
	union ovlw_any ev = dir_event(p, INODE);

	feed(p, type, &ev, sizeof(ev));
}

static void begin(struct play *p)
{
	int i, n = p->w->drops ? p->w->drops : 1;

	put(p, OVLW_BEGIN);
	for (i = 0; i < n && !p->w->holds; i++) {
		put(p, OVLW_DROP);
		put(p, OVLW_REACQUIRE);
	}
}

static void store(struct play *p, uint64_t cache)
{
	union ovlw_any ev = dir_event(p, INODE);

	ev.cache.cache = cache;
	ev.cache.stamp = ev.cache.dir.version + p->w->bad_stamp;
	ev.cache.entries = p->w->entries ? p->w->entries : PROOF_ENTRIES;
	ev.cache.reads = !p->w->unread;
	ev.cache.flags = OVLW_F_REBUILD | (p->w->bad_list ? OVLW_F_BADLIST : 0);
	feed(p, OVLW_SET, &ev, sizeof(ev));
}

static void release(struct play *p, uint64_t cache, uint32_t flags)
{
	union ovlw_any ev = dir_event(p, INODE);

	ev.cache.cache = cache;
	ev.cache.reads = flags && !p->w->unread;
	ev.cache.flags = flags;
	feed(p, OVLW_FREE, &ev, sizeof(ev));
}

static void rename_within(struct play *p)
{
	struct ovlw_modify ev = { .hdr.type = OVLW_MODIFY };
	int i;

	p->version++;
	/* ovl_rename() says so of both parents, which are one */
	for (i = 0; i < 2 && !(p->w->lose & LOSE(MODIFY)); i++) {
		ev.dir.inode = INODE;
		ev.dir.version = p->w->flat ? 5 : p->version + p->w->wrong_mod;
		ev.op = p->w->wrong_op ? OVLW_OP_LINK : OVLW_OP_RENAME;
		if (!p->w->nameless) {
			strcpy(ev.name, PROOF_OLD_NAME);
			strcpy(ev.name2, PROOF_NEW_NAME);
		}
		proof__count(&p->seen, &ev.hdr, sizeof(ev));
	}
}

static void operations(struct play *p)
{
	const struct world *w = p->w;
	uint64_t second = w->same_address ? C1 : C2;

	begin(p);
	store(p, C1);
	if (w->again)
		put(p, OVLW_BEGIN);
	if (w->stray) {
		union ovlw_any ev = dir_event(p, OTHER);

		feed(p, OVLW_BEGIN, &ev, sizeof(ev));
	}
	rename_within(p);
	begin(p);
	release(p, C1, 0);
	if (w->free_twice)
		release(p, C1, 0);
	store(p, second);
	p->version += PROOF_ENTRIES;
	begin(p);
	release(p, second, 0);
	put(p, OVLW_CLEAR);
	p->flag = w->keeps_flag;
	release(p, C3, OVLW_F_NEW | OVLW_F_REBUILD);
	put(p, OVLW_DESTROY);
	if (w->destroyed_twice)
		put(p, OVLW_DESTROY);
}

static void plan_for(struct plan *plan, const struct world *w)
{
	int i;

	for (i = 0; i < EVENT_MERGED_STORED; i++)
		plan->cover[i].provider = PROVIDER_CALL_SITE;
	plan->cover[EVENT_READDIR].provider = PROVIDER_NONE;
	plan->cover[EVENT_IMPURE_CLEARED].inferred = w->inferred_clear;
	plan->layout_known = true;
	plan->lock_drop = w->holds   ? LOCK_DROP_ABSENT :
			  w->unknown ? LOCK_DROP_UNKNOWN :
				       LOCK_DROP_PRESENT;
	if (!w->holds)
		return;
	plan->cover[EVENT_CONTENT_READ].provider = plan->cover[EVENT_LOCK_DROPPED].provider =
		PROVIDER_CODE;
	plan->cover[EVENT_LOCK_REACQUIRED].provider = plan->cover[EVENT_DIR_MODIFIED].provider =
		PROVIDER_CODE;
	plan->cover[EVENT_DIR_OPERATION].provider = PROVIDER_CODE;
}

static void check_world(const struct world *w)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct play p = { .w = w, .version = 20, .flag = true };
	char got[EVENTS + 1] = { 0 }, *end = got;
	enum logical_event missing;
	bool wrong = false, needed = false;
	int i;

	plan_for(plan, w);
	operations(&p);
	p.seen.armed = !w->unarmed;
	p.seen.copy_ups = 1;
	p.seen.entries_known = !w->quiet;
	proof__judge(plan, &p.seen);
	for (i = 0; i < EVENT_MERGED_STORED; i++) {
		const struct coverage *c = &plan->cover[i];
		bool x = c->proof == PROOF_CONTRADICTED;

		if (i <= EVENT_INODE_DESTROYED || i == EVENT_READDIR)
			*end++ = "?cxn"[c->proof];
		else
			CHECK_EQ(c->proof,
				 i == EVENT_COPY_UP_ORDER ? PROOF_CONFIRMED : PROOF_NOT_EXERCISED);
		wrong |= x;
		needed |= x && i < EVENT_DIR_MODIFIED;
		CHECK(c->proof_evidence[0]);
		CHECK_STR(coverage__confidence(c), x || c->provider == PROVIDER_NONE ? "none" :
						   c->inferred			     ? "inferred" :
										       "exact");
	}
	CHECK_STR(got, w->want);
	CHECK_EQ(proof__result(plan), wrong ? PROOF_CONTRADICTED : PROOF_CONFIRMED);
	if (!w->inferred_clear)
		CHECK_EQ(plan__complete(plan, &missing), !needed);
	free(plan);
}

/* A cross-check that failed during the proof contradicts its event. */
static void doubts(void)
{
	static const struct world holds = { .holds = true };
	struct play p = { .w = &holds, .version = 20, .flag = true };
	struct plan *plan = calloc(1, sizeof(*plan));
	uint64_t n[INCONSISTENCIES] = { 0 };

	plan_for(plan, &holds);
	operations(&p);
	p.seen.entries_known = true;
	n[INCONSISTENT_MISSED_DROP] = 1;
	n[INCONSISTENT_LATE_STAMP] = 2;
	p.seen.inconsistencies = n;
	proof__judge(plan, &p.seen);
	CHECK_EQ(plan->cover[EVENT_LOCK_DROPPED].proof, PROOF_CONTRADICTED);
	CHECK_EQ(plan->cover[EVENT_CACHE_STORED].proof, PROOF_CONTRADICTED);
	CHECK_STR(plan->cover[EVENT_CACHE_STORED].proof_evidence,
		  inconsistency__text(INCONSISTENT_LATE_STAMP));
	CHECK_EQ(plan->cover[EVENT_CACHE_FREED].proof, PROOF_CONFIRMED);
	free(plan);
}

/* Two traces begin at once: the device of one's mount becomes that of the other's. */
static void two_proofs(void)
{
	static const struct world w = { 0 };
	struct play p = { .w = &w, .version = 20, .flag = true, .pid = 100 };
	struct plan *plan = calloc(1, sizeof(*plan));

	plan_for(plan, &w);
	operations(&p);
	p.pid = 101;
	p.version = 20;
	p.flag = true;
	operations(&p);
	CHECK_EQ(p.seen.begins, 3);
	CHECK_EQ(p.seen.stores, 2);
	p.seen.armed = p.seen.entries_known = true;
	p.seen.copy_ups = 1;
	proof__judge(plan, &p.seen);
	CHECK_EQ(proof__result(plan), PROOF_CONFIRMED);
	free(plan);
}

/* A directory was copied up. A plan that did not see it does not see the order. */
static void order(void)
{
	static const struct world w = { 0 };
	struct play p = { .w = &w, .version = 20, .flag = true };
	struct plan *plan = calloc(1, sizeof(*plan));
	enum logical_event missing;

	plan_for(plan, &w);
	operations(&p);
	p.seen.armed = p.seen.entries_known = true;
	p.seen.copy_ups = p.seen.copy_ups_wrong = 1;
	proof__judge(plan, &p.seen);
	CHECK_EQ(plan->cover[EVENT_COPY_UP_ORDER].proof, PROOF_CONFIRMED);
	CHECK(strstr(plan->cover[EVENT_COPY_UP_ORDER].proof_evidence, "before it was flagged"));
	p.seen.copy_ups = 0;
	proof__judge(plan, &p.seen);
	CHECK_EQ(plan->cover[EVENT_COPY_UP_ORDER].proof, PROOF_CONTRADICTED);
	CHECK_STR(coverage__confidence(&plan->cover[EVENT_COPY_UP_ORDER]), "none");
	/* the verdict does without */
	CHECK(plan__complete(plan, &missing));
	free(plan);
}

/* What is cut, of no type, or more than there is room for. */
static void odd_events(void)
{
	struct proof_seen seen = { 0 };
	union ovlw_any ev = { 0 };
	struct plan *plan = calloc(1, sizeof(*plan));
	int i;

	ev.event.dir.inode = INODE;
	ev.hdr.type = OVLW_BEGIN;
	proof__count(&seen, &ev.hdr, sizeof(ev.hdr));
	proof__count(&seen, &ev.hdr, 1);
	CHECK_EQ(seen.begins, 0);
	for (i = 0; i < 3 * PROOF_ROOM; i++) {
		ev.hdr.type = OVLW_BEGIN;
		proof__count(&seen, &ev.hdr, sizeof(ev));
		ev.hdr.type = OVLW_SET;
		ev.cache.cache = C1;
		proof__count(&seen, &ev.hdr, sizeof(ev));
		ev.hdr.type = OVLW_FREE;
		ev.cache.flags = i % 2 ? OVLW_F_NEW : 0;
		proof__count(&seen, &ev.hdr, sizeof(ev));
		ev.hdr.type = (uint16_t)(1000 + i);
		proof__count(&seen, &ev.hdr, sizeof(ev));
	}
	CHECK_EQ(seen.begins, 3 * PROOF_ROOM);
	plan_for(plan, &worlds[0]);
	proof__judge(plan, &seen);
	CHECK_EQ(plan->cover[EVENT_REBUILD_BEGIN].proof, PROOF_CONTRADICTED);
	free(plan);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
		unsigned long before = test_failures;

		check_world(&worlds[i]);
		test_end("proof", worlds[i].name, before);
	}
	TEST(doubts);
	TEST(order);
	TEST(two_proofs);
	TEST(odd_events);
	return test_done();
}
