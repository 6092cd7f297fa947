// SPDX-License-Identifier: GPL-2.0-only
/* Recordings whose numbers and names were chosen to mislead. */
#include <stdlib.h>
#include <time.h>

#include "recording.h"
#include "replay/evidence.h"
#include "test.h"

enum {
	RECORDINGS = 50000,
};

static struct recording_text t, other;
static struct outcome out;

static bool says(const char *what)
{
	return test_check(strstr(out.remarks, what) != NULL, __FILE__, __LINE__, what);
}

/* Sums past 2^64 stay at their largest value: 0 would be a clean verdict. */
static void sums(void)
{
	static const char *const most = "18446744073709551615";
	static const char doubts[] = "\"doubts\":[{\"what\":\"x\",\"count\":9223372036854775808},"
				     "{\"what\":\"y\",\"count\":9223372036854775808}]";
	char line[RECORDING_LINE];
	int i;

	recording__clean(&t);
	for (i = 0; i < 2; i++) {
		snprintf(line, sizeof(line),
			 "{\"type\":\"lost\",\"seq\":%d,\"ts_ns\":2000,\"count\":%s,"
			 "\"where\":\"x\"}",
			 2 + i, i ? "1" : most);
		recording__insert(&t, 1 + i, line);
	}
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
	CHECK(out.counts.lost == COUNT_UNSEEN - 1);
	/* in all recordings of a file */
	memcpy(&other, &t, sizeof(t));
	recording__append(&t, &other);
	recording__play(&t, &out);
	CHECK(out.counts.lost == COUNT_UNSEEN - 1);

	recording__clean(&t);
	recording__replace(&t, 6, "\"doubts\":[]", doubts);
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
	says("failed 18446744073709551614 times");

	/* a number is not the null of a count that could not be seen */
	recording__clean(&t);
	recording__replace(&t, 6, "\"stores\":3", "\"stores\":18446744073709551615");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
	says("18446744073709551614 in the summary, 3 in the records");
}

/* -INT64_MIN is not a number. */
static void least_errno(void)
{
	recording__clean(&t);
	recording__replace(&t, 3, "\"version_stamped\":5", "\"version_stamped\":null");
	recording__replace(&t, 3, "\"entries\":3", "\"entries\":0");
	recording__replace(&t, 3, "\"outcome\":\"stored\",\"errno\":0",
			   "\"outcome\":\"error\",\"errno\":-9223372036854775808");
	recording__play(&t, &out);
	CHECK_EQ(out.verdict, VERDICT_INCONCLUSIVE);
	says("the first: errno");
}

/* Coverage that a session lacks is not that of the recording before it. */
static void coverage(void)
{
	static const char more[] = "\"coverage\":{\"readdir\":{\"provider\":\"kprobe\","
				   "\"target\":\"f\",\"evidence\":\"e\"},";

	recording__clean(&t);
	recording__replace(&t, 0, "\"coverage\":{", more);
	recording__play(&t, &out);
	CHECK_EQ(out.readdir, PROVIDER_ENTRY);
	recording__clean(&other);
	recording__append(&t, &other);
	recording__play(&t, &out);
	CHECK_EQ(out.recordings, 2);
	CHECK_EQ(out.readdir, PROVIDER_NONE);
}

/* The session of an unreadable recording has no summary, so it is not emitted. */
static void unreadable(void)
{
	recording__clean(&t);
	recording__replace(&t, 0, "ovltrace/1", "v\\u001b[31m\\u00ad");
	recording__play(&t, &out);
	CHECK_EQ(out.records[RECORD_SESSION], 0);
	CHECK_EQ(out.records[RECORD_SUMMARY], 0);
	CHECK(strstr(out.unreadable, "schema 'v\\x1b[31m\\u00ad'") != NULL);
	recording__clean(&other);
	recording__append(&t, &other);
	recording__play(&t, &out);
	CHECK(out.unreadable[0]);
	CHECK_EQ(out.records[RECORD_SESSION], 1);
	CHECK_EQ(out.records[RECORD_SUMMARY], 1);
}

/* A new recording forgets the records of the one before, and clears only what that used. */
static void many_recordings(void)
{
	struct rec_dir dir = { .ino = 1 };
	struct evidence *e = evidence__new();
	struct ovl_record rec = { .type = RECORD_FINDING };
	struct evidence_record found;
	clock_t start = clock();
	uint64_t i, k;

	rec.finding.dir = dir;
	for (i = 1; i <= RECORDINGS; i++) {
		rec.seq = i;
		evidence__note(e, &rec);
		CHECK_EQ(evidence__find(e, i, &found), EVIDENCE_THERE);
		evidence__reset(e);
		rec.seq = i + 1;
		evidence__note(e, &rec);
		CHECK_EQ(evidence__find(e, i, &found), EVIDENCE_ABSENT);
		evidence__reset(e);
	}
	/* clearing all of it each time takes ten seconds */
	CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 2);
	/* more records than are cleared one by one */
	for (k = 0; k < 3; k++) {
		for (i = 1; i <= 20000; i++) {
			rec.seq = i + k;
			evidence__note(e, &rec);
		}
		CHECK_EQ(evidence__find(e, k, &found), EVIDENCE_ABSENT);
		CHECK_EQ(evidence__find(e, 1 + k, &found), EVIDENCE_THERE);
		evidence__reset(e);
	}
	evidence__free(e);
}

int main(void)
{
	TEST(sums);
	TEST(least_errno);
	TEST(coverage);
	TEST(unreadable);
	TEST(many_recordings);
	return test_done();
}
