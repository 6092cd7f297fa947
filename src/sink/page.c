// SPDX-License-Identifier: GPL-2.0-only
#include "sink/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record/records.h"
#include "util/json.h"
#include "util/text.h"

enum {
	BEST = 10, /* directories and tasks that are shown */
	LANES = 8,
	LEFT = 190, /* of the lanes: names */
	WIDTH = 700,
	RIGHT = 70, /* of the lanes: labels behind the last bar */
	LANE = 34,
	LABELS = 64,
	CHAR = 7, /* at least the mean width of a character */
};

void html__text(FILE *f, const char *s, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t cp;
		size_t n = utf8__decode(s + i, len - i, &cp);

		if (!n)
			fprintf(f, "\\x%02x", (unsigned char)s[i]);
		else if (utf8__is_unsafe(cp))
			text__escaped(f, cp);
		else if (strchr("&<>\"'`=", (int)cp) && cp < 0x80 && cp)
			fprintf(f, "&#%u;", cp);
		else
			fwrite(s + i, 1, n, f);
		i += n ? n : 1;
	}
}

void html__str(FILE *f, const char *s)
{
	html__text(f, s, strlen(s));
}

void html__head(FILE *f)
{
	int i;

	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>ovltrace report</title>\n"
	      "<style>\n"
	      ":root{--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d1d9e0;--soft:#f3f5f7;--ok:#1a7f37;"
	      "--bad:#c62828;--maybe:#9a6700;--held:#4a7fc1;--open:#f0b429;--wait:#c77d1e;--mod:#c62828}\n"
	      "@media(prefers-color-scheme:dark){:root{--bg:#14181d;--fg:#e2e7ec;--dim:#99a4af;"
	      "--line:#39424c;--soft:#1d232a;--ok:#56c271;--bad:#ff7b72;--maybe:#e3b341;--held:#5b93d8;"
	      "--open:#b98913;--wait:#7d4f12;--mod:#ff7b72}}\n"
	      "body{margin:0 auto;max-width:60rem;padding:1rem;background:var(--bg);color:var(--fg);"
	      "font:15px/1.5 system-ui,sans-serif}h1,h2,h3{line-height:1.25}h2{margin-top:2.2rem;"
	      "border-bottom:1px solid var(--line)}table{border-collapse:collapse;"
	      "display:block;max-width:100%;overflow-x:auto}code{overflow-wrap:anywhere}"
	      "td,th{padding:.15rem .8rem .15rem 0;text-align:left;vertical-align:top;"
	      "overflow-wrap:anywhere}th,td.kind{overflow-wrap:normal}td.n,th.n{text-align:right;white-space:nowrap;"
	      "font-variant-numeric:tabular-nums}tr{border-bottom:1px solid var(--line)}"
	      ".dim{color:var(--dim)}.verdict{font-size:1.3rem;font-weight:600;padding:.5rem .9rem;"
	      "border-left:.4rem solid;background:var(--soft)}.clean{border-color:var(--ok)}"
	      ".findings{border-color:var(--bad)}.inconclusive{border-color:var(--maybe)}"
	      ".finding{border:1px solid var(--line);border-radius:6px;padding:.2rem .9rem .6rem;"
	      "margin:1rem 0}.finding h3{margin:.5rem 0;overflow-wrap:anywhere}pre{overflow-x:auto;background:var(--soft);"
	      "padding:.5rem;font-size:12px}p{overflow-wrap:anywhere}svg{max-width:100%;height:auto;display:block}"
	      "svg text{fill:var(--fg);font:11px system-ui,sans-serif}svg .dim{fill:var(--dim)}"
	      ".held{fill:var(--held)}.open{fill:var(--open)}.wait{fill:var(--wait)}.mod{fill:var(--mod)}"
	      ".bar{fill:var(--held)}.axis{stroke:var(--line)}.store{stroke:var(--fg);stroke-width:2}"
	      ".row{border-bottom:1px solid var(--line);padding:.3rem 0;overflow-wrap:anywhere}"
	      ".list{display:flex;flex-direction:column}.choices input{margin:0 .3rem 0 0}"
	      ".choices label{margin-right:1rem;overflow-wrap:anywhere}"
	      ".sk:checked~.list>*{order:var(--k)}.sd:checked~.list>*{order:var(--d)}\n",
	      f);
	/* what is not of the chosen kind and directory disappears */
	for (i = 0; i < FINDING_KINDS; i++)
		fprintf(f, ".fk%d:checked~.list>:not(.k%d),", i, i);
	for (i = 0; i < HTML_DIRS; i++)
		fprintf(f, ".fd%d:checked~.list>:not(.d%d)%s", i, i, i + 1 < HTML_DIRS ? "," : "");
	fputs("{display:none}\n</style></head><body>\n", f);
}

