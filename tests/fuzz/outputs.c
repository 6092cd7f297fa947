// SPDX-License-Identifier: GPL-2.0-only
#include "outputs.h"

#include <stdlib.h>

#include "fuzz.h"
#include "oracle.h"
#include "writer.h"

enum output {
	OUTPUT_JSONL,
	OUTPUT_LIVE, /* the text of `run` */
	OUTPUT_TEXT,
	OUTPUT_REPORT,
	OUTPUT_PERFETTO,
	OUTPUT_HTML,
	OUTPUT_OPENMETRICS,
};

static const struct {
	const char *name;
	const char *(*check)(const char *s, size_t len);
} outputs[OUTPUTS] = {
	[OUTPUT_JSONL] = { "JSON Lines", oracle__json_lines },
	[OUTPUT_LIVE] = { "text of a trace", oracle__text },
	[OUTPUT_TEXT] = { "text", oracle__text },
	[OUTPUT_REPORT] = { "JSON", oracle__json },
	[OUTPUT_PERFETTO] = { "Perfetto", oracle__json },
	[OUTPUT_HTML] = { "HTML", oracle__html },
	[OUTPUT_OPENMETRICS] = { "OpenMetrics", oracle__metrics },
};

struct outputs {
	struct {
		FILE *f;
		char *text;
		size_t len;
		struct sink *sink;
	} v[OUTPUTS];
};

static struct sink *sink_new(enum output i, FILE *f)
{
	switch (i) {
	case OUTPUT_JSONL:
		writer__redirect(0, f);
		return sink_jsonl__new(0);
	case OUTPUT_LIVE:
		writer__redirect(1, f);
		return sink_text__new(1, &(struct text_opts){ 0 });
	case OUTPUT_TEXT:
		return sink_text__new_report(f);
	case OUTPUT_REPORT:
		return sink_report__new(f);
	case OUTPUT_PERFETTO:
		return sink_perfetto__new(f);
	case OUTPUT_HTML:
		return sink_html__new(f);
	case OUTPUT_OPENMETRICS:
		return sink_openmetrics__new(f);
	}
	return NULL;
}

struct outputs *outputs__new(void)
{
	struct outputs *o = calloc(1, sizeof(*o));
	int i;

	FUZZ_CHECK(o);
	for (i = 0; i < OUTPUTS; i++) {
		o->v[i].f = open_memstream(&o->v[i].text, &o->v[i].len);
		FUZZ_CHECK(o->v[i].f);
		o->v[i].sink = sink_new(i, o->v[i].f);
		FUZZ_CHECK(o->v[i].sink);
	}
	return o;
}

const struct rec_session *outputs__session(void)
{
	static struct coverage cover[EVENTS];
	static const struct rec_session session = {
		.schema = OVLTRACE_SCHEMA,
		.version = "0",
		.kernel = "6.12",
		.arch = "x86_64",
		.host = "<zz>\"\x1b[31m",
		.lock_drop = LOCK_DROP_PRESENT,
		.complete = true,
		.merged = true,
		.cover = cover,
		.covered = (1U << EVENTS) - 1,
	};
	int i;

	for (i = 0; i < EVENTS; i++)
		cover[i] = (struct coverage){ .provider = PROVIDER_ENTRY,
					      .target = "f",
					      .evidence = "symbol f" };
	return &session;
}

void outputs__record(struct outputs *o, const struct ovl_record *rec)
{
	int i;

	for (i = 0; i < OUTPUTS; i++)
		o->v[i].sink->record(o->v[i].sink, rec);
}

void outputs__end(struct outputs *o)
{
	struct rec_counts none = { 0 };
	int i;

	for (i = 0; i < OUTPUTS; i++) {
		struct sink *s = o->v[i].sink;

		FUZZ_CHECK(!s->tick || !s->tick(s, &none, 1));
		FUZZ_CHECK(!s->end || !s->end(s));
		s->free(s);
		fclose(o->v[i].f);
	}
}

const char *outputs__recording(const struct outputs *o, size_t *len)
{
	*len = o->v[OUTPUT_JSONL].len;
	return o->v[OUTPUT_JSONL].text;
}

bool outputs__are_empty(const struct outputs *o)
{
	int i;

	for (i = 0; i < OUTPUTS; i++)
		if (o->v[i].len)
			return false;
	return true;
}

void outputs__check(const struct outputs *o)
{
	int i;

	for (i = 0; i < OUTPUTS; i++) {
		const char *wrong = outputs[i].check(o->v[i].text, o->v[i].len);

		if (!wrong)
			continue;
		fwrite(o->v[i].text, 1, o->v[i].len, stderr);
		fuzz__failed(outputs[i].name, wrong);
	}
}

void outputs__free(struct outputs *o)
{
	int i;

	for (i = 0; i < OUTPUTS; i++)
		free(o->v[i].text);
	free(o);
}
