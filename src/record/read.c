// SPDX-License-Identifier: GPL-2.0-only
/* Collects the values of a line by field: see raw.h. */
#include "record/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/raw.h"

enum {
	MAX_DEPTH = 40, /* the parser's is 32 */
	SLOTS = 1024, /* of the hash table of names */
	MAX_NAME = 32,
};

static const struct {
	const char *name;
	uint8_t len, place, kinds, field;
} fields[] = {
#define FIELD(place, name, kinds) \
	{ #name, sizeof(#name) - 1, AT_##place, kinds, F_##place##_##name },
#include "record/fields.def"
#define ALIAS(place, old, name) { #old, sizeof(#old) - 1, AT_##place, 0, F_##place##_##name },
#define WORD_ALIAS(field, old, word)
#include "record/aliases.def"
};

enum {
	NAMES = sizeof(fields) / sizeof(fields[0]),
};

_Static_assert(NAMES < 255, "a slot of the hash has room");

struct record_reader {
	struct json_read *json;
	struct raw raw;
	uint8_t place[MAX_DEPTH];
	size_t depth;
	int event; /* of the provider being read; -1: unknown */
	uint8_t slot[SLOTS]; /* index of a name + 1; 0: empty */
	/* records are alike: guess that the field after this one is the same as last time */
	uint8_t last, next[NAMES];
};

static unsigned int hash(unsigned int place, const char *key, size_t len)
{
	unsigned int h = place * 37 + (unsigned int)len * 17;

	h += (unsigned char)key[0] * 57 + (unsigned char)key[len - 1] * 31 +
	     (unsigned char)key[len / 2] * 71;
	return h % SLOTS;
}

/* An inlined memcmp() for short strings. */
static inline bool same(const char *a, const char *b, size_t len)
{
	uint64_t x, y;
	uint32_t v, w;

	for (; len > 8; a += 8, b += 8, len -= 8) {
		memcpy(&x, a, 8);
		memcpy(&y, b, 8);
		if (x != y)
			return false;
	}
	for (; len >= 4; a += 4, b += 4, len -= 4) {
		memcpy(&v, a, 4);
		memcpy(&w, b, 4);
		if (v != w)
			return false;
	}
	for (; len; a++, b++, len--)
		if (*a != *b)
			return false;
	return true;
}

static inline bool is_field(unsigned int f, unsigned int place, const char *key, size_t len)
{
	return fields[f].len == len && fields[f].place == place && same(fields[f].name, key, len);
}

static int field_find(struct record_reader *r, unsigned int place, const char *key, size_t len)
{
	unsigned int h;
	int f;

	if (is_field(r->next[r->last], place, key, len))
		return r->last = r->next[r->last];
	if (!len || len >= MAX_NAME)
		return -1;
	for (h = hash(place, key, len); r->slot[h]; h = (h + 1) % SLOTS) {
		f = r->slot[h] - 1;
		if (is_field(f, place, key, len))
			return r->last = r->next[r->last] = f;
	}
	return -1;
}

/* Marks the field of a value as seen. -1: unknown field. */
static int field_take(struct record_reader *r, const char *key, size_t len, unsigned int kind)
{
	struct raw *raw = &r->raw;
	unsigned int place = r->depth ? r->place[r->depth - 1] : AT_UNKNOWN;
	int f = place < RAW_PLACES ? field_find(r, place, key, len) : -1;

	if (f < 0)
		return -1;
	f = fields[f].field;
	if (raw__has(raw, f) || !(fields[f].kinds & kind)) {
		raw__bad(raw, fields[f].name);
		return -1;
	}
	raw->seen[f / 64] |= 1ULL << (f % 64);
	return f;
}

static int event_by_name(const char *key, size_t len)
{
	int i;

	for (i = 0; i < EVENTS; i++)
		if (strlen(logical_event__name(i)) == len &&
		    !memcmp(logical_event__name(i), key, len))
			return i;
	return -1;
}

static void forget(struct raw *raw, enum raw_field first, enum raw_field last)
{
	enum raw_field f;

	for (f = first; f <= last; f++)
		raw->seen[f / 64] &= ~(1ULL << (f % 64));
}

static const char *actors_name(unsigned int place)
{
	return place == AT_REBUILDERS ? "rebuilders" : "invalidations";
}

/* The place that an object or array with that key opens. */
static unsigned int place_of(struct record_reader *r, const char *key, size_t klen, bool array)
{
	unsigned int in = r->place[r->depth - 1];

	switch (in) {
	case AT_TOP:
		switch (field_take(r, key, klen, array ? K_ARRAY : K_OBJECT)) {
		case F_TOP_dir:
			return AT_DIR;
		case F_TOP_task:
			return AT_TASK;
		case F_TOP_counts:
			return AT_COUNTS;
		case F_TOP_coverage:
			memset(r->raw.cover, 0, sizeof(r->raw.cover));
			return AT_COVERAGE;
		case F_TOP_proof:
			return AT_PROOF;
		case F_TOP_widened:
			return AT_WIDENED;
		case F_TOP_windows:
			return AT_WINDOWS;
		case F_TOP_evidence:
			return AT_EVIDENCE;
		case F_TOP_inconsistencies:
			return AT_INCONSISTENCIES;
		case F_TOP_invalidations:
			r->raw.lists_invalidations = true;
			return AT_INVALIDATIONS;
		case F_TOP_rebuilders:
			return AT_REBUILDERS;
		case F_TOP_rebuild_times:
			return AT_TIMES;
		case F_TOP_stack:
			return AT_STACK;
		default:
			return AT_UNKNOWN;
		}
	case AT_WINDOWS:
		if (!array)
			return AT_WINDOW;
		raw__bad(&r->raw, "windows");
		return AT_UNKNOWN;
	case AT_INCONSISTENCIES:
		if (!array)
			return AT_INCONSISTENCY;
		raw__bad(&r->raw, "inconsistencies");
		return AT_UNKNOWN;
	case AT_INVALIDATIONS:
	case AT_REBUILDERS:
		if (!array)
			return AT_ACTOR;
		raw__bad(&r->raw, actors_name(in));
		return AT_UNKNOWN;
	case AT_TIMES:
		if (!array)
			return AT_TIME;
		raw__bad(&r->raw, "rebuild_times");
		return AT_UNKNOWN;
	case AT_ACTOR:
		if (field_take(r, key, klen, array ? K_ARRAY : K_OBJECT) == F_ACTOR_task)
			return AT_TASK;
		return AT_UNKNOWN;
	case AT_COVERAGE:
		r->event = event_by_name(key, klen);
		if (!array)
			return AT_PROVIDER;
		raw__bad(&r->raw, "coverage");
		return AT_UNKNOWN;
	case AT_EVIDENCE:
		raw__bad(&r->raw, "evidence");
		return AT_UNKNOWN;
	case AT_STACK:
		raw__bad(&r->raw, "stack");
		return AT_UNKNOWN;
	default:
		if (in < RAW_PLACES)
			field_take(r, key, klen, array ? K_ARRAY : K_OBJECT);
		return AT_UNKNOWN;
	}
}

static bool on_open(void *ctx, const char *key, size_t klen, bool array)
{
	struct record_reader *r = ctx;
	unsigned int place;

	if (r->depth == MAX_DEPTH)
		return false;
	if (!r->depth)
		place = array ? AT_UNKNOWN : AT_TOP;
	else
		place = place_of(r, key, klen, array);
	r->place[r->depth++] = place;
	return true;
}

static void actor_end(struct raw *raw, unsigned int place)
{
	if (!raw->bad && !raw__actor(raw, place == AT_REBUILDERS))
		raw__bad(raw, actors_name(place));
}

static void on_close(void *ctx)
{
	struct record_reader *r = ctx;

	switch (r->place[--r->depth]) {
	case AT_WINDOW:
		raw__window(&r->raw);
		forget(&r->raw, F_WINDOW_drop_ns, F_WINDOW_version_retake);
		break;
	case AT_PROVIDER:
		raw__provider(&r->raw, r->event);
		forget(&r->raw, F_PROVIDER_provider, F_PROVIDER_proof_evidence);
		break;
	case AT_ACTOR:
		actor_end(&r->raw, r->place[r->depth - 1]);
		forget(&r->raw, F_TASK_pid, F_TASK_cgroup_path_b64);
		forget(&r->raw, F_ACTOR_task, F_ACTOR_ns);
		break;
	case AT_TIME:
		if (!r->raw.bad && !raw__time(&r->raw))
			raw__bad(&r->raw, "rebuild_times");
		forget(&r->raw, F_TIME_from_us, F_TIME_count);
		break;
	case AT_INCONSISTENCY:
		raw__inconsistency(&r->raw);
		forget(&r->raw, F_INCONSISTENCY_check, F_INCONSISTENCY_count);
		break;
	default:
		break;
	}
}

static bool on_value(void *ctx, const char *key, size_t klen, const struct json_value *v)
{
	static const uint8_t kind[] = {
		[JSON_NULL] = K_NULL,	    [JSON_FALSE] = K_BOOL,	  [JSON_TRUE] = K_BOOL,
		[JSON_UNSIGNED] = K_NUMBER, [JSON_NEGATIVE] = K_NEGATIVE, [JSON_REAL] = 0,
		[JSON_STRING] = K_STRING,
	};
	struct record_reader *r = ctx;
	struct raw *raw = &r->raw;
	int f;

	if (!r->depth)
		return true;
	switch (r->place[r->depth - 1]) {
	case AT_EVIDENCE:
		if (v->type != JSON_UNSIGNED || raw->nevidence == READ_MAX_EVIDENCE)
			raw__bad(raw, "evidence");
		else
			raw->evidence[raw->nevidence++] = v->u;
		return true;
	case AT_STACK:
		if (v->type != JSON_STRING || raw->nstack == RECORD_MAX_FRAMES)
			raw__bad(raw, "stack");
		else
			raw->stack[raw->nstack++] = *v;
		return true;
	case AT_WINDOWS:
		raw__bad(raw, "windows");
		return true;
	case AT_COVERAGE:
		raw__bad(raw, "coverage");
		return true;
	case AT_INCONSISTENCIES:
		raw__bad(raw, "inconsistencies");
		return true;
	case AT_INVALIDATIONS:
	case AT_REBUILDERS:
		raw__bad(raw, actors_name(r->place[r->depth - 1]));
		return true;
	case AT_TIMES:
		raw__bad(raw, "rebuild_times");
		return true;
	default:
		f = field_take(r, key, klen, kind[v->type]);
		if (f >= 0)
			raw->v[f] = *v;
		return true;
	}
}

struct record_reader *record_reader__new(void)
{
	static const struct json_read_ops ops = { on_open, on_close, on_value };
	struct record_reader *r = calloc(1, sizeof(*r));
	unsigned int f, h;

	if (!r)
		return NULL;
	r->json = json_read__new(&ops, r);
	if (!r->json) {
		free(r);
		return NULL;
	}
	for (f = 0; f < NAMES; f++) {
		h = hash(fields[f].place, fields[f].name, fields[f].len);
		while (r->slot[h])
			h = (h + 1) % SLOTS;
		r->slot[h] = f + 1;
	}
	return r;
}

void record_reader__free(struct record_reader *r)
{
	if (!r)
		return;
	json_read__free(r->json);
	free(r->raw.windows);
	free(r);
}

enum read_result record_reader__line(struct record_reader *r, char *line, size_t len,
				     struct record_read *out)
{
	struct raw *raw = &r->raw;
	int err;

	raw__reset(raw);
	r->depth = 0;
	out->what = NULL;
	err = json_read__parse(r->json, line, len);
	if (err)
		return err == -ENOMEM ? READ_NO_MEMORY : READ_NOT_JSON;
	return raw__record(raw, out);
}
