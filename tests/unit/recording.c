// SPDX-License-Identifier: GPL-2.0-only
#include "recording.h"

#include <stdarg.h>
#include <stdlib.h>

#include "test.h"

#define DIR_OF(ino) "\"dir\":{\"dev\":\"0:32\",\"ino\":\"" ino "\",\"path\":\"/m/D\"}"
#define TASK_OF(tid)                                                                        \
	"\"task\":{\"pid\":" tid ",\"tid\":" tid ",\"comm\":\"t" tid "\",\"cgroup\":\"1\"," \
	"\"cgroup_path\":\"/\"}"
#define SEEN(ev) "\"" ev "\":{\"provider\":\"kprobe\",\"target\":\"f\",\"evidence\":\"symbol f\"}"
#define SESSION                                                                                                                                              \
	"\"schema\":\"ovltrace/1\",\"version\":\"0.1.0\",\"kernel\":\"6.12\",\"arch\":\"x86_64\","                                                           \
	"\"host\":\"h\",\"start_realtime_ns\":17,\"lock_drop\":\"present\",\"complete\":true,"                                                               \
	"\"coverage\":{" SEEN("rebuild_begin") "," SEEN("content_read") "," SEEN("lock_dropped") "," SEEN("lock_retaken") "," SEEN("cache_stored") "," SEEN( \
		"cache_freed") "," SEEN("impure_cleared") "," SEEN("dir_modified") "," SEEN("dir_operation") "," SEEN("inode_destroyed") "}"

__attribute__((format(printf, 3, 4))) static void add(struct recording_text *t, const char *type,
						      const char *fmt, ...)
{
	char *line = t->line[t->n];
	size_t at;
	va_list ap;

	at = snprintf(line, RECORDING_LINE, "{\"type\":\"%s\",\"seq\":%zu,\"ts_ns\":%zu,", type,
		      t->n + 1, 1000 * (t->n + 1));
	va_start(ap, fmt);
	at += vsnprintf(line + at, RECORDING_LINE - at - 2, fmt, ap);
	va_end(ap);
	memcpy(line + at, "}", 2);
	t->len[t->n++] = at + 1;
}

/* A rebuild with one window; times are those of its place in the file. */
struct rebuild_text {
	unsigned int read, at, stamp; /* versions */
	const char *cache, *before; /* addresses */
};

static void rebuild(struct recording_text *t, struct rebuild_text rb)
{
	unsigned int end = 1000 * (t->n + 1), begin = end - 800;

	add(t, "rebuild",
	    DIR_OF("7") "," TASK_OF(
		    "5") ",\"begin_ns\":%u,\"end_ns\":%u,\"version_read\":%u,"
			 "\"version_at_store\":%u,\"version_stamped\":%u,\"entries\":3,\"cache\":\"%s\","
			 "\"slot_before\":\"%s\",\"reads\":1,\"windows\":[{\"drop_ns\":%u,\"retake_ns\":%u,"
			 "\"wait_ns\":10,\"version_drop\":%u,\"version_retake\":%u}],\"mods_in_window\":%u,"
			 "\"outcome\":\"stored\",\"errno\":0,\"impure_cleared\":false",
	    begin, end, rb.read, rb.at, rb.stamp, rb.cache, rb.before, begin + 100, begin + 600,
	    rb.read, rb.at, rb.at - rb.read);
}

static void modify(struct recording_text *t, unsigned int before)
{
	add(t, "modify",
	    DIR_OF("7") "," TASK_OF(
		    "6") ",\"version_before\":%u,\"version_after\":%u,"
			 "\"op\":\"rename\",\"moved\":\"out\",\"name\":\"a\",\"new_name\":\"b\"",
	    before, before + 1);
}

static void finding(struct recording_text *t, const char *kind, const char *evidence)
{
	add(t, "finding",
	    "\"kind\":\"%s\"," DIR_OF("7") "," TASK_OF(
		    "5") ",\"confidence\":\"exact\",\"evidence\":[%s],\"text\":\"It is wrong.\",\"at_ns\":%zu,"
			 "\"test\":\"o/1\"",
	    kind, evidence, 1000 * t->n);
}