void html__hist(FILE *f, const char *title, const struct hist *h)
{
	int i, first = HIST_BUCKETS, last = 0, row = 0;
	uint64_t most = 1;

	if (!h->n)
		return;
	for (i = 0; i < HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		first = i < first ? i : first;
		last = i;
		most = h->bucket[i] > most ? h->bucket[i] : most;
	}
	fprintf(f,
		"<h3>%s</h3><p class=\"dim\">%" PRIu64 ", mean %" PRIu64 " us, longest %" PRIu64
		" us</p>\n<svg viewBox=\"0 0 700 %d\" width=\"700\" role=\"img\" aria-label=\"%s\">",
		title, h->n, h->sum_ns / h->n / 1000, h->max_ns / 1000, (last - first + 1) * 18 + 4,
		title);
	for (i = first; i <= last; i++, row++)
		fprintf(f,
			"<text x=\"150\" y=\"%d\" text-anchor=\"end\">%llu - %llu us</text>"
			"<rect class=\"bar\" x=\"160\" y=\"%d\" width=\"%.1f\" height=\"14\"/>"
			"<text x=\"%.1f\" y=\"%d\" class=\"dim\">%" PRIu64 "</text>",
			row * 18 + 13, i ? 1ULL << (i - 1) : 0ULL, 1ULL << i, row * 18 + 2,
			450.0 * (double)h->bucket[i] / (double)most,
			166 + 450.0 * (double)h->bucket[i] / (double)most, row * 18 + 13,
			h->bucket[i]);
	fputs("</svg>\n", f);
}

void html__top(FILE *f, const char *title, const struct heavy *t)
{
	const struct heavy_entry *best[BEST];
	size_t n = heavy__best(t, best, BEST), i;

	if (!n)
		return;
	fprintf(f,
		"<h3>%s</h3><table><tr><th><th class=\"n\">findings<th class=\"n\">rebuilds"
		"<th class=\"n\">lock drops<th class=\"n\">modifications</tr>\n",
		title);
	for (i = 0; i < n; i++) {
		const char *least = best[i]->late ? "&ge; " : "";

		fputs("<tr><td>", f);
		html__str(f, best[i]->label);
		fprintf(f,
			"<td class=\"n\">%s%" PRIu64 "<td class=\"n\">%s%" PRIu64
			"<td class=\"n\">%s%" PRIu64 "<td class=\"n\">%s%" PRIu64 "</tr>\n",
			least, best[i]->findings, least, best[i]->rebuilds, least, best[i]->windows,
			least, best[i]->mods);
	}
	fputs("</table>\n", f);
}

/* Where a label is. */
struct span {
	int lane;
	double from, to;
};

struct lanes {
	FILE *f;
	uint64_t from, to;
	const struct rec_task *lane[LANES];
	int n;
	struct span label[LABELS];
	size_t nlabels;
};

static int lane_of(struct lanes *l, const struct rec_task *task)
{
	int i;

	for (i = 0; i < l->n; i++)
		if (l->lane[i]->tid == task->tid)
			return i;
	if (l->n == LANES)
		return -1;
	l->lane[l->n] = task;
	return l->n++;
}

static double at(const struct lanes *l, uint64_t ns)
{
	return LEFT + (double)(ns - l->from) * WIDTH / (double)(l->to - l->from);
}

/* A time span on a lane. */
struct box {
	const char *class, *title;
	uint64_t from, to;
	int lane, inset;
};

static void draw_box(const struct lanes *l, const struct box *b)
{
	double w = at(l, b->to) - at(l, b->from);

	fprintf(l->f,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"><title>%s: "
		"%" PRIu64 " us</title></rect>",
		b->class, at(l, b->from), b->lane * LANE + 6 + b->inset, w > 1 ? w : 1,
		LANE - 14 - 2 * b->inset, b->title, (b->to - b->from) / 1000);
}

