// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the reader makes of lines that are not as they should be. Each member of each
 * sample is removed, doubled, given a value of another type; unknown ones are added.
 */
#include <stdlib.h>

#include "record/raw.h"
#include "record/write.h"
#include "samples.h"
#include "test.h"

enum {
	MEMBERS = 4096,
	NAME = 40,
	LONG_LINE = 3000,
};

/* "key":value in a line; the comma that separates it is not part of it. */
struct member {
	char key[NAME];
	const struct member *in; /* the member whose value it is in, or NULL */
	size_t from, value, to;
};

struct line {
	char *text;
	size_t len;
	struct member member[MEMBERS];
	size_t n;
	size_t at; /* of the scan */
};

static struct line line;
static struct record_reader *reader;
static char *changed; /* what was read last: the record's strings lie in it */

static void scan_value(const struct member *in);

static void skip_string(void)
{
	for (line.at++; line.text[line.at] != '"'; line.at++)
		line.at += line.text[line.at] == '\\';
	line.at++;
}

static void scan_member(const struct member *in)
{
	struct member *m = &line.member[line.n++];
	size_t n;

	m->in = in;
	m->from = line.at;
	skip_string();
	n = line.at - m->from - 2;
	memcpy(m->key, line.text + m->from + 1, n < NAME ? n : NAME - 1);
	m->value = ++line.at;
	scan_value(m);
	m->to = line.at;
}

static void scan_value(const struct member *in)
{
	char open = line.text[line.at];

	if (open == '"') {
		skip_string();
		return;
	}
	if (open != '{' && open != '[') {
		line.at += strcspn(line.text + line.at, ",]}");
		return;
	}
	for (line.at++; line.text[line.at] != ']' && line.text[line.at] != '}';) {
		if (open == '{')
			scan_member(in);
		else
			scan_value(in);
		line.at += line.text[line.at] == ',';
	}
	line.at++;
}

/* Sample n of a type as a line, and all members of it; false: there is none. */
static bool line_make(enum record_type type, unsigned int n, struct ovl_record *rec)
{
	struct json j = { 0 };

	if (!record_sample(type, n, rec))
		return false;
	json__open(&j, NULL, '{');
	json__record(&j, rec);
	json__close(&j, '}');
	free(line.text);
	line.len = j.len;
	line.text = strndup(j.buf, j.len);
	json__deinit(&j);
	memset(line.member, 0, sizeof(line.member));
	line.n = line.at = 0;
	scan_value(NULL);
	return true;
}

/* Reads the line with `text` in place of the bytes from `from` to `to`. */
static enum read_result read_with(size_t from, size_t to, const char *text, struct record_read *out)
{
	size_t n = strlen(text), len = line.len - (to - from) + n;
	char *buf;