static void test_ends(struct recording_text *t)
{
	add(t, "test",
	    "\"name\":\"o/1\",\"source\":\"fstests\",\"event\":\"end\",\"begin_ns\":1000,"
	    "\"end_ns\":%zu,\"result\":null",
	    1000 * t->n);
}

static void summary(struct recording_text *t, const char *verdict, const char *counts)
{
	add(t, "summary",
	    "\"duration_ns\":%zu,\"verdict\":\"%s\",\"command_status\":0,\"counts\":{%s,"
	    "\"kind_mixes\":null,\"bad_returns\":null,\"lock_hazards\":null,\"lost\":0,"
	    "\"partial_rebuilds\":0},\"doubts\":[]",
	    1000 * t->n, verdict, counts);
}

#define CLEAN_COUNTS                                                       \
	"\"rebuilds\":3,\"windows\":3,\"stores\":3,\"mods\":2,"            \
	"\"superseded_stores\":2,\"stale_stores\":0,\"unfreed_caches\":0," \
	"\"stale_impure_clears\":0"

void recording__clean(struct recording_text *t)
{
	memset(t, 0, sizeof(*t));
	add(t, "session", "%s", SESSION);
	rebuild(t, (struct rebuild_text){ 5, 5, 5, "0x10", "0x0" });
	modify(t, 5);
	rebuild(t, (struct rebuild_text){ 5, 6, 5, "0x20", "0x0" });
	modify(t, 6);
	rebuild(t, (struct rebuild_text){ 6, 7, 6, "0x30", "0x0" });
	summary(t, "clean", CLEAN_COUNTS);
}

void recording__findings(struct recording_text *t)
{
	memset(t, 0, sizeof(*t));
	add(t, "session", "%s", SESSION);
	modify(t, 5); /* 2 */
	rebuild(t, (struct rebuild_text){ 5, 6, 6, "0x10", "0x0" }); /* 3 */
	finding(t, "stale_store", "2,3"); /* 4 */
	rebuild(t, (struct rebuild_text){ 6, 6, 6, "0x20", "0x10" }); /* 5 */
	add(t, "stale_end",
	    DIR_OF("7") ",\"finding\":4,\"stored_ns\":3000,\"how\":\"overwritten\"");
	finding(t, "unfreed_cache", "3,5"); /* 7 */
	modify(t, 6); /* 8 */
	add(t, "rebuild", /* 9 */
	    DIR_OF("7") "," TASK_OF(
		    "5") ",\"begin_ns\":8100,\"end_ns\":9000,\"version_read\":6,"
			 "\"version_at_store\":7,\"version_stamped\":null,\"entries\":0,\"reads\":1,"
			 "\"windows\":[{\"drop_ns\":8200,\"retake_ns\":8300,\"wait_ns\":10,\"version_drop\":6,"
			 "\"version_retake\":7}],\"mods_in_window\":1,\"outcome\":\"empty\",\"errno\":0,"
			 "\"impure_cleared\":true");
	finding(t, "stale_impure_clear", "8,9"); /* 10 */
	test_ends(t); /* 11 */
	summary(t, "findings",
		"\"rebuilds\":3,\"windows\":3,\"stores\":2,\"mods\":2,"
		"\"superseded_stores\":0,\"stale_stores\":1,\"unfreed_caches\":1,"
		"\"stale_impure_clears\":1");
}

void recording__replace(struct recording_text *t, size_t line, const char *from, const char *to)
{
	char *at = memmem(t->line[line], t->len[line], from, strlen(from));
	char rest[RECORDING_LINE];
	size_t tail;

	if (!CHECK(at != NULL))
		return;
	tail = t->line[line] + t->len[line] - at - strlen(from);
	memcpy(rest, at + strlen(from), tail);
	memcpy(at, to, strlen(to));
	memcpy(at + strlen(to), rest, tail);
	t->len[line] += strlen(to) - strlen(from);
}

void recording__remove(struct recording_text *t, size_t line)
{
	t->n--;
	memmove(t->line[line], t->line[line + 1], (t->n - line) * sizeof(t->line[0]));
	memmove(&t->len[line], &t->len[line + 1], (t->n - line) * sizeof(t->len[0]));
}

