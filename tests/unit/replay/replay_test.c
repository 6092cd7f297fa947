// SPDX-License-Identifier: GPL-2.0-only
/* Complete recordings, and every kind of damage. */
#include <stdlib.h>

#include "recording.h"
#include "test.h"

static struct recording_text t, other;
static struct outcome out;

static bool says(const char *what)
{
	return test_check(strstr(out.remarks, what) != NULL, __FILE__, __LINE__, what);
}

static void clean(void)
{
	recording__clean(&t);
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
	CHECK_STR(out.remarks, "");
	CHECK_EQ(out.counts.rebuilds, 3);
	CHECK_EQ(out.counts.superseded_stores, 2);
	CHECK_EQ(out.counts.mods, 2);
	CHECK_EQ(out.counts.finding[FINDING_STALE_STORE], 0);
	CHECK(out.counts.finding[FINDING_BAD_RETURN] == COUNT_UNSEEN);
	CHECK_EQ(out.records[RECORD_SUMMARY], 1);
	CHECK_STR(out.path, "/m/D");
	/* complete, but for its newline */
	t.cut = true;
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
}

static void findings(void)
{
	recording__findings(&t);
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_FINDINGS);
	CHECK_STR(out.remarks, "");
	CHECK_EQ(out.records[RECORD_FINDING], 3);
	CHECK_EQ(out.counts.finding[FINDING_STALE_STORE], 1);
	CHECK_EQ(out.counts.finding[FINDING_UNFREED_CACHE], 1);
	CHECK_EQ(out.counts.finding[FINDING_STALE_IMPURE_CLEAR], 1);
}

/* Damage to one line of a clean recording, and the remark on it. */
static void damage(void)
{
	static const struct {
		size_t line;
		const char *from, *to, *say;
	} bad[] = {
		{ 2, "{", "", "not JSON" },
		{ 2, "\"moved\"", "\"moved", "not JSON" },
		{ 2, "\"a\"", "\"\xff\"", "not JSON" },
		{ 2, "\"a\"", "\"\\u0000\"", "a missing or invalid field" },
		{ 2, "\"seq\":3", "\"seq\":4", "missing" },
		{ 2, "\"seq\":3", "\"seq\":2", "out of order" },
		{ 2, "\"seq\":3", "\"seq\":3.0", "the first: seq" },
		{ 2, "\"seq\":3", "\"seq\":-3", "the first: seq" },
		{ 2, "\"seq\":3", "\"seq\":3,\"seq\":3", "the first: seq" },
		{ 2, "\"seq\":3", "\"seq\":18446744073709551615", "missing" },
		{ 2, "\"ts_ns\":3000", "\"ts_ns\":2", "time goes backwards" },
		{ 2, "modify", "modifi", "unknown type" },
		{ 2, "\"version_before\":5", "\"version_before\":7", "version_after" },
		{ 2, "rename", "renane", "the first: op" },
		{ 2, "\"ino\":\"7\"", "\"ino\":\"7x\"", "the first: ino" },
		{ 2, "\"ino\":\"7\"", "\"ino\":7", "the first: ino" },
		{ 2, "\"ino\":\"7\"", "\"ino\":\"18446744073709551616\"", "the first: ino" },
		{ 2, "0:32", "0-32", "the first: dev" },
		{ 2, "/m/D", "m/D", "the first: path" },
		{ 2, "\"comm\":\"t6\",", "", "the first: comm" },
		{ 3, "\"outcome\":\"stored\"", "\"outcome\":\"empty\"", "version_stamped" },
		{ 3, "\"outcome\":\"stored\"", "\"outcome\":\"else\"", "the first: outcome" },
		{ 3, "\"cache\":\"0x20\"", "\"cache\":\"20\"", "the first: cache" },
		{ 3, "\"cache\":\"0x20\",", "", "the first: cache" },
		{ 3, "\"errno\":0", "\"errno\":-5", "the first: errno" },
		{ 3, "\"mods_in_window\":1", "\"mods_in_window\":2", "the first: windows" },
		{ 3, "\"drop_ns\":3300", "\"drop_ns\":1", "the first: windows" },
		{ 3, "\"drop_ns\":3300,", "", "the first: windows" },
		{ 3, "\"windows\":[", "\"windows\":[7,", "the first: windows" },
		{ 3, "\"version_stamped\":5", "\"version_stamped\":6", "without a finding" },
		{ 3, "\"version_at_store\":6", "\"version_at_store\":5", "superseded_stores" },
		{ 6, "\"rebuilds\":3", "\"rebuilds\":4", "4 in the summary, 3 in the records" },
		{ 6, "\"rebuilds\":3", "\"rebuilds\":null", "null in the summary" },
		{ 6, "\"stores\":3", "\"stores\":4", "counts of the summary" },
		{ 6, "\"lost\":0", "\"lost\":1", "counts of the summary" },
		{ 6, "\"lost\":0", "\"lost\":null", "the first: lost" },
		{ 6, "\"stale_stores\":0", "\"stale_stores\":1", "counts of the summary" },
		{ 6, "\"clean\"", "\"findings\"", "verdict" },
		{ 6, "\"clean\"", "\"cleam\"", "summary, is missing" },
		{ 6, "\"doubts\":[]", "\"doubts\":[{\"what\":\"x\",\"count\":2}]",
		  "failed 2 times" },
		{ 6, "\"doubts\":[]", "\"doubts\":[3]", "the first: inconsistencies" },
		{ 0, "\"complete\":true", "\"complete\":false", "verdict" },
		{ 0, "\"cache_freed\":{\"provider\":\"kprobe\"",
		  "\"cache_freed\":{\"provider\":\"none\"", "verdict" },
		{ 0, "\"cache_freed\"", "\"cache_frees\"", "coverage" },
		{ 0, "\"kernel\":\"6.12\",", "", "session, is missing" },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		recording__clean(&t);
		recording__replace(&t, bad[i].line, bad[i].from, bad[i].to);
		recording__play(&t, &out);
		CHECK(out.verdict != VERDICT_CLEAN);
		if (!says(bad[i].say))
			printf("# %s -> %s says:\n%s", bad[i].from, bad[i].to, out.remarks);
	}
}

