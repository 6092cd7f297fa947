// SPDX-License-Identifier: GPL-2.0-only
#include "sink/timeline.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "record/records.h"
#include "sink/stack_copy.h"
#include "util/text.h"

enum {
	KEEP = 512, /* records that findings may refer to */
	REPORT_MODIFIES = 8,
	MAX_LINES = 80,
	LINE = 192,
	STACK_INDENT = 46, /* two columns after what the task does */
};

struct kept {
	uint64_t seq;
	struct ovl_record rec;
	struct rec_window windows[TIMELINE_WINDOWS];
	char name[2][OVLW_NAME]; /* of a modify; of an incident, the first */
	struct stack_copy stack;
};

struct timeline {
	struct kept kept[KEEP];
	size_t n;
};

struct line {
	uint64_t ts_ns;
	size_t order;
	struct rec_task task;
	const struct stack_copy *stack; /* NULL: none belongs here */
	char what[LINE + 2 * OVLW_NAME];
};

struct story {
	struct line line[MAX_LINES];
	struct line *last; /* NULL: there was no room for it */
	size_t n;
	size_t modifies; /* in evidence */
};

struct timeline *timeline__new(void)
{
	return calloc(1, sizeof(struct timeline));
}

void timeline__free(struct timeline *t)
{
	if (t)
		timeline__reset(t);
	free(t);
}

void timeline__reset(struct timeline *t)
{
	size_t i;

	for (i = 0; i < KEEP; i++)
		stack_copy__free(&t->kept[i].stack);
	t->n = 0;
}

static void name_copy(char to[OVLW_NAME], const char *from)
{
	size_t n = strnlen(from, OVLW_NAME - 1);

	memcpy(to, from, n);
	to[n] = 0;
}

static void rebuild_keep(struct kept *k, const struct ovl_record *rec)
{
	size_t n = rec->rebuild.nwindows;

	k->rec.rebuild = rec->rebuild;
	n = n < TIMELINE_WINDOWS ? n : TIMELINE_WINDOWS;
	/* a recording without any window has no array of them */
	if (n)
		memcpy(k->windows, rec->rebuild.windows, n * sizeof(k->windows[0]));
	k->rec.rebuild.windows = k->windows;
}

static void modify_keep(struct kept *k, const struct ovl_record *rec)
{
	k->rec.modify = rec->modify;
	name_copy(k->name[0], rec->modify.name);
	name_copy(k->name[1], rec->modify.name2);
	k->rec.modify.name = k->name[0];
	k->rec.modify.name2 = k->name[1];
}

static void incident_keep(struct kept *k, const struct ovl_record *rec)
{
	k->rec.incident = rec->incident;
	name_copy(k->name[0], rec->incident.name);
	k->rec.incident.name = k->name[0];
}

static void merged_keep(struct kept *k, const struct ovl_record *rec)
{
	k->rec.merged = rec->merged;
}

static const struct kept *find(const struct timeline *t, uint64_t seq)
{
	size_t i;

	for (i = 0; i < KEEP && i < t->n; i++)
		if (t->kept[i].seq == seq)
			return &t->kept[i];
	return NULL;
}

const struct ovl_record *timeline__find(const struct timeline *t, uint64_t seq)
{
	const struct kept *k = find(t, seq);

	return k ? &k->rec : NULL;
}

__attribute__((format(printf, 4, 5))) static void
add(struct story *s, uint64_t ts_ns, const struct rec_task *task, const char *fmt, ...)
{
	struct line *l;
	va_list ap;

	s->last = NULL;
	if (s->n == MAX_LINES)
		return;
	l = s->last = &s->line[s->n];
	l->ts_ns = ts_ns;
	l->order = s->n++;
	l->task = *task;
	va_start(ap, fmt);
	vsnprintf(l->what, sizeof(l->what), fmt, ap);
	va_end(ap);
}

static void stack_last(struct story *s, const struct kept *k)
{
	if (s->last)
		s->last->stack = &k->stack;
}

static void add_windows(struct story *s, const struct rec_rebuild *r)
{
	size_t i;

	for (i = 0; i < r->nwindows && i < TIMELINE_WINDOWS; i++) {
		const struct rec_window *w = &r->windows[i];

		add(s, w->drop_ns, &r->task, "drops the directory's lock at version %" PRIu64,
		    w->version_drop);
		add(s, w->retake_ns, &r->task,
		    "reacquires the lock after %" PRIu64 " us (waited %" PRIu64
		    " us for it): version %" PRIu64,
		    (w->retake_ns - w->drop_ns) / 1000, w->wait_ns / 1000, w->version_retake);
	}
	if (r->nwindows > TIMELINE_WINDOWS)
		add(s, r->end_ns, &r->task, "(%zu more windows are not shown)",
		    r->nwindows - TIMELINE_WINDOWS);
}

