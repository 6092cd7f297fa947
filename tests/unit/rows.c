// SPDX-License-Identifier: GPL-2.0-only
#include "rows.h"

#include <stdarg.h>

#include "test.h"

enum {
	STEP_NS = 1000
};

static uint64_t dir_ino(int dir)
{
	return 100 + dir;
}

size_t wire__make(union wire *w, const struct row *row, uint64_t ts_ns, uint64_t lost)
{
	struct ovlw_dir *dir = &w->event.dir; /* at the same place in all */

	memset(w, 0, sizeof(*w));
	w->hdr.ts_ns = ts_ns;
	w->hdr.lost = lost;
	w->hdr.start_ns = row->start ? row->start : 1;
	w->hdr.tid = row->tid;
	w->hdr.pid = row->pid ? row->pid : row->tid;
	w->hdr.type = row->type;
	dir->inode = row->dir ? 0xffff888000000000ULL + row->dir * 0x1000ULL : 0;
	dir->ino = row->ino ? row->ino : dir_ino(row->dir);
	dir->version = row->v;
	dir->slot = row->slot;
	dir->dev = 5;
	dir->impure = !row->pure;
	dir->whiteouts = row->whiteouts;
	switch (row->type) {
	case OVLW_SET:
	case OVLW_FREE:
		w->cache.cache = row->cache;
		w->cache.stamp = row->stamp;
		w->cache.slot_refcount = row->slot_refcount;
		w->cache.err = row->err;
		w->cache.flags = row->flags | (row->guessed ? OVLW_F_GUESS : 0);
		return sizeof(w->cache);
	case OVLW_INCIDENT:
		w->incident.what = row->what;
		w->incident.cache = row->cache;
		w->incident.refcount = row->refcount;
		w->incident.value = row->value;
		w->incident.op = row->op;
		if (row->name)
			strcpy(w->incident.name, row->name);
		strcpy(w->incident.task.comm, "reader");
		return sizeof(w->incident);
	case OVLW_MODIFY:
		w->modify.op = OVLW_OP_RENAME;
		strcpy(w->modify.name, "from");
		strcpy(w->modify.name2, "to");
		return sizeof(w->modify);
	default:
		w->event.locked = !row->unlocked;
		w->event.ret = row->value;
		w->event.stamp = row->stamp;
		strcpy(w->event.task.comm, "reader");
		return sizeof(w->event);
	}
}

static void put(struct reclog *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, sizeof(l->text) - l->len, fmt, ap);
	va_end(ap);
	/* limits the log of the fuzzer */
	if ((size_t)n < sizeof(l->text) - l->len)
		l->len += n;
}

static char dir_name(const struct rec_dir *dir)
{
	return dir->ino > 100 && dir->ino < 126 ? 'A' + dir->ino - 101 : '?';
}

static void put_rebuild(struct reclog *l, const struct rec_rebuild *r)
{
	size_t i;
	uint64_t mods = 0;

	put(l, "rebuild %c t%u %s %" PRIu64 "/%" PRIu64, dir_name(&r->dir), r->task.tid,
	    rebuild_outcome__name(r->outcome), r->version_read, r->version_at_store);
	if (r->outcome == OUTCOME_STORED)
		put(l, "/%" PRIu64, r->version_stamped);
	put(l, " w%zu m%" PRIu64, r->nwindows, r->mods_in_window);
	if (r->impure_cleared)
		put(l, " clear");
	if (r->err)
		put(l, " %d%s", r->err, r->err_inferred ? "?" : "");
	put(l, "\n");
	for (i = 0; i < r->nwindows; i++) {
		const struct rec_window *w = &r->windows[i];

		mods += w->version_retake - w->version_drop;
		CHECK(w->drop_ns <= w->retake_ns);
		CHECK(!i || w[-1].retake_ns <= w->drop_ns);
	}
	CHECK(mods == r->mods_in_window);
	CHECK(r->begin_ns <= r->end_ns);
	CHECK(r->impure_cleared <= (r->outcome == OUTCOME_EMPTY));
	l->windows += r->nwindows;
	l->mods += mods;
	l->rebuilds++;
}

