// SPDX-License-Identifier: GPL-2.0-only
#include "sink/slow.h"

#include <stdlib.h>

#include "test.h"

static struct slow_view view(void)
{
	return (struct slow_view){
		.version = "1",
		.kernel = "6.12",
		.arch = "x86_64",
		.slow = slow__new(),
		.sees = { true, true, true, true, true },
		.over_ns = 10000000,
		.duration_ns = 5,
		.listings = 3401,
		.lines = 1,
	};
}

static struct slow_listing listing(void)
{
	return (struct slow_listing){
		.dir = { .ino = 7, .dev = 3 << 20 | 4, .path = "/m/a\n" },
		.task = { .pid = 9, .tid = 9, .comm = "l\x1bs", .cgroup_path = "/lxc/web" },
		.kind = OVLS_SLOW_MERGED,
		.cause = SLOW_NO_CACHE,
		.total_ns = 57300000,
		.part = { 300000, 50000000, 2000000, 2000000, 3000000 },
		.layers = 3,
		.lookups = 2,
		.entries = 4000,
	};
}

static char *text(struct slow_view *v)
{
	char *buf;
	size_t size;
	FILE *f = open_memstream(&buf, &size);

	slow_view__text(f, v);
	fclose(f);
	return buf;
}

static void first_line(const char *buf, const char *want)
{
	char *line = strndup(buf, strcspn(buf, "\n"));

	CHECK_STR(line, want);
	free(line);
}

static void answers(void)
{
	struct slow_view v = view();
	struct slow_listing l = listing();
	char *buf = text(&v);

	CHECK_STR(buf, "none of 3,401 listings took longer than 10 ms\n");
	free(buf);
	v.listings = 0;
	buf = text(&v);
	CHECK_STR(buf, "no overlay directory was listed\n");
	free(buf);
	v.listings = 3401;
	slow__add(v.slow, &l);
	l.total_ns = 20000000;
	l.other_ns = 20000000;
	memset(l.part, 0xff, sizeof(l.part));
	slow__add(v.slow, &l);
	buf = text(&v);
	first_line(buf, "2 of 3,401 listings took longer than 10 ms; the slowest took 57.3 ms: "
			"/m/a\\x0a, by l\\x1bs/9 in lxc web; 65 % of the time went to reading the "
			"layers; each opendir() lists all layers again: keep a stream open, have "
			"fewer layers, or split the directory");
	CHECK(strstr(buf, "    57.300     0.300    50.000     2.000     2.000     3.000    4000  "
			  "merged  /m/a\\x0a\n"));
	CHECK(strstr(buf, "; 3 layers read; 2 lookups; rebuilt, there was no cache\n"));
	CHECK(strstr(buf, "1 faster ones are not shown\n"));
	CHECK(!strstr(buf, "incomplete"));
	free(buf);
	slow__free(v.slow);
}

static void incomplete(void)
{
	struct slow_view v = view();
	struct slow_listing l = listing();
	char *buf;

	CHECK(!slow_view__incomplete(&v));
	v.sees.calls = false;
	CHECK_STR(slow_view__incomplete(&v), "waits for the lock cannot be seen");
	l.torn = true;
	slow__add(v.slow, &l);
	CHECK(strstr(slow_view__incomplete(&v), "was not seen"));
	v.lost = 2;
	v.running = 1;
	CHECK_STR(slow_view__incomplete(&v), "listings were lost");
	buf = text(&v);
	CHECK(strstr(buf, "\nincomplete: listings were lost (2 lost)\n"));
	CHECK(strstr(buf,
		     "\nlock_wait is not observable: calls of iterate_dir() cannot be probed\n"));
	CHECK(strstr(buf, "\n1 listing had not returned at the end\n"));
	free(buf);
	slow__free(v.slow);
}

static void json(void)
{
	struct slow_view v = view();
	struct slow_listing l = listing();
	char *buf;
	size_t size;
	FILE *f = open_memstream(&buf, &size);

	l.has_by = true;
	l.cause = SLOW_OUTDATED;
	l.op = OVLW_OP_RENAME;
	memcpy(l.by.comm, "mv", 3);
	l.part[SLOW_LOCK] = COUNT_UNSEEN;
	l.late = true;
	slow__add(v.slow, &l);
	CHECK_EQ(slow_view__json(f, &v), 0);
	fclose(f);
	CHECK(strstr(buf, "{\"schema\":\"ovltrace-slow/1\",\"version\":\"1\""));
	CHECK(strstr(buf, "\"complete\":true,\"reason\":null"));
	CHECK(strstr(buf, "\"total_ns\":57300000,\"lock_wait_ns\":null,\"layers_ns\":50000000,"));
	CHECK(strstr(buf, "\"unknown\":\"it began before the trace\""));
	CHECK(strstr(buf, "\"rebuilt\":\"outdated\",\"outdated_by\":{\"op\":\"rename\","));
	CHECK(strstr(buf, "\"container\":\"lxc web\""));
	free(buf);
	slow__free(v.slow);
}

int main(void)
{
	TEST(answers);
	TEST(incomplete);
	TEST(json);
	return test_done();
}
