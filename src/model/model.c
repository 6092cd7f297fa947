// SPDX-License-Identifier: GPL-2.0-only
#include "model/internal.h"

#include <stdlib.h>
#include <string.h>

#include "util/dirpath.h"
#include "util/saturate.h"

struct model *model__new(const struct model_opts *opts)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m)
		m->opts = *opts;
	return m;
}

static void dir_free(struct model *m, struct mdir *dir)
{
	ledger__drop_dir(m, dir);
	merged__drop_dir(m, dir);
	if (m->last_dir == dir)
		m->last_dir = NULL;
	HASH_DEL(m->dirs, dir);
	free(dir->path);
	free(dir);
}

/* Keeps a destroyed directory while its caches may still be freed. */
static void dir_retire(struct model *m, struct mdir *dir)
{
	HASH_DEL(m->dirs, dir);
	if (m->last_dir == dir)
		m->last_dir = NULL;
	DL_APPEND(m->retired, dir);
}

static void retired_free(struct model *m, bool all)
{
	struct mdir *dir, *tmp;

	DL_FOREACH_SAFE(m->retired, dir, tmp) {
		if (dir->caches && !all)
			continue;
		DL_DELETE(m->retired, dir);
		ledger__drop_dir(m, dir);
		free(dir->path);
		free(dir);
	}
}

void model__free(struct model *m)
{
	struct mtask *t, *ttmp;
	struct mdir *d, *dtmp;

	if (!m)
		return;
	HASH_ITER(hh, m->tasks, t, ttmp) {
		rebuild__free(t);
		HASH_DEL(m->tasks, t);
		free(t);
	}
	HASH_ITER(hh, m->dirs, d, dtmp)
		dir_free(m, d);
	retired_free(m, true);
	merged__deinit(m);
	free(m->stacks);
	free(m->spare);
	free(m);
}

/* The directory of an event. A reused address is a new directory. */
static struct mdir *dir_get(struct model *m, const struct ovlw_dir *ev, uint64_t ts_ns)
{
	struct mdir *dir;

	if (!ev->inode)
		return NULL;
	dir = m->last_dir;
	if (!dir || dir->inode != ev->inode)
		HASH_FIND(hh, m->dirs, &ev->inode, sizeof(ev->inode), dir);
	if (dir && (dir->ino != ev->ino || dir->dev != ev->dev) && !dir->rebuilds) {
		ledger__forgotten(m, dir, ts_ns);
		merged__destroyed(m, dir, 0, ts_ns);
		dir_free(m, dir);
		dir = NULL;
	}
	if (!dir) {
		dir = calloc(1, sizeof(*dir));
		if (!dir) {
			model__inconsistent(m, INCONSISTENT_NO_MEMORY);
			return NULL;
		}
		dir->inode = ev->inode;
		dir->version = ev->version;
		dir->prior = ev->slot;
		HASH_ADD(hh, m->dirs, inode, sizeof(dir->inode), dir);
		if (!hash__holds(dir)) {
			model__inconsistent(m, INCONSISTENT_NO_MEMORY);
			free(dir);
			return NULL;
		}
	}
	dir->ino = ev->ino;
	dir->dev = ev->dev;
	m->last_dir = dir;
	return dir;
}

static struct mtask *task_get(struct model *m, const struct ovlw_hdr *hdr)
{
	struct mtask *t;

	t = m->last_task;
	if (!t || t->tid != hdr->tid)
		HASH_FIND(hh, m->tasks, &hdr->tid, sizeof(hdr->tid), t);
	if (!t) {
		t = calloc(1, sizeof(*t));
		if (!t) {
			model__inconsistent(m, INCONSISTENT_NO_MEMORY);
			return NULL;
		}
		t->tid = hdr->tid;
		t->start_ns = hdr->start_ns;
		HASH_ADD(hh, m->tasks, tid, sizeof(t->tid), t);
		if (!hash__holds(t)) {
			model__inconsistent(m, INCONSISTENT_NO_MEMORY);
			free(t);
			return NULL;
		}
	}
	if (hdr->start_ns && t->start_ns && t->start_ns != hdr->start_ns) {
		/* the tid was reused: the old task exited in the middle of this */
		if (t->rebuild)
			m->counts.partial++;
		ledger__judge_task(m, t, hdr->ts_ns);
		merged__judge_task(m, t, hdr->ts_ns);
		rebuild__free(t);
	}
	if (hdr->start_ns)
		t->start_ns = hdr->start_ns;
	m->last_task = t;
	return t;
}