static void rebuild_add(struct story *s, const struct kept *k)
{
	const struct rec_rebuild *r = &k->rec.rebuild;

	add(s, r->begin_ns, &r->task, "reads the directory at version %" PRIu64, r->version_read);
	add_windows(s, r);
	if (r->outcome == OUTCOME_STORED)
		add(s, r->end_ns, &r->task,
		    "stores cache 0x%" PRIx64 ", %u entries, stamped with version %" PRIu64 "%s%s",
		    r->cache, r->entries, r->version_stamped,
		    r->version_stamped != r->version_read ? ": stale, but served as fresh" : "",
		    r->overwritten ? ", over another one" : "");
	else if (r->impure_cleared)
		add(s, r->end_ns, &r->task,
		    "found nothing and clears the impure flag at version %" PRIu64,
		    r->version_at_store);
	else if (r->outcome == OUTCOME_ERROR)
		add(s, r->end_ns, &r->task, "fails with %" PRId32 "%s", r->err,
		    r->err_inferred ? ", read from a register" : "");
	else
		return;
	stack_last(s, k);
}

static void modify_add(struct story *s, const struct kept *k)
{
	static const char *const way[] = { "", " out of the directory", " into the directory" };
	const struct rec_modify *m = &k->rec.modify;
	const char *name = k->name[0], *name2 = k->name[1];
	bool other = *name2 && strcmp(name, name2);

	if (++s->modifies > REPORT_MODIFIES)
		return;
	add(s, k->rec.ts_ns, &m->task, "%s%s%s%s%s%s%s%s: version %" PRIu64 " becomes %" PRIu64,
	    ovlw_op__name(m->op), *name ? " '" : "", name, *name ? "'" : "", other ? " to '" : "",
	    other ? name2 : "", other ? "'" : "", way[m->moved % 3], m->version_before,
	    m->version_after);
	stack_last(s, k);
}

static void incident_add(struct story *s, const struct kept *k)
{
	static const char *const words[OVLW_WHATS] = {
		[OVLW_IMPURE_STORE] = "puts an impure cache on a merged directory",
		[OVLW_MERGED_FREE] = "frees a merged directory's cache on the impure path",
		[OVLW_MERGED_SERVED] = "is served a merged directory's cache on the impure path",
		[OVLW_IMPURE_SERVED] = "lists a merged directory from an impure cache",
		[OVLW_REAL_LISTING] = "lists a merged directory as a real one",
		[OVLW_BAD_RETURN] = "returns from the readdir",
		[OVLW_LOCKED_LOOKUP] = "looks up, and would wait for the lock that it holds",
		[OVLW_MISSED_INVALIDATION] = "changes an entry of a cache that stays fresh",
	};
	const struct rec_incident *in = &k->rec.incident;
	char more[64] = "";

	if (in->what == OVLW_MISSED_INVALIDATION)
		snprintf(more, sizeof(more), ", 0x%" PRIx64 ": %s", in->cache,
			 ovlw_op__name(in->op));
	else if (in->cache)
		snprintf(more, sizeof(more), ": 0x%" PRIx64 ", %" PRId64 " references", in->cache,
			 in->refcount);
	else if (in->what == OVLW_BAD_RETURN)
		snprintf(more, sizeof(more), " with %" PRId32, in->value);
	add(s, k->rec.ts_ns, &in->task, "%s%s%s%s%s", words[in->what], more,
	    *k->name[0] ? ": '" : "", k->name[0], *k->name[0] ? "'" : "");
	stack_last(s, k);
}

static void merged_add_end(struct story *s, const struct kept *k)
{
	static const char *const words[] = {
		[MERGED_END_FREED] = "the cache is freed",
		[MERGED_END_LEAKED] =
			"no stream and no slot refers to the cache, and it is not freed",
		[MERGED_END_INODE] = "the inode goes away, and the cache with it",
		[MERGED_END_TRACE] = "the trace ends; the cache is still there",
		[MERGED_END_UNKNOWN] = "the cache is gone; its end was not seen",
	};
	const struct rec_merged *m = &k->rec.merged;
	const struct rec_task none = { 0 };
	uint64_t at = m->freed_ns ? m->freed_ns : k->rec.ts_ns;

	add(s, at, &none, "until then %" PRIu64 " streams took the cache, %" PRIu64 " gave it back",
	    m->gets, m->puts);
	if (m->outdated)
		add(s, at, &none,
		    "%" PRIu64 " took it for fresh: the directory was at another version",
		    m->outdated);
	if (m->miscounted)
		add(s, at, &none,
		    "its reference count was first wrong with %" PRId64 ": %" PRId64
		    " streams had it",
		    m->refcount, m->streams);
	if (m->freed_under)
		add(s, at, &none, "%s, and %" PRIu64 " streams still have it", words[m->how],
		    m->freed_under);
	else
		add(s, at, &none, "%s", words[m->how]);
	if (m->got_after_free)
		add(s, k->rec.ts_ns, &none, "by now %" PRIu64 " streams were given the freed cache",
		    m->got_after_free);
}

