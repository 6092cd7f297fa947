// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the reader makes of lines that are not as they should be. Each member of each
 * sample is removed, doubled, given a value of another type; unknown ones are added.
 */
#include <stdlib.h>

#include "record/line.h"
#include "record/raw.h"
#include "test.h"

enum {
	LONG_LINE = 3000,
};

static void report(const char *what, const struct ovl_record *rec, unsigned int n,
		   const struct member *m)
{
	printf("# %s, sample %u: %s %s\n", record_type__name(rec->type), n, what, m->key);
}

/* The reader named the member, or what it is in. */
static bool names(const struct record_read *got, const struct member *m)
{
	for (; m && got->what; m = m->in)
		if (!strcmp(m->key, got->what))
			return true;
	return false;
}

/* What may be absent: docs/json.md, and what the first versions did not write. */
static const char *const optional[] = {
	"addresses_hashed",
	"stacks",
	"stack",
	"stack_truncated",
	"command_findings",
	"follow",
	"follow_why",
	"of_command",
	"command_line",
	"require_rebuilds",
	"processes",
	"part",
	"at_ns",
	"begin_ns",
	"cache",
	"cgroup_path",
	"complete",
	"confidence",
	"copy_up_order",
	"costly",
	"cut",
	"end_ns",
	"errno_confidence",
	"freed_under",
	"got_after_free",
	"host",
	"impure_cleared",
	"inconsistencies",
	"lock_drop",
	"mount_ns",
	"moved",
	"name",
	"new_name",
	"partly",
	"path_in_mount",
	"proof",
	"proof_evidence",
	"reads",
	"rebuild_times",
	"refcount",
	"refused",
	"streams",
	"test",
	"version_drop",
	"version_retake",
	"wait_ns",
	"widen",
	"widen_why",
	"widened",
};

enum {
	OPTIONAL = sizeof(optional) / sizeof(optional[0]),
};

static bool accepted[OPTIONAL];

static bool is_optional(const struct member *m)
{
	size_t i, len = strlen(m->key);

	for (i = 0; i < OPTIONAL; i++)
		if (!strcmp(optional[i], m->key))
			return accepted[i] = true;
	for (i = 0; i < COUNTS; i++)
		if (!strcmp(count_defs[i].name, m->key))
			return count_defs[i].group != COUNTS_ALWAYS;
	/* X_b64 goes with X; an event is missed by the replay */
	return (len > 4 && !strcmp(m->key + len - 4, "_b64")) ||
	       (m->in && !strcmp(m->in->key, "coverage"));
}

/* Each member removed: the reader names it, or the docs say that it may be absent. */
static void missing(const struct ovl_record *rec, unsigned int n)
{
	struct record_read got;
	size_t i;

	for (i = 0; i < line.n; i++) {
		const struct member *m = &line.member[i];
		bool last = line.text[m->to] != ',';
		size_t from = m->from - (last && line.text[m->from - 1] == ',');

		switch (line__read(from, m->to + !last, "", &got)) {
		case READ_OK:
			if (!CHECK(is_optional(m)))
				report("does not need", rec, n, m);
			break;
		case READ_DAMAGED:
			/* a rebuild may not end before it began, nor a comm be longer than 16 */
			if (!CHECK(names(&got, m) || is_optional(m)))
				report(got.what, rec, n, m);
			break;
		default:
			CHECK(false);
			report("is not read without", rec, n, m);
		}
	}
}

/* Each member twice. */
static void doubled(const struct ovl_record *rec, unsigned int n)
{
	struct record_read got;
	size_t i;

	for (i = 0; i < line.n; i++) {
		const struct member *m = &line.member[i];
		size_t len = m->to - m->from;
		char *text = malloc(len + 2);

		memcpy(text, line.text + m->from, len);
		memcpy(text + len, ",", 2);
		if (!CHECK_EQ(line__read(m->from, m->from, text, &got), READ_DAMAGED) ||
		    !CHECK(names(&got, m)))
			report("has twice", rec, n, m);
		free(text);
	}
}

static const struct {
	const char *in, *name; /* in: the member around it; NULL: none */
	unsigned int kinds;
} fields[] = {
#define IN_TOP NULL
#define IN_DIR "dir"
#define IN_TASK "task"
#define IN_COUNTS "counts"
#define IN_WINDOW "windows"
#define IN_PROVIDER "coverage"
#define IN_PROOF "proof"
#define IN_WIDENED "widened"
#define IN_INCONSISTENCY "inconsistencies"
#define IN_TIME "rebuild_times"
#define IN_ACTOR "rebuilders"
#define FIELD(place, name, kinds) { IN_##place, #name, kinds },
#include "record/fields.def"
};