void recording__insert(struct recording_text *t, size_t line, const char *text)
{
	memmove(t->line[line + 1], t->line[line], (t->n - line) * sizeof(t->line[0]));
	memmove(&t->len[line + 1], &t->len[line], (t->n - line) * sizeof(t->len[0]));
	t->len[line] = strlen(text);
	memcpy(t->line[line], text, t->len[line]);
	t->n++;
}

void recording__append(struct recording_text *a, const struct recording_text *b)
{
	memcpy(a->line[a->n], b->line, b->n * sizeof(b->line[0]));
	memcpy(&a->len[a->n], b->len, b->n * sizeof(b->len[0]));
	a->n += b->n;
}

void recording__incident(struct recording_text *t, const char *fields, const char *kind,
			 const char *count)
{
	char null[64], one[64];

	recording__clean(t);
	t->n--;
	add(t, "incident", DIR_OF("7") "," TASK_OF("5") ",%s", fields);
	add(t, "finding",
	    "\"kind\":\"%s\"," DIR_OF("7") "," TASK_OF(
		    "5") ",\"confidence\":\"exact\",\"evidence\":[%zu],\"text\":\"It is wrong.\"",
	    kind, t->n);
	summary(t, "findings", CLEAN_COUNTS);
	snprintf(null, sizeof(null), "\"%s\":null,", count);
	snprintf(one, sizeof(one), "\"counts\":{\"%s\":1,", count);
	if (memmem(t->line[t->n - 1], t->len[t->n - 1], null, strlen(null)))
		recording__replace(t, t->n - 1, null, "");
	recording__replace(t, t->n - 1, "\"counts\":{", one);
}

struct collect {
	struct sink sink;
	struct outcome *out;
};

static void collect(struct sink *sink, const struct ovl_record *rec)
{
	struct outcome *o = ((struct collect *)sink)->out;
	size_t i, at = strlen(o->remarks);

	o->records[rec->type]++;
	if (rec->type == RECORD_SESSION)
		o->readdir = rec->session.cover[EVENT_READDIR].provider;
	if (rec->type == RECORD_FINDING)
		snprintf(o->text, sizeof(o->text), "%s", rec->finding.text);
	if (rec->type == RECORD_REBUILD && rec->rebuild.dir.path)
		snprintf(o->path, sizeof(o->path), "%s", rec->rebuild.dir.path);
	for (i = 0; rec->type == RECORD_SUMMARY && i < rec->summary.nremarks; i++)
		at += snprintf(o->remarks + at, sizeof(o->remarks) - at, "%s\n",
			       rec->summary.remarks[i].text);
}

static void collect_free(struct sink *sink)
{
	free(sink);
}

static struct replay *begin(struct outcome *out)
{
	struct collect *c = calloc(1, sizeof(*c));
	struct replay *r;

	memset(out, 0, sizeof(*out));
	r = replay__new();
	c->sink.record = collect;
	c->sink.free = collect_free;
	c->out = out;
	replay__add_sink(r, &c->sink);
	return r;
}

static void end(struct replay *r, struct outcome *out)
{
	struct replay_total total;

	replay__end(r, NULL);
	replay__total(r, &total);
	out->verdict = total.verdict;
	out->counts = total.counts;
	out->recordings = total.recordings;
	if (total.unreadable)
		snprintf(out->unreadable, sizeof(out->unreadable), "%s", total.unreadable);
	replay__free(r);
}

/* In memory of just that size: nothing may be read after it. */
static void line_play(struct replay *r, const char *line, size_t len, bool ended)
{
	char *exact = malloc(len + 1);

	memcpy(exact, line, len);
	exact[len] = '\n';
	replay__line(r, exact, len, ended);
	free(exact);
}

void recording__play(const struct recording_text *t, struct outcome *out)
{
	struct replay *r = begin(out);
	size_t i;

	for (i = 0; i < t->n; i++)
		line_play(r, t->line[i], t->len[i], !t->cut || i + 1 < t->n);
	end(r, out);
}

void bytes__play(const char *bytes, size_t len, struct outcome *out)
{
	struct replay *r = begin(out);
	const char *nl;

	for (; (nl = memchr(bytes, '\n', len)); len -= nl + 1 - bytes, bytes = nl + 1)
		line_play(r, bytes, nl - bytes, true);
	if (len)
		line_play(r, bytes, len, false);
	end(r, out);
}