/*
 * Writes text from x on, or further left at the edge, unless another label is there: what it
 * says is in the title of the bar, too.
 */
static void label(struct lanes *l, int lane, double x, const char *text)
{
	struct span s = { .lane = lane, .from = x, .to = x + (double)strlen(text) * CHAR };
	size_t i;

	if (s.to > LEFT + WIDTH + RIGHT) {
		s.from -= s.to - LEFT - WIDTH - RIGHT;
		s.to = LEFT + WIDTH + RIGHT;
	}
	for (i = 0; i < l->nlabels; i++)
		if (l->label[i].lane == lane && l->label[i].from < s.to && s.from < l->label[i].to)
			return;
	if (l->nlabels == LABELS)
		return;
	l->label[l->nlabels++] = s;
	fprintf(l->f, "<text x=\"%.1f\" y=\"%d\">%s</text>", s.from, lane * LANE + 20, text);
}

static void draw_rebuild(struct lanes *l, int lane, const struct rec_rebuild *r)
{
	char read[40], stored[40], title[128];
	size_t i;

	snprintf(read, sizeof(read), "read v%" PRIu64, r->version_read);
	snprintf(stored, sizeof(stored), "v%" PRIu64, r->version_stamped);
	snprintf(title, sizeof(title), "rebuild, %s%s%s", read,
		 r->outcome == OUTCOME_STORED ? ", stamped " : "",
		 r->outcome == OUTCOME_STORED ? stored : "");
	draw_box(l, &(struct box){ "held", title, r->begin_ns, r->end_ns, lane, 0 });
	for (i = 0; i < r->nwindows && i < TIMELINE_WINDOWS; i++) {
		const struct rec_window *w = &r->windows[i];
		struct box open = { "open", "lock dropped", w->drop_ns, w->retake_ns, lane, 0 };
		struct box wait = {
			"wait", "waits for the lock", w->retake_ns - w->wait_ns, w->retake_ns, lane,
			5
		};

		draw_box(l, &open);
		if (w->wait_ns)
			draw_box(l, &wait);
	}
	if (r->outcome == OUTCOME_STORED)
		fprintf(l->f, "<line class=\"store\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
			at(l, r->end_ns), at(l, r->end_ns), lane * LANE + 2,
			lane * LANE + LANE - 4);
	label(l, lane, at(l, r->begin_ns) + 3, read);
	if (r->outcome == OUTCOME_STORED)
		label(l, lane, at(l, r->end_ns) + 4, stored);
}

static void draw_modify(const struct lanes *l, int lane, const struct ovl_record *rec)
{
	const struct rec_modify *m = &rec->modify;

	fprintf(l->f, "<circle class=\"mod\" cx=\"%.1f\" cy=\"%d\" r=\"5\"><title>%s ",
		at(l, rec->ts_ns), lane * LANE + 16, ovlw_op__name(m->op));
	html__str(l->f, m->name);
	fprintf(l->f, ": v%" PRIu64 " becomes v%" PRIu64 "</title></circle>", m->version_before,
		m->version_after);
}

static uint64_t began_ns(const struct ovl_record *r)
{
	if (r->type == RECORD_REBUILD)
		return r->rebuild.begin_ns;
	if (r->type == RECORD_MERGED_CACHE && r->merged.stored_ns)
		return r->merged.stored_ns;
	return r->ts_ns;
}

static uint64_t ended_ns(const struct ovl_record *r)
{
	return r->type == RECORD_REBUILD ? r->rebuild.end_ns : r->ts_ns;
}

/* The cache from its store to its free; what is after the free has another colour. */
static void draw_merged(struct lanes *l, int lane, const struct ovl_record *rec)
{
	const struct rec_merged *m = &rec->merged;
	uint64_t from = began_ns(rec), to = m->freed_ns ? m->freed_ns : rec->ts_ns;
	char text[64];

	snprintf(text, sizeof(text), "v%" PRIu64 ", %s", m->version_stamped,
		 merged_end__name(m->how));
	draw_box(l, &(struct box){ "held", text, from, to > from ? to : from, lane, 0 });
	if (m->freed_ns && rec->ts_ns > m->freed_ns)
		draw_box(l, &(struct box){ "wait", "freed", m->freed_ns, rec->ts_ns, lane, 5 });
	label(l, lane, at(l, from) + 3, text);
}