/* Frees a task that has nothing open. */
static void task_put(struct model *m, struct mtask *t)
{
	/* keep a few: uthash frees an empty table and allocates it again */
	if (t->rebuild || t->pending || t->failed_seq || t->unfreed || t->discarded ||
	    HASH_COUNT(m->tasks) <= MODEL_IDLE_TASKS)
		return;
	if (m->last_task == t)
		m->last_task = NULL;
	HASH_DEL(m->tasks, t);
	free(t);
}

static void on_modify(struct model *m, const struct ovlw_modify *ev, struct mdir *dir)
{
	struct ovl_record rec = { .type = RECORD_MODIFY };
	struct rebuild *rb;
	bool reported = false;
	uint64_t seq;

	/* ovl_dir_modified() bumps the version only if an entry had an origin */
	if (ev->dir.version == dir->version)
		return;
	model__task(m, &rec.modify.task, &ev->hdr, &ev->task);
	DL_FOREACH(dir->rebuilds, rb) {
		if (m->opts.joins && !rb->reported)
			rebuild__join(m, rb, &rec.modify.task);
		reported |= rb->reported;
	}
	if (!reported)
		return;
	model__rec_dir(&rec.modify.dir, dir);
	rec.modify.version_before = dir->version;
	rec.modify.version_after = ev->dir.version;
	rec.modify.op = ev->op;
	rec.modify.moved = ev->moved;
	rec.modify.name = ev->name;
	rec.modify.name2 = ev->name2;
	rec.modify.stack = stack__get(m, &ev->hdr);
	seq = model__emit(m, &rec, ev->hdr.ts_ns);
	DL_FOREACH(dir->rebuilds, rb)
		if (rb->nmodify < MODEL_EVIDENCE)
			rb->modify_seq[rb->nmodify++] = seq;
}

static void on_destroy(struct model *m, const struct ovlw_event *ev, struct mdir *dir)
{
	struct mtask *t, *tmp;

	HASH_ITER(hh, m->tasks, t, tmp) {
		if (!t->rebuild || t->rebuild->dir != dir)
			continue;
		m->counts.partial++;
		rebuild__free(t);
	}
	ledger__destroyed(m, dir, ev->dir.slot, ev->hdr.ts_ns);
	merged__destroyed(m, dir, ev->dir.slot, ev->hdr.ts_ns);
	if (dir->caches)
		dir_retire(m, dir);
	else
		dir_free(m, dir);
}

static void on_path(struct model *m, const struct ovlw_path *ev, size_t size, struct mdir *dir)
{
	char *path;

	if (ev->len > size - offsetof(struct ovlw_path, path))
		return;
	path = dirpath__join(ev->path, ev->len, ev->truncated);
	if (!path) {
		model__inconsistent(m, INCONSISTENT_NO_MEMORY);
		return;
	}
	free(dir->path);
	dir->path = path;
}

/* False: dir was freed. */
static bool on_event(struct model *m, const struct ovlw_hdr *hdr, size_t size, struct mtask *t,
		     struct mdir *dir)
{
	const struct ovlw_event *ev = (const void *)hdr;

	switch (hdr->type) {
	case OVLW_BEGIN:
		rebuild__begin(m, ev, t, dir);
		break;
	case OVLW_READ:
		rebuild__read(ev, t->rebuild);
		break;
	case OVLW_DROP:
		rebuild__drop(m, ev, t->rebuild);
		break;
	case OVLW_REACQUIRE:
		rebuild__reacquire(m, t->rebuild, hdr, &ev->dir, ev->wait_ns);
		break;
	case OVLW_CLEAR:
		rebuild__clear(t->rebuild);
		break;
	case OVLW_LEAVE:
		rebuild__leave(m, ev, t);
		break;
	case OVLW_SET:
		rebuild__set(m, (const void *)hdr, t, dir);
		break;
	case OVLW_FREE:
		rebuild__freed(m, (const void *)hdr, t);
		break;
	case OVLW_MODIFY:
		on_modify(m, (const void *)hdr, dir);
		break;
	case OVLW_INCIDENT:
		invariants__incident(m, (const void *)hdr, t, dir);
		break;
	case OVLW_PATH_NAME:
		on_path(m, (const void *)hdr, size, dir);
		break;
	case OVLW_DESTROY:
		on_destroy(m, ev, dir);
		return false;
	default:
		break;
	}
	return true;
}

