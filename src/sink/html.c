// SPDX-License-Identifier: GPL-2.0-only
/* A self-contained page: no scripts, no network. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record/records.h"
#include "sink/answer.h"
#include "sink/dirtable.h"
#include "sink/finding_list.h"
#include "sink/page.h"
#include "sink/table.h"

struct page {
	struct sink sink;
	FILE *f;
	struct rec_session session; /* of the current recording */
	unsigned int recordings;
	struct timeline *timeline;
	struct hist window, wait;
	struct heavy dirs, tasks;
	struct dirtable *costs;
	struct finding_list *findings;
};

static void forget(struct page *p)
{
	memset(&p->window, 0, sizeof(p->window));
	memset(&p->wait, 0, sizeof(p->wait));
	memset(&p->dirs, 0, sizeof(p->dirs));
	memset(&p->tasks, 0, sizeof(p->tasks));
	timeline__reset(p->timeline);
	dirtable__reset(p->costs);
}

static struct heavy_entry *dir_add(struct page *p, const struct rec_dir *d)
{
	char ns[TABLE_NAMESPACE];
	struct heavy_entry *e = heavy__add(&p->dirs, d->ino * 0x9e3779b97f4a7c15ULL ^ d->dev);

	if (!e->label[0])
		snprintf(e->label, sizeof(e->label), "%.200s%s (dev %u:%u, ino %" PRIu64 ")",
			 d->path ? d->path : "?", table__namespace(ns, d), d->dev >> 20,
			 d->dev & 0xfffff, d->ino);
	return e;
}

static struct heavy_entry *task_add(struct page *p, const struct rec_task *t)
{
	struct heavy_entry *e = heavy__add(&p->tasks, (uint64_t)t->pid << 32 | t->tid);

	if (!e->label[0])
		snprintf(e->label, sizeof(e->label), "%.*s (pid %u, tid %u) %.200s", OVLW_COMM,
			 t->comm, t->pid, t->tid, t->cgroup_path ? t->cgroup_path : "");
	return e;
}

static void on_rebuild(void *ctx, const struct ovl_record *rec)
{
	const struct rec_rebuild *r = &rec->rebuild;
	struct page *p = ctx;
	struct heavy_entry *e[2] = { dir_add(p, &r->dir), task_add(p, &r->task) };
	size_t i;

	for (i = 0; i < 2; i++) {
		e[i]->rebuilds++;
		e[i]->windows += r->nwindows;
	}
	for (i = 0; i < r->nwindows; i++) {
		hist__add(&p->window, r->windows[i].retake_ns - r->windows[i].drop_ns);
		if (r->windows[i].wait_ns)
			hist__add(&p->wait, r->windows[i].wait_ns);
	}
}

static void on_finding(void *ctx, const struct ovl_record *rec)
{
	struct page *p = ctx;

	dir_add(p, &rec->finding.dir)->findings++;
	task_add(p, &rec->finding.task)->findings++;
	finding_list__add(p->findings, rec, p->timeline);
}

static void on_stale_end(void *ctx, const struct ovl_record *rec)
{
	struct page *p = ctx;

	finding_list__stale_end(p->findings, rec);
}

static void count_row(FILE *f, const char *name, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		fprintf(f, "<tr><td>%s<td class=\"n dim\">not observable</tr>\n", name);
	else
		fprintf(f, "<tr><td>%s<td class=\"n\">%" PRIu64 "</tr>\n", name, v);
}

static void counts_write(FILE *f, const struct rec_counts *c)
{
	size_t i;

	fputs("<h3>Counts</h3><table>\n", f);
	for (i = 0; i < COUNTS; i++)
		if (counts__has(c, count_defs[i].group))
			count_row(f, count_defs[i].name, count__get(c, &count_defs[i]));
	fputs("</table>\n", f);
}

static void ms_cell(FILE *f, uint64_t ns)
{
	if (ns == COUNT_UNSEEN)
		fputs("<td class=\"n dim\">not observable", f);
	else
		fprintf(f, "<td class=\"n\">%.2f", (double)ns / 1e6);
}

/* The actor with the most rebuilds or invalidations, if one is known. */
static void actor_cell(FILE *f, const struct rec_actor *a, size_t n, bool operation)
{
	fputs("<td>", f);
	if (!n)
		return;
	html__text(f, a->task.comm, strnlen(a->task.comm, sizeof(a->task.comm)));
	fprintf(f, "/%u", a->task.pid);
	if (operation)
		fprintf(f, " %s", ovlw_op__name(a->op));
	fprintf(f, " %" PRIu64, a->count);
}