/* Every line once missing, once there twice, once cut; every pair exchanged. */
static void lines(void)
{
	static char saved[RECORDING_LINE];
	size_t i, k, n;

	for (i = 0; i < 7; i++) {
		recording__clean(&t);
		recording__remove(&t, i);
		recording__play(&t, &out);
		CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);

		recording__clean(&t);
		memcpy(saved, t.line[i], t.len[i]);
		saved[t.len[i]] = 0;
		recording__insert(&t, i, saved);
		recording__play(&t, &out);
		CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);

		for (k = 1; k < 30; k++) {
			recording__clean(&t);
			n = t.len[i];
			t.n = i + 1;
			t.cut = true;
			t.len[i] = n * k / 30;
			recording__play(&t, &out);
			CHECK(i == 0 ? out.unreadable[0] : out.verdict == VERDICT_INCONCLUSIVE);
		}
		for (k = 0; k < i; k++) {
			recording__clean(&t);
			memcpy(t.line[7], t.line[i], sizeof(t.line[0]));
			memcpy(t.line[i], t.line[k], sizeof(t.line[0]));
			memcpy(t.line[k], t.line[7], sizeof(t.line[0]));
			n = t.len[i];
			t.len[i] = t.len[k];
			t.len[k] = n;
			recording__play(&t, &out);
			CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
		}
	}
}

static void garbage(void)
{
	static const char *const text[] = { "",
					    " ",
					    "{}",
					    "[]",
					    "null",
					    "7",
					    "\"x\"",
					    "[[[[[[[[",
					    "{\"type\":\"modify\"}",
					    "\x1f\x8b\x08",
					    "{\"a\":1e999}",
					    "\xef\xbb\xbf{}",
					    "{\"type\":[1,{}],\"seq\":{}}" };
	static char deep[1500];
	size_t i, k;

	memset(deep, '[', sizeof(deep) - 1);
	for (i = 0; i <= sizeof(text) / sizeof(text[0]); i++) {
		const char *bad = i < sizeof(text) / sizeof(text[0]) ? text[i] : deep;

		for (k = 0; k <= 7; k++) {
			recording__clean(&t);
			recording__insert(&t, k, bad);
			recording__play(&t, &out);
			CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
			CHECK_EQ(out.counts.rebuilds, 3);
			CHECK(!strstr(out.remarks, "missing:"));
		}
		bytes__play(bad, strlen(bad), &out);
		CHECK(out.unreadable[0]);
	}
	bytes__play("", 0, &out);
	CHECK(strstr(out.unreadable, "it is empty") != NULL);
}

