// SPDX-License-Identifier: GPL-2.0-only
/* Values of the right type that a record cannot have, and lines that are no record. */
#include "record/line.h"
#include "test.h"

#define FRAMES "\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\","

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
		{ RECORD_MODIFY, 0, "stack", "[1]", "stack" },
		{ RECORD_MODIFY, 0, "stack", "[[]]", "stack" },
		{ RECORD_MODIFY, 0, "stack", "[\"\"]", "stack" },
		{ RECORD_MODIFY, 0, "stack", "[\"a\\u0000b\"]", "stack" },
		{ RECORD_MODIFY, 0, "stack", "[]", "stack_truncated" },
		{ RECORD_MODIFY, 0, "stack", "[" FRAMES FRAMES FRAMES FRAMES "\"a\"]", "stack" },
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
		line__make(bad[i].type, bad[i].sample, &rec);
		for (k = 0; k < line.n && strcmp(line.member[k].key, bad[i].key); k++)
			;
		if (!CHECK(k < line.n) ||
		    !CHECK_EQ(line__read(line.member[k].value, line.member[k].to, bad[i].value,
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
		line__make(type, 2, &rec);
		for (i = 0; i < line.n; i++) {
			const struct member *m = &line.member[i];

			for (k = 0; !m->in && k < sizeof(keys) / sizeof(keys[0]); k++) {
				enum read_result result;

				if (strcmp(m->key, keys[k]))
					continue;
				result = line__read(m->to - 1, m->to, "x\"", &got);
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
		if (!CHECK_EQ(line__read_text(texts[i].text, &got), texts[i].want))
			printf("# %s\n", texts[i].text);
	}
}

int main(void)
{
	TEST(wrong_values);
	TEST(wrong_words);
	TEST(other_json);
	line__free();
	return test_done();
}