static void put_merged(struct reclog *l, const struct rec_merged *mc)
{
	put(l, "merged %c %" PRIx64 " t%u %s ", dir_name(&mc->dir), mc->cache, mc->task.tid,
	    merged_end__name(mc->how));
	if (mc->version_known)
		put(l, "%" PRIu64 "/", mc->version_read);
	put(l, "%" PRIu64 " g%" PRIu64 " p%" PRIu64, mc->version_stamped, mc->gets, mc->puts);
	if (mc->outdated)
		put(l, " o%" PRIu64, mc->outdated);
	if (mc->miscounted)
		put(l, " r%" PRId64 "/%" PRId64, mc->refcount, mc->streams);
	if (mc->freed_under)
		put(l, " under%" PRIu64, mc->freed_under);
	if (mc->got_after_free)
		put(l, " after%" PRIu64, mc->got_after_free);
	put(l, "%s%s\n", mc->stored_ns ? "" : " old", mc->cut ? " cut" : "");
	CHECK((mc->how == MERGED_END_FREED) == (mc->freed_ns != 0));
}

/* Evidence is there, is older than the finding, and is about the same directory. */
static void put_finding(struct reclog *l, const struct ovl_record *rec)
{
	const struct rec_finding *f = &rec->finding;
	size_t i;

	put(l, "finding %s %c t%u %s [", finding_kind__name(f->kind), dir_name(&f->dir),
	    f->task.tid, f->exact ? "exact" : "inferred");
	CHECK(f->nevidence <= RECORD_MAX_EVIDENCE && (f->nevidence || l->mad));
	CHECK(strlen(f->text) > 20 && !strchr(f->text, '\n'));
	for (i = 0; i < f->nevidence; i++) {
		uint64_t seq = f->evidence[i];

		put(l, "%s%" PRIu64, i ? "," : "", seq);
		CHECK(seq > 0 && seq < rec->seq);
		if (rec->seq - seq >= 256)
			continue;
		CHECK(l->past[seq % 256].type == RECORD_REBUILD ||
		      l->past[seq % 256].type == RECORD_INCIDENT ||
		      l->past[seq % 256].type == RECORD_MODIFY ||
		      l->past[seq % 256].type == RECORD_MERGED_CACHE);
		CHECK(l->mad || l->past[seq % 256].ino == f->dir.ino);
	}
	put(l, "]\n");
	l->kinds[f->kind]++;
}

void reclog__emit(void *ctx, const struct ovl_record *rec)
{
	struct reclog *l = ctx;
	uint64_t ino = 0;

	CHECK_EQ(rec->seq, l->seq + 1);
	CHECK(rec->ts_ns >= l->ts_ns);
	switch (rec->type) {
	case RECORD_REBUILD:
		ino = rec->rebuild.dir.ino;
		put_rebuild(l, &rec->rebuild);
		break;
	case RECORD_MODIFY:
		ino = rec->modify.dir.ino;
		put(l, "modify %c t%u %" PRIu64 "-%" PRIu64 "\n", dir_name(&rec->modify.dir),
		    rec->modify.task.tid, rec->modify.version_before, rec->modify.version_after);
		break;
	case RECORD_INCIDENT:
		ino = rec->incident.dir.ino;
		put(l, "incident %s %c t%u", ovlw_what__name(rec->incident.what),
		    dir_name(&rec->incident.dir), rec->incident.task.tid);
		if (rec->incident.cache)
			put(l, " 0x%" PRIx64 " r%" PRId64, rec->incident.cache,
			    rec->incident.refcount);
		if (rec->incident.value)
			put(l, " %" PRId32, rec->incident.value);
		if (rec->incident.op)
			put(l, " %s", ovlw_op__name(rec->incident.op));
		put(l, *rec->incident.name ? " '%s'\n" : "%s\n", rec->incident.name);
		break;
	case RECORD_FINDING:
		put_finding(l, rec);
		break;
	case RECORD_STALE_END:
		put(l, "stale_end %" PRIu64 " %s\n", rec->stale_end.finding,
		    stale_end__name(rec->stale_end.how));
		CHECK(rec->stale_end.stored_ns <= rec->ts_ns);
		break;
	case RECORD_MERGED_CACHE:
		ino = rec->merged.dir.ino;
		put_merged(l, &rec->merged);
		break;
	case RECORD_LOST:
		put(l, "lost %" PRIu64 " %s\n", rec->lost.count, rec->lost.where);
		break;
	default:
		put(l, "%s\n", rec->type == RECORD_SESSION ? "session" : "summary");
	}
	l->past[rec->seq % 256].type = rec->type;
	l->past[rec->seq % 256].ino = ino;
	l->seq = rec->seq;
	l->ts_ns = rec->ts_ns;
}