/* A finding counts only if its evidence proves it. */
static void evidence(void)
{
	static const struct {
		size_t line;
		const char *from, *to, *say;
		uint64_t findings; /* that are left */
	} bad[] = {
		{ 3, "[2,3]", "[2]", "do not prove", 3 }, /* the detector saw it, too */
		{ 3, "[2,3]", "[1,3]", "evidence is not in the file", 3 },
		{ 3, "[2,3]", "[2,3,99]", "evidence is not in the file", 3 },
		{ 3, "[2,3]", "[0,3]", "evidence is not in the file", 3 },
		{ 3, "\"7\"", "\"8\"", "evidence is not in the file", 3 },
		{ 3, "stale_store", "lock_hazard", "without a finding", 3 },
		{ 6, "[3,5]", "[5,3]", "do not prove", 2 },
		{ 6, "[3,5]", "[5,9]", "evidence is not in the file", 2 },
		{ 6, "[3,5]", "[]", "do not prove", 2 },
		{ 6, "unfreed_cache", "stale_store", "do not prove", 2 },
		{ 4, "\"slot_before\":\"0x10\"", "\"slot_before\":\"0x40\"", "do not prove", 2 },
		{ 5, "\"finding\":4", "\"finding\":3", "inconsistent ends", 3 },
		{ 8, "\"impure_cleared\":true", "\"impure_cleared\":false", "do not prove", 2 },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		recording__findings(&t);
		recording__replace(&t, bad[i].line, bad[i].from, bad[i].to);
		recording__play(&t, &out);
		CHECK_EQ(out.verdict, VERDICT_FINDINGS);
		if (!says(bad[i].say) || !CHECK_EQ(out.records[RECORD_FINDING], bad[i].findings))
			printf("# %s -> %s says:\n%s", bad[i].from, bad[i].to, out.remarks);
	}
	/* nothing is left of it but its one finding, whose proof is gone */
	recording__findings(&t);
	while (t.n > 7)
		recording__remove(&t, 7);
	recording__remove(&t, 5);
	recording__remove(&t, 3);
	recording__remove(&t, 2);
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
	CHECK_EQ(out.records[RECORD_FINDING], 0);
}

static void newer(void)
{
	recording__clean(&t);
	recording__replace(&t, 0, "0.1.0", "9.1.0");
	recording__replace(&t, 0, "\"kernel\"", "\"new\":{\"kernel\":[1]},\"kernel\"");
	recording__replace(&t, 0, "\"provider\":\"kprobe\"", "\"provider\":\"telepathy\"");
	recording__replace(&t, 2, "\"modify\"", "\"unheard\"");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
	says("types unknown to this version, such as 'unheard'");
	recording__clean(&t);
	recording__replace(&t, 0, "ovltrace/1", "ovltrace/1.7");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
	says("newer");
	recording__clean(&t);
	recording__replace(&t, 0, "ovltrace/1", "ovltrace/2");
	recording__play(&t, &out);
	CHECK(strstr(out.unreadable, "ovltrace/2") != NULL);
}

/* Partial rebuilds have no record, but are in some counts. */
static void partly(void)
{
	recording__clean(&t);
	recording__replace(&t, 6, "\"windows\":3", "\"windows\":5");
	recording__replace(&t, 6, "\"stores\":3", "\"stores\":4");
	recording__replace(&t, 6, "\"partial_rebuilds\":0", "\"partial_rebuilds\":1");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
	CHECK_EQ(out.counts.windows, 5);
	CHECK_EQ(out.counts.stores, 4);
	/* the trace was inconclusive for a reason without a record */
	recording__replace(&t, 6, "\"clean\"", "\"inconclusive\"");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
	says("the run itself");
}

static void lost(void)
{
	recording__clean(&t);
	recording__replace(&t, 4, t.line[4],
			   "{\"type\":\"lost\",\"seq\":5,\"ts_ns\":5000,"
			   "\"count\":3,\"where\":\"ring\"}");
	recording__replace(&t, 6, "\"lost\":0", "\"lost\":3");
	recording__replace(&t, 6, "\"clean\"", "\"inconclusive\"");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
	CHECK_EQ(out.counts.lost, 3);
	CHECK_STR(out.remarks, "");
}

static void hosts(void)
{
	recording__clean(&t);
	recording__findings(&other);
	recording__append(&t, &other);
	recording__clean(&other);
	recording__append(&t, &other);
	recording__play(&t, &out);
	CHECK_EQ(out.recordings, 3);
	CHECK_EQ(out.verdict, VERDICT_FINDINGS);
	CHECK_EQ(out.counts.rebuilds, 9);
	CHECK_STR(out.remarks, "");
	/* the first one without its end */
	recording__remove(&t, 6);
	recording__play(&t, &out);
	says("summary, is missing");
}

static void names(void)
{
	recording__clean(&t);
	recording__replace(&t, 1, "\"/m/D\"", "\"/m/\\u001b[31m\\ud83d\\ude00\\\"\\n\"");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
	recording__clean(&t);
	recording__replace(&t, 5, "\"/m/D\"", "\"/m/\xef\xbf\xbd\",\"path_b64\":\"L20v/w==\"");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_CLEAN);
	CHECK_STR(out.path, "/m/\xff");
	recording__replace(&t, 5, "L20v/w==", "L20v/w=!");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
}

int main(void)
{
	TEST(clean);
	TEST(findings);
	TEST(damage);
	TEST(lines);
	TEST(garbage);
	TEST(evidence);
	TEST(newer);
	TEST(partly);
	TEST(lost);
	TEST(hosts);
	TEST(names);
	return test_done();
}