/* What kinds of values that member may have. */
static unsigned int kinds_of(const struct member *m)
{
	const char *in = m->in ? m->in->key : NULL;
	size_t i;

	if (in && !strcmp(in, "coverage"))
		return K_OBJECT;
	if (in && m->in->in && !strcmp(m->in->in->key, "coverage"))
		in = "coverage";
	if (in && !strcmp(in, "invalidations"))
		in = "rebuilders";
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(fields[i].name, m->key) && !in == !fields[i].in &&
		    (!in || !strcmp(in, fields[i].in)))
			return fields[i].kinds;
	CHECK(false);
	printf("# fields.def lacks %s\n", m->key);
	return 0;
}

/* Each member with a value of each type. */
static void retyped(const struct ovl_record *rec, unsigned int n)
{
	static const struct {
		const char *text;
		unsigned int kind;
	} values[] = {
		{ "null", K_NULL },	   { "true", K_BOOL }, { "7", K_NUMBER },
		{ "-7", K_NEGATIVE },	   { "1.5", 0 },       { "18446744073709551616", 0 },
		{ "\"x\"", K_STRING },	   { "{}", K_OBJECT }, { "[]", K_ARRAY },
		{ "[[7],{\"a\":{}}]", 0 },
	};
	struct record_read got;
	size_t i, k;

	for (i = 0; i < line.n; i++) {
		const struct member *m = &line.member[i];
		unsigned int kinds = kinds_of(m);

		for (k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
			enum read_result result = line__read(m->value, m->to, values[k].text, &got);

			if (kinds & values[k].kind ||
			    (CHECK_EQ(result, READ_DAMAGED) && CHECK(names(&got, m))))
				continue;
			report(values[k].text, rec, n, m);
		}
	}
}

/* Unknown members in each object: the record is the same. */
static void unknown_members(const struct ovl_record *rec, unsigned int n)
{
	const char *more = "{\"new\":{\"seq\":[{\"type\":7}]},\"\":{},";
	const struct record_field *f;
	struct record_read got;
	size_t i;

	for (i = 0; i < line.len; i++) {
		if (line.text[i] != '{' || line.text[i + 1] == '}' ||
		    (i && !strchr(":,[", line.text[i - 1])))
			continue;
		if (!CHECK_EQ(line__read(i, i + 1, more, &got), READ_OK))
			printf("# %s, sample %u: unknown members at %zu: %s\n",
			       record_type__name(rec->type), n, i, got.what);
		else
			for (f = record_fields(rec->type); f->name; f++)
				CHECK(field_equal(f, rec, &got.rec));
	}
}

/* The line ends too early, at each byte. */
static void truncated(const struct ovl_record *rec, unsigned int n)
{
	size_t step = line.len > LONG_LINE ? line.len / 500 : 1, len;
	struct record_read got;

	for (len = 0; len < line.len; len += step)
		if (!CHECK_EQ(line__read(len, line.len, "", &got), READ_NOT_JSON))
			printf("# %s, sample %u: %zu bytes\n", record_type__name(rec->type), n,
			       len);
}

static void all_samples(void (*check)(const struct ovl_record *rec, unsigned int n),
			unsigned int most)
{
	struct ovl_record rec;
	unsigned int n;
	int type;

	for (type = 0; type < RECORD_TYPES; type++)
		for (n = 0; n < most && line__make(type, n, &rec); n++)
			/* many windows are all alike */
			if (line.n < 400)
				check(&rec, n);
}

static void removed_members(void)
{
	size_t i;

	all_samples(missing, 100);
	for (i = 0; i < OPTIONAL; i++)
		if (!CHECK(accepted[i]))
			printf("# %s is optional, but no record is read without it\n", optional[i]);
}

static void doubled_members(void)
{
	all_samples(doubled, 3);
}

static void wrong_types(void)
{
	all_samples(retyped, 3);
}

static void members_of_newer_versions(void)
{
	all_samples(unknown_members, 100);
}

static void truncated_lines(void)
{
	all_samples(truncated, 3);
}

int main(void)
{
	TEST(removed_members);
	TEST(doubled_members);
	TEST(wrong_types);
	TEST(members_of_newer_versions);
	TEST(truncated_lines);
	line__free();
	return test_done();
}