static void event(struct model *m, const struct ovlw_hdr *hdr, size_t size)
{
	const struct ovlw_event *ev = (const void *)hdr;
	struct mdir *dir;
	struct mtask *t;

	if (hdr->type == OVLW_FREE && ((const struct ovlw_cache *)hdr)->flags & OVLW_F_LATER) {
		ledger__freed(m, (const void *)hdr);
		retired_free(m, false);
		return;
	}
	m->slot_used |= ev->dir.slot != 0;
	t = task_get(m, hdr);
	dir = dir_get(m, &ev->dir, hdr->ts_ns);
	if (t && merged__is(hdr->type)) {
		merged__event(m, (const void *)hdr, t, dir);
		task_put(m, t);
		return;
	}
	if (!t || (!dir && hdr->type != OVLW_FREE && hdr->type != OVLW_INCIDENT))
		return;
	merged__judge_task(m, t, hdr->ts_ns);
	if (dir && hdr->type != OVLW_PATH_NAME)
		ledger__judge_dir(m, dir, t, hdr->ts_ns);
	if (on_event(m, hdr, size, t, dir) && dir && hdr->type != OVLW_PATH_NAME)
		dir->version = ev->dir.version;
	task_put(m, t);
}

void model__event(struct model *m, const struct ovlw_hdr *hdr, size_t size)
{
	if (size < sizeof(*hdr) || size < event__size(hdr->type))
		return;
	if (hdr->lost > m->lost_seen)
		m->lost_seen = hdr->lost;
	if (hdr->type != OVLW_STACK)
		event(m, hdr, size);
	stack__pass(m, hdr);
}

void model__set_coverage(struct model *m, const struct model_opts *opts)
{
	m->opts.complete = opts->complete;
	m->opts.sees_windows = opts->sees_windows;
	m->opts.sees_stores = opts->sees_stores;
	m->opts.sees_frees = opts->sees_frees;
	m->opts.sees_clears = opts->sees_clears;
	m->opts.sees_mixes = opts->sees_mixes;
	m->opts.sees_returns = opts->sees_returns;
	m->opts.sees_hazards = opts->sees_hazards;
	m->opts.sees_entries = opts->sees_entries;
	m->opts.sees_leaves = opts->sees_leaves;
	m->opts.shared = opts->shared;
	m->opts.late_frees = opts->late_frees;
	m->opts.merged = opts->merged;
	m->opts.late_merged_puts = opts->late_merged_puts;
	m->opts.sees_merged_stores = opts->sees_merged_stores;
	m->opts.sees_merged_gets = opts->sees_merged_gets;
	m->opts.sees_merged_puts = opts->sees_merged_puts;
	m->opts.sees_merged_frees = opts->sees_merged_frees;
}

void model__session(struct model *m, uint64_t ts_ns, const struct rec_session *session)
{
	struct ovl_record rec = { .type = RECORD_SESSION, .session = *session };

	m->begin_ns = ts_ns;
	model__emit(m, &rec, ts_ns);
}

void model__test(struct model *m, uint64_t ts_ns, const struct rec_test *test)
{
	struct ovl_record rec = { .type = RECORD_TEST, .test = *test };

	model__emit(m, &rec, ts_ns);
}

void model__lost(struct model *m, uint64_t ts_ns, const char *where, uint64_t count)
{
	struct ovl_record rec = { .type = RECORD_LOST };

	saturate__add(&m->counts.lost, count);
	rec.lost.count = count;
	rec.lost.where = where;
	model__emit(m, &rec, ts_ns);
}

void model__directory(struct model *m, uint64_t ts_ns, const struct rec_directory *dir)
{
	struct ovl_record rec = { .type = RECORD_DIRECTORY, .directory = *dir };

	model__emit(m, &rec, ts_ns);
}

void model__judge_open(struct model *m, uint64_t ts_ns)
{
	struct mtask *t, *tmp;
	struct mdir *dir, *dtmp;

	HASH_ITER(hh, m->tasks, t, tmp)
		m->counts.partial += t->rebuild != NULL;
	HASH_ITER(hh, m->dirs, dir, dtmp) {
		ledger__finish(m, dir, ts_ns);
		merged__finish(m, dir, ts_ns);
	}
	DL_FOREACH_SAFE(m->retired, dir, dtmp)
		ledger__finish(m, dir, ts_ns);
}

bool model__awaits_frees(const struct model *m, uint64_t since_ns)
{
	const struct mcache *c;

	for (c = m->caches; c; c = c->hh.next)
		if (c->state == CACHE_OVERWRITTEN && c->over_ns >= since_ns)
			return true;
	return false;
}

void model__summary(struct model *m, uint64_t ts_ns, const struct rec_summary *summary)
{
	struct ovl_record rec = { .type = RECORD_SUMMARY, .summary = *summary };

	model__emit(m, &rec, ts_ns);
}