/* Collects the evidence that is still kept, and its time span. */
static size_t collect(struct lanes *l, const struct timeline *t, const struct rec_finding *fd,
		      const struct ovl_record *rec[RECORD_MAX_EVIDENCE])
{
	size_t i, n = 0;

	l->from = UINT64_MAX;
	for (i = 0; i < fd->nevidence; i++) {
		const struct ovl_record *r = timeline__find(t, fd->evidence[i]);
		uint64_t from, to;

		if (!r)
			continue;
		from = began_ns(r);
		to = ended_ns(r);
		l->from = from < l->from ? from : l->from;
		l->to = to > l->to ? to : l->to;
		rec[n++] = r;
	}
	l->to = l->to > l->from ? l->to : l->from + 1;
	return n;
}

void html__lanes(FILE *f, const struct timeline *t, const struct rec_finding *finding)
{
	const struct ovl_record *rec[RECORD_MAX_EVIDENCE];
	struct lanes l = { .f = f };
	size_t n = collect(&l, t, finding, rec), i;
	int lane;

	if (!n)
		return;
	for (i = 0; i < n; i++)
		lane_of(&l, record__task(rec[i]));
	fprintf(f,
		"<svg viewBox=\"0 0 960 %d\" width=\"960\" role=\"img\" "
		"aria-label=\"who did what when\">",
		l.n * LANE + 22);
	for (lane = 0; lane < l.n; lane++) {
		fprintf(f,
			"<line class=\"axis\" x1=\"0\" x2=\"960\" y1=\"%d\" y2=\"%d\"/>"
			"<text x=\"0\" y=\"%d\">tid %u ",
			(lane + 1) * LANE, (lane + 1) * LANE, lane * LANE + 20, l.lane[lane]->tid);
		html__text(f, l.lane[lane]->comm, strnlen(l.lane[lane]->comm, OVLW_COMM));
		fputs("</text>", f);
	}
	for (i = 0; i < n; i++) {
		lane = lane_of(&l, record__task(rec[i]));
		if (lane >= 0 && rec[i]->type == RECORD_REBUILD)
			draw_rebuild(&l, lane, &rec[i]->rebuild);
		else if (lane >= 0 && rec[i]->type == RECORD_MERGED_CACHE)
			draw_merged(&l, lane, rec[i]);
	}
	for (i = 0; i < n; i++) {
		lane = lane_of(&l, record__task(rec[i]));
		if (lane >= 0 && rec[i]->type == RECORD_MODIFY)
			draw_modify(&l, lane, rec[i]);
	}
	fprintf(f,
		"<text class=\"dim\" x=\"%d\" y=\"%d\">0</text><text class=\"dim\" x=\"%d\" "
		"y=\"%d\" text-anchor=\"end\">%" PRIu64 " us</text></svg>\n",
		LEFT, l.n * LANE + 16, LEFT + WIDTH, l.n * LANE + 16, (l.to - l.from) / 1000);
}

void html__coverage(FILE *f, const struct rec_session *rs)
{
	int i;

	fputs("<details><summary>Coverage: where each event was seen</summary><table>\n", f);
	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &rs->cover[i];

		if (!coverage__reports(i, rs->merged))
			continue;
		fprintf(f, "<tr><td>%s<td>%s<td>", logical_event__name(i),
			provider__name(c->provider));
		html__str(f, c->target);
		fputs("<td class=\"dim\">", f);
		html__str(f, c->evidence);
		if (*c->refused) {
			fputs("; refused: ", f);
			html__str(f, c->refused);
		}
		fputs("</tr>\n", f);
	}
	fputs("</table></details>\n", f);
}

void html__began(FILE *f, const struct rec_session *rs)
{
	time_t at = (time_t)(rs->start_realtime_ns / 1000000000);
	char when[64];
	struct tm tm;

	if (gmtime_r(&at, &tm) && strftime(when, sizeof(when), "%F %T UTC", &tm))
		fprintf(f, "<p>began at %s</p>\n", when);
	if (!rs->command_line)
		return;
	fputs("<p><code>", f);
	html__str(f, rs->command_line);
	fputs("</code></p>\n", f);
}
