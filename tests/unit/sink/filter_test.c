// SPDX-License-Identifier: GPL-2.0-only
#include "sink/filter.h"

#include "test.h"

static unsigned int got[RECORD_TYPES];

static void count(struct sink *s, const struct ovl_record *rec)
{
	(void)s;
	got[rec->type]++;
}

static void nothing(struct sink *s)
{
	(void)s;
}

static struct sink counter = { .record = count, .free = nothing };

static void finding(struct sink *s, uint64_t at_ns, enum finding_kind kind, const char *path)
{
	struct ovl_record rec = { .type = RECORD_FINDING, .ts_ns = at_ns + 5000000000ULL };

	rec.finding.at_ns = at_ns;
	rec.finding.kind = kind;
	rec.finding.dir.path = path;
	s->record(s, &rec);
}

/* Returns how many of four findings are passed on. */
static unsigned int passed(const struct sink_filter *want)
{
	struct sink *s = sink_filter__new(&counter, want);
	struct ovl_record session = { .type = RECORD_SESSION, .ts_ns = 1000000000 };
	struct ovl_record summary = { .type = RECORD_SUMMARY };
	struct ovl_record rebuild = { .type = RECORD_REBUILD };

	memset(got, 0, sizeof(got));
	s->record(s, &session);
	finding(s, 1500000000, FINDING_STALE_STORE, "/a");
	finding(s, 3000000000, FINDING_STALE_STORE, "/a/b");
	finding(s, 3000000000, FINDING_KIND_MIX, "/ab");
	finding(s, 9000000000, FINDING_KIND_MIX, NULL);
	rebuild.rebuild.dir.path = "/ab";
	s->record(s, &rebuild);
	s->record(s, &summary);
	CHECK_EQ(got[RECORD_SESSION], 1);
	CHECK_EQ(got[RECORD_SUMMARY], 1);
	CHECK_EQ(got[RECORD_REBUILD], !want->ndirs);
	CHECK_EQ(s->end(s), 0);
	s->free(s);
	return got[RECORD_FINDING];
}

static void filters(void)
{
	static const char *const dirs[] = { "/a" };

	CHECK_EQ(passed(&(struct sink_filter){ 0 }), 4);
	/* the record itself is later than what it is about */
	CHECK_EQ(passed(&(struct sink_filter){ .since = 2 }), 3);
	CHECK_EQ(passed(&(struct sink_filter){ .until = 2 }), 3);
	CHECK_EQ(passed(&(struct sink_filter){ .since = 1, .until = 7 }), 2);
	CHECK_EQ(passed(&(struct sink_filter){ .kinds = 1U << FINDING_KIND_MIX }), 2);
	CHECK_EQ(passed(&(struct sink_filter){ .dirs = dirs, .ndirs = 1 }), 2);
}

int main(void)
{
	TEST(filters);
	return test_done();
}