	free(changed);
	changed = buf = malloc(len + 1);
	memcpy(buf, line.text, from);
	memcpy(buf + from, text, n);
	memcpy(buf + from + n, line.text + to, line.len - to);
	buf[len] = '\n';
	return record_reader__line(reader, buf, len, out);
}

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
	"moved",
	"name",
	"new_name",
	"partly",
	"path_in_mount",
	"proof",
	"proof_evidence",
	"reads",
	"refcount",
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

		switch (read_with(from, m->to + !last, "", &got)) {
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
		if (!CHECK_EQ(read_with(m->from, m->from, text, &got), READ_DAMAGED) ||
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
			enum read_result result = read_with(m->value, m->to, values[k].text, &got);

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
		if (!CHECK_EQ(read_with(i, i + 1, more, &got), READ_OK))
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
		if (!CHECK_EQ(read_with(len, line.len, "", &got), READ_NOT_JSON))
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
		for (n = 0; n < most && line_make(type, n, &rec); n++)
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

/* Right in its form, and wrong all the same. */
static void wrong_values(void)
{
	static const struct {
		enum record_type type;
		unsigned int sample;
		const char *key, *value, *what;
	} bad[] = {
		{ RECORD_REBUILD, 0, "dev", "\"4096:0\"", "dev" },
		{ RECORD_REBUILD, 0, "dev", "\"0:1048576\"", "dev" },
		{ RECORD_REBUILD, 0, "dev", "\"8\"", "dev" },
		{ RECORD_REBUILD, 0, "dev", "\"08:1\"", "dev" },
		{ RECORD_REBUILD, 0, "ino", "\"18446744073709551616\"", "ino" },
		{ RECORD_REBUILD, 0, "ino", "\"-1\"", "ino" },
		{ RECORD_REBUILD, 0, "ino", "\"\"", "ino" },
		{ RECORD_REBUILD, 0, "path_b64", "\"L20=x\"", "path" },
		{ RECORD_REBUILD, 0, "path_b64", "\"L2 =\"", "path" },
		{ RECORD_REBUILD, 0, "path_b64", "\"LwAv\"", "path" }, /* NUL inside */
		{ RECORD_REBUILD, 0, "path_b64", "\"bS9t\"", "path" }, /* not absolute */
		{ RECORD_REBUILD, 0, "pid", "4294967296", "tid" },
		{ RECORD_REBUILD, 0, "tid", "4294967296", "tid" },
		{ RECORD_REBUILD, 0, "comm_b64", "\"MTIzNDU2Nzg5MDEyMzQ1Njc=\"", "comm" },
		{ RECORD_REBUILD, 0, "cgroup", "\"0x1\"", "cgroup" },
		{ RECORD_REBUILD, 0, "entries", "4294967296", "entries" },
		{ RECORD_REBUILD, 1, "entries", "1", "entries" },
		{ RECORD_REBUILD, 0, "reads", "4294967296", "reads" },
		{ RECORD_REBUILD, 0, "cache", "\"0x0\"", "cache" },
		{ RECORD_REBUILD, 0, "cache", "\"0xFF\"", "cache" },
		{ RECORD_REBUILD, 0, "cache", "\"0x10000000000000000\"", "cache" },
		{ RECORD_REBUILD, 0, "slot_before", "\"0x\"", "slot_before" },
		{ RECORD_REBUILD, 0, "version_stamped", "null", "version_stamped" },
		{ RECORD_REBUILD, 0, "version_read", "null", "version_read" },
		{ RECORD_REBUILD, 0, "impure_cleared", "true", "impure_cleared" },
		{ RECORD_REBUILD, 0, "end_ns", "100001", "end_ns" },
		{ RECORD_REBUILD, 0, "end_ns", "1", "end_ns" },
		{ RECORD_REBUILD, 0, "retake_ns", "1", "windows" },
		{ RECORD_REBUILD, 0, "wait_ns", "99999", "windows" },
		{ RECORD_REBUILD, 0, "version_retake", "1", "windows" },
		{ RECORD_REBUILD, 4, "errno", "-4096", "errno" },
		{ RECORD_REBUILD, 4, "errno", "0", "errno" },
		{ RECORD_REBUILD, 0, "errno", "null", "errno" },
		{ RECORD_MODIFY, 0, "version_after", "5", "version_after" },
		{ RECORD_MODIFY, 0, "name_b64", "\"YQBi\"", "name" },
		{ RECORD_INCIDENT, 2, "value", "2147483648", "value" },
		{ RECORD_INCIDENT, 2, "value", "-2147483649", "value" },
		{ RECORD_FINDING, 0, "at_ns", "100001", "at_ns" },
		{ RECORD_FINDING, 1, "text", "\"\"", "text" },
		{ RECORD_FINDING, 0, "evidence", "[-1]", "evidence" },
		{ RECORD_FINDING, 0, "evidence",
		  "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
		  "evidence" },
		{ RECORD_STALE_END, 0, "stored_ns", "100001", "stored_ns" },
		{ RECORD_STALE_END, 0, "stored_ns", "null", "stored_ns" },
		{ RECORD_MERGED_CACHE, 0, "freed_ns", "null", "end" },
		{ RECORD_MERGED_CACHE, 0, "freed_ns", "100001", "freed_ns" },
		{ RECORD_MERGED_CACHE, 0, "stored_ns", "2001", "freed_ns" },
		{ RECORD_MERGED_CACHE, 0, "version_stamped", "null", "version_stamped" },
		{ RECORD_MERGED_CACHE, 0, "entries", "4294967296", "entries" },
		{ RECORD_DIRECTORY, 0, "kind", "\"merge\"", "kind" },
		{ RECORD_DIRECTORY, 0, "rebuilds", "1", "rebuilds" },
		{ RECORD_DIRECTORY, 0, "lock_held_ns", "5001", "rebuilds" },
		{ RECORD_DIRECTORY, 0, "max_rebuild_ns", "5001", "rebuilds" },
		{ RECORD_TEST, 0, "end_ns", "999", "end_ns" },
		{ RECORD_TEST, 0, "end_ns", "100001", "end_ns" },
		{ RECORD_TEST, 0, "result", "\"\"", "result" },
		{ RECORD_TEST, 1, "name", "\"\"", "name" },
		{ RECORD_LOST, 0, "count", "0", "count" },
		{ RECORD_SESSION, 0, "widen", "4294967296", "widen" },
		{ RECORD_SUMMARY, 0, "command_status", "256", "command_status" },
		{ RECORD_SUMMARY, 0, "copy_up_order", "\"unknown\"", "copy_up_order" },
		{ RECORD_SUMMARY, 0, "lost", "null", "lost" },
		{ RECORD_SUMMARY, 0, "count", "0", "inconsistencies" },
	};
	struct ovl_record rec;
	struct record_read got;
	size_t i, k;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		line_make(bad[i].type, bad[i].sample, &rec);
		for (k = 0; k < line.n && strcmp(line.member[k].key, bad[i].key); k++)
			;
		if (!CHECK(k < line.n) ||
		    !CHECK_EQ(read_with(line.member[k].value, line.member[k].to, bad[i].value,
					&got),
			      READ_DAMAGED) ||
		    !CHECK(!strcmp(got.what, bad[i].what)))
			printf("# %s: %s %s: %s\n", record_type__name(bad[i].type), bad[i].key,
			       bad[i].value, got.what ? got.what : "");
	}
}

/* Each word of an enum, misspelt. */
static void wrong_words(void)
{
	static const char *const keys[] = { "type",  "lock_drop", "outcome", "op",
					    "moved", "incident",  "kind",    "confidence",
					    "end",   "source",	  "event",   "verdict" };
	struct ovl_record rec;
	struct record_read got;
	size_t i, k;
	int type;

	for (type = 0; type < RECORD_TYPES; type++) {
		line_make(type, 2, &rec);
		for (i = 0; i < line.n; i++) {
			const struct member *m = &line.member[i];

			for (k = 0; !m->in && k < sizeof(keys) / sizeof(keys[0]); k++) {
				enum read_result result;

				if (strcmp(m->key, keys[k]))
					continue;
				result = read_with(m->to - 1, m->to, "x\"", &got);
				CHECK_EQ(result, k ? READ_DAMAGED : READ_UNKNOWN);
				if (k)
					CHECK_STR(got.what, keys[k]);
			}
		}
	}
}

/* Lines that are no records. */
static void other_json(void)
{
	static const struct {
		const char *text;
		enum read_result want;
	} texts[] = {
		{ "", READ_NOT_JSON },
		{ "{", READ_NOT_JSON },
		{ "{}x", READ_NOT_JSON },
		{ "{\"a\":1,}", READ_NOT_JSON },
		{ "{\"type\":\"\xff\"}", READ_NOT_JSON },
		{ "{\"type\":\"\\ud800\"}", READ_NOT_JSON },
		{ "{}", READ_DAMAGED },
		{ "[]", READ_DAMAGED },
		{ "7", READ_DAMAGED },
		{ "null", READ_DAMAGED },
		{ "[{\"type\":\"lost\",\"seq\":1,\"ts_ns\":1,\"count\":1,\"where\":\"x\"}]",
		  READ_DAMAGED },
		{ "{\"type\":\"x\",\"seq\":1,\"ts_ns\":1}", READ_UNKNOWN },
		{ "{\"type\":\"\\u0000\",\"seq\":1,\"ts_ns\":1}", READ_DAMAGED },
		{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
		  READ_NOT_JSON },
	};
	struct record_read got;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char *text = strdup(texts[i].text);

		if (!CHECK_EQ(record_reader__line(reader, text, strlen(text), &got), texts[i].want))
			printf("# %s\n", texts[i].text);
		free(text);
	}
}

int main(void)
{
	reader = record_reader__new();
	TEST(removed_members);
	TEST(doubled_members);
	TEST(wrong_types);
	TEST(members_of_newer_versions);
	TEST(truncated_lines);
	TEST(wrong_values);
	TEST(wrong_words);
	TEST(other_json);
	record_reader__free(reader);
	free(line.text);
	free(changed);
	return test_done();
}