static void costs_write(FILE *f, const struct dirtable *t)
{
	struct rec_directory d;
	char ns[TABLE_NAMESPACE];
	size_t i;

	if (!dirtable__directories(t))
		return;
	fprintf(f,
		"<h3>What directories' caches cost</h3>\n<p class=\"dim\">Listed: %" PRIu64
		"; the costliest first.</p>\n<table>\n"
		"<tr><th>directory<th>kind<th class=\"n\">listings<th class=\"n\">rebuilds"
		"<th class=\"n\">ms<th class=\"n\">locked ms<th class=\"n\">entries<th>times in us"
		"<th>rebuilt most by<th>outdated most by</tr>\n",
		dirtable__directories(t));
	for (i = 0; dirtable__get(t, i, &d); i++) {
		fputs("<tr><td>", f);
		html__str(f, d.dir.path ? d.dir.path : "?");
		fputs(table__namespace(ns, &d.dir), f);
		fprintf(f,
			"<td class=\"kind\">%s<td class=\"n\">%" PRIu64 "<td class=\"n\">%" PRIu64,
			d.merged ? "merged" : "impure", d.listings, d.rebuilds);
		ms_cell(f, d.rebuild_ns);
		ms_cell(f, d.lock_held_ns);
		fprintf(f, "<td class=\"n\">%" PRIu64, d.entries);
		fputs("<td class=\"dim\">", f);
		table__times(f, &d);
		actor_cell(f, d.rebuilders, d.nrebuilders, false);
		actor_cell(f, d.invalidators, d.ninvalidators, true);
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

static void verdict_write(FILE *f, const struct rec_session *rs, const struct rec_summary *sum)
{
	enum logical_event gap;
	const char *meaning;
	size_t i;

	fputs("<h2>", f);
	html__str(f, rs->host ? rs->host : "Recording");
	fprintf(f, "</h2><p class=\"verdict %s\">", verdict__name(sum->verdict));
	answer__line(f, rs, sum);
	fprintf(f, "</p>\n<p>%.1f s on ", (double)sum->duration_ns / 1e9);
	html__str(f, rs->kernel);
	fprintf(f, " (lock drop: %s), by ovltrace ", lock_drop__name(rs->lock_drop));
	html__str(f, rs->version);
	fputs("</p>\n", f);
	html__began(f, rs);
	fputs("<ul>", f);
	for (i = 0; (meaning = answer__meaning(rs, sum, i)); i++) {
		fputs("<li>", f);
		html__str(f, meaning);
	}
	if (sum->counts.lost)
		fprintf(f, "<li>%" PRIu64 " records were lost", sum->counts.lost);
	for (i = 0; i < INCONSISTENCIES; i++)
		if (sum->inconsistencies[i])
			fprintf(f, "<li>cross-check failed %" PRIu64 " times: %s",
				sum->inconsistencies[i],
				inconsistency__text((enum inconsistency)i));
	for (i = 0; i < sum->nremarks; i++) {
		fputs("<li>", f);
		html__str(f, sum->remarks[i].text);
	}
	if (!rec_session__complete(rs, &gap))
		fprintf(f, "<li>%s cannot be seen on this kernel", logical_event__name(gap));
	fputs("</ul>\n", f);
}

static void on_summary(void *ctx, const struct ovl_record *rec)
{
	const struct rec_summary *sum = &rec->summary;
	struct page *p = ctx;
	FILE *f = p->f;

	if (!p->recordings++) {
		html__head(f);
		fputs("<h1>ovltrace report</h1>\n", f);
	}
	verdict_write(f, &p->session, sum);
	counts_write(f, &sum->counts);
	costs_write(f, p->costs);
	html__top(f, "Directories that matter", &p->dirs);
	html__top(f, "Tasks that matter", &p->tasks);
	finding_list__write(p->findings, f, p->recordings);
	html__hist(f, "How long the lock was dropped", &p->window);
	html__hist(f, "How long readers waited for it", &p->wait);
	html__coverage(f, &p->session);
}

static void on_session(void *ctx, const struct ovl_record *rec)
{
	struct page *p = ctx;

	forget(p);
	finding_list__reset(p->findings, rec->ts_ns);
	p->session = rec->session;
}

static void on_modify(void *ctx, const struct ovl_record *rec)
{
	struct page *p = ctx;

	dir_add(p, &rec->modify.dir)->mods++;
	task_add(p, &rec->modify.task)->mods++;
}

static const record_fn handlers[RECORD_TYPES] = {
	[RECORD_SESSION] = on_session,	   [RECORD_REBUILD] = on_rebuild,
	[RECORD_MODIFY] = on_modify,	   [RECORD_FINDING] = on_finding,
	[RECORD_STALE_END] = on_stale_end, [RECORD_SUMMARY] = on_summary,
};

static void record(struct sink *sink, const struct ovl_record *rec)
{
	struct page *p = (struct page *)sink;

	timeline__note(p->timeline, rec);
	dirtable__note(p->costs, rec);
	record__dispatch(handlers, p, rec);
}

static int end(struct sink *sink)
{
	struct page *p = (struct page *)sink;

	if (p->recordings)
		fputs("</body></html>\n", p->f);
	return 0;
}

static void page_free(struct sink *sink)
{
	struct page *p = (struct page *)sink;

	finding_list__free(p->findings);
	timeline__free(p->timeline);
	dirtable__free(p->costs);
	free(p);
}

struct sink *sink_html__new(FILE *f)
{
	struct page *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->timeline = timeline__new();
	p->costs = dirtable__new();
	p->findings = finding_list__new();
	p->sink.record = record;
	p->sink.end = end;
	p->sink.free = page_free;
	if (!p->timeline || !p->costs || !p->findings) {
		page_free(&p->sink);
		return NULL;
	}
	p->f = f;
	return &p->sink;
}