static void merged_add(struct story *s, const struct kept *k)
{
	const struct rec_merged *m = &k->rec.merged;
	char read[40] = "";

	if (m->version_known)
		snprintf(read, sizeof(read), "read at version %" PRIu64 ", ", m->version_read);
	if (m->stored_ns)
		add(s, m->stored_ns, &m->task,
		    "stores merged cache 0x%" PRIx64 ", %u entries, %sstamped with version %" PRIu64
		    "%s",
		    m->cache, m->entries, read, m->version_stamped,
		    m->version_known && m->version_read != m->version_stamped ?
			    ": stale, but served as fresh" :
			    "");
	else
		add(s, m->freed_ns ? m->freed_ns : k->rec.ts_ns, &m->task,
		    "is the first that has merged cache 0x%" PRIx64
		    ", stored before the trace, stamped with version %" PRIu64,
		    m->cache, m->version_stamped);
	stack_last(s, k);
	merged_add_end(s, k);
}

/* By record type: copies a record, and adds its lines to a story. */
static const struct {
	void (*keep)(struct kept *k, const struct ovl_record *rec);
	void (*add)(struct story *s, const struct kept *k);
} parts[RECORD_TYPES] = {
	[RECORD_REBUILD] = { rebuild_keep, rebuild_add },
	[RECORD_MODIFY] = { modify_keep, modify_add },
	[RECORD_INCIDENT] = { incident_keep, incident_add },
	[RECORD_MERGED_CACHE] = { merged_keep, merged_add },
};

void timeline__note(struct timeline *t, const struct ovl_record *rec)
{
	struct kept *k;

	if (!parts[rec->type].keep)
		return;
	/* do not copy the whole union: this runs for each record of a long recording */
	k = &t->kept[t->n++ % KEEP];
	k->name[0][0] = k->name[1][0] = 0;
	k->seq = k->rec.seq = rec->seq;
	k->rec.type = rec->type;
	k->rec.ts_ns = rec->ts_ns;
	parts[rec->type].keep(k, rec);
	stack_copy__set(&k->stack, record__stack(rec));
	*(struct rec_stack *)record__stack(&k->rec) = (struct rec_stack){ .n = 0 };
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->ts_ns != y->ts_ns)
		return x->ts_ns < y->ts_ns ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void add_end(struct story *s, const struct ovl_record *end)
{
	static const char *const how[] = {
		[STALE_END_FREED] = "a readdir after the next modification frees the stale cache",
		[STALE_END_OVERWRITTEN] = "another reader overwrites the stale cache",
		[STALE_END_INODE] = "the inode goes away, and the stale cache with it",
		[STALE_END_TRACE] = "the trace ends; the stale cache is still served",
	};
	const struct rec_task none = { 0 };

	add(s, end->ts_ns, &none, "%s (it was served for %" PRIu64 " us)", how[end->stale_end.how],
	    (end->ts_ns - end->stale_end.stored_ns) / 1000);
}

/* Most modifications of a window come by the same functions. */
static void stack_write(const struct story *s, const struct line *l, FILE *f)
{
	const struct line *was = s->line;

	while (was != l && !(was->stack && stack_copy__equal(was->stack, l->stack)))
		was++;
	if (was == l)
		stack_copy__write(l->stack, f, STACK_INDENT);
	else
		fprintf(f, "%*s(the same stack as at %+" PRId64 " us)\n", STACK_INDENT, "",
			(int64_t)(was->ts_ns - s->line[0].ts_ns) / 1000);
}

void timeline__write(const struct timeline *t, FILE *f, const struct ovl_record *finding,
		     const struct ovl_record *end)
{
	struct story *s = calloc(1, sizeof(*s));
	size_t i;

	if (!s)
		return;
	for (i = 0; i < finding->finding.nevidence; i++) {
		const struct kept *k = find(t, finding->finding.evidence[i]);

		if (k)
			parts[k->rec.type].add(s, k);
	}
	if (end)
		add_end(s, end);
	qsort(s->line, s->n, sizeof(s->line[0]), by_time);
	for (i = 0; i < s->n; i++) {
		const struct line *l = &s->line[i];

		fprintf(f, "  %+9" PRId64 " us  ", (int64_t)(l->ts_ns - s->line[0].ts_ns) / 1000);
		if (l->task.tid) {
			fprintf(f, "tid %-7u ", l->task.tid);
			text__bytes(f, l->task.comm, strnlen(l->task.comm, sizeof(l->task.comm)));
			fprintf(f, "%*s", (int)(16 - strnlen(l->task.comm, 15)), "");
		} else {
			fprintf(f, "%28s", "");
		}
		text__bytes(f, l->what, strlen(l->what));
		fputc('\n', f);
		if (l->stack && l->stack->n)
			stack_write(s, l, f);
	}
	if (s->modifies > REPORT_MODIFIES)
		fprintf(f, "  (%zu more modifications in windows are not shown)\n",
			s->modifies - REPORT_MODIFIES);
	free(s);
}
