// SPDX-License-Identifier: GPL-2.0-only
/* Names from before the first release: aliases.def. */
#include "record/read.h"
#include "test.h"

#define HEAD(type) "{\"type\":\"" type "\",\"seq\":1,\"ts_ns\":9,"
#define DIR "\"dir\":{\"dev\":\"0:32\",\"ino\":\"7\",\"path\":\"/m\"},"
#define TASK "\"task\":{\"pid\":1,\"tid\":1,\"comm\":\"t\",\"cgroup\":\"1\",\"cgroup_path\":null},"

static struct record_read got;
static struct record_reader *reader;

/* The record that the line holds; valid until the next line. */
static const struct ovl_record *read_line(const char *text)
{
	static char line[2048];

	snprintf(line, sizeof(line), "%s", text);
	CHECK_EQ(record_reader__line(reader, line, strlen(line), &got), READ_OK);
	return &got.rec;
}

static void old_kind(void)
{
	const struct ovl_record *rec = read_line(
		HEAD("finding") "\"kind\":\"merged_stale\"," DIR TASK
				"\"confidence\":\"exact\",\"evidence\":[],\"text\":\"x\"}");

	CHECK_EQ(rec->finding.kind, FINDING_MERGED_STALE_CACHE);
}

static void old_incident(void)
{
	const struct ovl_record *rec =
		read_line(HEAD("incident") DIR TASK "\"what\":\"merged_cache_freed\"}");

	CHECK_EQ(rec->incident.what, OVLW_MERGED_FREE);
}

static void old_end(void)
{
	const struct ovl_record *rec =
		read_line(HEAD("stale_end") DIR "\"finding\":1,\"stored_ns\":2,\"how\":\"inode\"}");

	CHECK_EQ(rec->stale_end.how, STALE_END_INODE);
}

static void old_summary(void)
{
	const struct rec_summary *s =
		&read_line(
			 HEAD("summary") "\"duration_ns\":1,\"verdict\":\"clean\",\"command_status\":null,"
					 "\"counts\":{\"rebuilds\":0,\"windows\":0,\"stores\":0,\"mods\":0,"
					 "\"stale_stores\":0,\"superseded_stores\":0,\"unfreed_caches\":0,"
					 "\"stale_impure_clears\":0,\"kind_mixes\":0,\"bad_returns\":0,"
					 "\"lock_hazards\":0,\"lost\":0,"
					 "\"untold_readdirs\":3,\"merged_stales\":4},"
					 "\"widened\":{\"waits\":7,\"in_vain\":5,\"waited_ns\":8},"
					 "\"doubts\":[{\"what\":\"out of memory in the model\",\"count\":6}]}")
			 ->summary;

	CHECK_EQ(s->counts.unreported_readdirs, 3);
	CHECK_EQ(s->counts.finding[FINDING_MERGED_STALE_CACHE], 4);
	CHECK_EQ(s->hold_timed_out, 5);
	CHECK_EQ(s->inconsistencies[INCONSISTENT_NO_MEMORY], 6);
}

int main(void)
{
	reader = record_reader__new();
	TEST(old_kind);
	TEST(old_incident);
	TEST(old_end);
	TEST(old_summary);
	record_reader__free(reader);
	return test_done();
}