void rows__play(struct model *m, const struct row *rows)
{
	uint64_t ts = 0, lost = 0, seq = 0;
	union wire w;

	for (; rows->type; rows++) {
		size_t size;

		ts = rows->ts ? rows->ts : ts + STEP_NS;
		if (rows->lost)
			lost = rows->lost;
		size = wire__make(&w, rows, ts, lost);
		w.hdr.seq = seq++;
		model__event(m, &w.hdr, size);
	}
	model__judge_open(m, ts + STEP_NS);
}

/* Where stores went unseen, no count of them is 0: it is not known. */
static void check_store_count(const struct model *m, uint64_t got, uint64_t want)
{
	bool unknown = model__inconsistencies(m)[INCONSISTENT_UNSEEN_END] && !want;

	CHECK_EQ(got, unknown ? COUNT_UNSEEN : want);
}

static void check_counts(const struct model *m, const struct want *w)
{
	struct rec_counts c;
	int kind;

	model__counts(m, &c);
	CHECK_EQ(c.rebuilds, w->rebuilds);
	CHECK_EQ(c.windows, w->windows);
	check_store_count(m, c.stores, w->stores);
	CHECK_EQ(c.mods, w->mods);
	check_store_count(m, c.superseded_stores, w->superseded);
	for (kind = 0; kind < FINDING_KINDS; kind++) {
		if (!finding_kind__reported(&c, kind))
			continue;
		if (kind == FINDING_UNFREED_CACHE && !w->found[kind] &&
		    model__inconsistencies(m)[INCONSISTENT_NOT_IN_SLOT])
			CHECK_EQ(c.finding[kind], COUNT_UNSEEN);
		else if (kind == FINDING_STALE_STORE || kind == FINDING_UNFREED_CACHE)
			check_store_count(m, c.finding[kind], w->found[kind]);
		else
			CHECK_EQ(c.finding[kind], w->found[kind]);
	}
	CHECK_EQ(c.partial, w->partial);
	CHECK_EQ(c.lost, 0);
}

static void check_inconsistencies(const struct model *m, unsigned int want)
{
	const uint64_t *inconsistencies = model__inconsistencies(m);
	int i;

	for (i = 0; i < INCONSISTENCIES; i++)
		if (!CHECK_EQ(inconsistencies[i] != 0, want >> i & 1))
			printf("#   doubt: %s\n", inconsistency__text(i));
}

void model_case__belongs(void *ctx, struct rec_task *task, uint64_t ts_ns)
{
	uint32_t pid = *(uint32_t *)ctx;

	(void)ts_ns;
	task->unwanted = pid && task->pid != pid;
}

void model_case__check(const struct model_case *c)
{
	static struct reclog log;
	struct model_opts opts = {
		.emit = reclog__emit,
		.emit_ctx = &log,
		.belongs = model_case__belongs,
		.belongs_ctx = (void *)&c->pid,
		.joins = c->joins,
		.complete = true,
		.sees_windows = true,
		.sees_stores = true,
		.sees_frees = true,
		.sees_clears = true,
		.sees_mixes = true,
		.sees_returns = true,
		.sees_hazards = true,
		.sees_entries = true,
		.sees_leaves = c->leaves,
		.shared = c->shared,
		.late_frees = c->late,
	};
	struct model *m;

	memset(&log, 0, sizeof(log));
	m = model__new(&opts);
	if (!CHECK(m))
		return;
	rows__play(m, c->rows);
	CHECK_STR(log.text, c->records ? c->records : "");
	check_counts(m, &c->want);
	check_inconsistencies(m, c->inconsistencies);
	CHECK_EQ(model__verdict(m), c->verdict);
	model__free(m);
}

void model_case__run(const char *group, const struct model_case *c)
{
	unsigned long before = test_failures;

	model_case__check(c);
	test_end(group, c->name, before);
}
