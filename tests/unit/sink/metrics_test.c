// SPDX-License-Identifier: GPL-2.0-only
#include "sink/metrics.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink/sink.h"
#include "test.h"
#include "util/outfile.h"

static const struct coverage cover[EVENTS];
static char *text;
static uint64_t windows = 2; /* what the summary says */

/* What a trace with one window of 3 us becomes. */
static void make(enum metrics_form form, const char *host, unsigned int number)
{
	struct rec_session first = {
		.version = "1.2.3", .host = host, .kernel = "6.1", .arch = "x", .cover = cover
	};
	struct rec_summary last = { .verdict = VERDICT_FINDINGS };
	struct rec_window w = { .drop_ns = 1000, .retake_ns = 4000, .wait_ns = 1500 };
	struct rec_rebuild r = {
		.dir.dev = 5, .begin_ns = 500, .end_ns = 6500, .windows = &w, .nwindows = 1
	};
	uint32_t dev;
	static struct metrics m;
	size_t size;
	FILE *f;

	last.counts.finding[FINDING_BAD_RETURN] = COUNT_UNSEEN;
	last.counts.rebuilds = 7;
	metrics__begin(&m, &first, number);
	metrics__rebuild(&m, &r);
	metrics__rebuild(&m, &r);
	r.nwindows = 0;
	for (dev = 6; dev < 5 + METRICS_MOUNTS + 1; dev++) {
		r.dir.dev = dev;
		metrics__rebuild(&m, &r);
	}
	last.counts.windows = windows;
	metrics__end(&m, &last);
	free(text);
	f = open_memstream(&text, &size);
	metrics__write(f, &m, 1, form);
	fclose(f);
}

#define HAS(line) test_check(strstr(text, "\n" line "\n") != NULL, __FILE__, __LINE__, line)

static void openmetrics(void)
{
	make(METRICS_OPENMETRICS, "a", 0);
	HAS("# TYPE ovltrace_rebuilds counter");
	HAS("ovltrace_rebuilds_total{host=\"a\"} 7");
	HAS("ovltrace_window_seconds_bucket{host=\"a\",le=\"0.000002\"} 0");
	HAS("ovltrace_window_seconds_bucket{host=\"a\",le=\"0.000004\"} 2");
	HAS("ovltrace_window_seconds_bucket{host=\"a\",le=\"+Inf\"} 2");
	HAS("ovltrace_window_seconds_sum{host=\"a\"} 0.000006000");
	HAS("ovltrace_lock_wait_seconds_bucket{host=\"a\",le=\"0.000002\"} 2");
	HAS("ovltrace_rebuild_seconds_count{host=\"a\"} 18");
	HAS("ovltrace_verdict{host=\"a\",verdict=\"findings\"} 1");
	HAS("ovltrace_findings_total{host=\"a\",kind=\"stale_store\"} 0");
	CHECK(!strstr(text, "bad_return"));
	CHECK(!strstr(text, "hits"));
	CHECK(!strcmp(text + strlen(text) - 6, "# EOF\n"));
}

static void prometheus(void)
{
	make(METRICS_PROMETHEUS, NULL, 0);
	HAS("# TYPE ovltrace_rebuilds_total counter");
	HAS("ovltrace_rebuilds_total 7");
	HAS("ovltrace_window_seconds_count 2");
	CHECK(!strstr(text, "# EOF"));
}

/* Two rebuilds of the first mount dropped the lock for 3 us of 6; one mount is too many. */
static void by_mount(void)
{
	make(METRICS_OPENMETRICS, NULL, 0);
	HAS("ovltrace_mount_rebuilds_total{mount=\"0:5\"} 2");
	HAS("ovltrace_mount_rebuild_seconds_total{mount=\"0:5\"} 0.000012000");
	HAS("ovltrace_mount_lock_held_seconds_total{mount=\"0:5\"} 0.000006000");
	HAS("ovltrace_mount_lock_held_seconds_total{mount=\"0:20\"} 0.000006000");
	HAS("ovltrace_mount_rebuilds_total{mount=\"other\"} 1");
	CHECK(!strstr(text, "0:21"));
	windows = COUNT_UNSEEN;
	make(METRICS_OPENMETRICS, NULL, 0);
	windows = 2;
	HAS("ovltrace_mount_rebuilds_total{mount=\"0:5\"} 2");
	CHECK(!strstr(text, "lock_held_seconds_total"));
}

static void labels(void)
{
	char big[500];

	make(METRICS_OPENMETRICS, "a\"\\\n\xff\xe2\x80\xae", 3);
	HAS("ovltrace_rebuilds_total{host=\"a\\\"\\\\\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\","
	    "recording=\"3\"} 7");
	memset(big, '"', sizeof(big) - 1);
	big[sizeof(big) - 1] = 0;
	make(METRICS_OPENMETRICS, big, 0);
	CHECK(strstr(text, "\\\"\"} 7") != NULL);
	free(text);
}

/* Whoever may write in the directory cannot say what is overwritten. */
static void live(void)
{
	char dir[] = "/tmp/metrics-test-XXXXXX", guessed[64], victim[] = "victim";
	const struct rec_counts counts = { .rebuilds = 23 };
	struct ovl_record first = { .type = RECORD_SESSION, .ts_ns = 1 };
	struct outfile out;
	struct stat st, now;
	struct sink *s;
	uint64_t i;

	first.session = (struct rec_session){
		.version = "1", .host = "h", .kernel = "k", .arch = "x", .cover = cover
	};
	CHECK(mkdtemp(dir) && !chdir(dir));
	snprintf(guessed, sizeof(guessed), "m.prom.%d.tmp", (int)getpid());
	CHECK(fclose(fopen(victim, "w")) == 0 && !symlink(victim, guessed));
	CHECK(!outfile__open(&out, "m.prom", OUTFILE_PUBLIC));
	s = sink_metrics__new(&out);
	s->record(s, &first);
	for (i = 1; i <= 2; i++)
		CHECK_EQ(s->tick(s, &counts, i * 6000000000), 0);
	CHECK(!stat("m.prom", &st) && st.st_size > 1000 && (st.st_mode & 07777) == 0644);
	CHECK(!stat(victim, &now) && !now.st_size);
	CHECK_EQ(s->tick(s, &counts, 12000000001), 0);
	CHECK(!stat("m.prom", &now) && now.st_ino == st.st_ino);
	s->free(s);
	outfile__close(&out);
	CHECK(!unlink(guessed) && !unlink(victim) && !unlink("m.prom") && !chdir("/"));
	CHECK(!rmdir(dir));
}

int main(void)
{
	TEST(openmetrics);
	TEST(prometheus);
	TEST(by_mount);
	TEST(labels);
	TEST(live);
	return test_done();
}
