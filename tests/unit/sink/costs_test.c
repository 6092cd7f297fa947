// SPDX-License-Identifier: GPL-2.0-only
#include "sink/costs.h"

#include "ovltrace/dirstat_wire.h"
#include "test.h"

static const char *answer(const struct rec_directory *d, double seconds)
{
	static char buf[1024];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	costs__answer(f, d, seconds);
	fputc(0, f);
	fclose(f);
	return buf;
}

static void answers(void)
{
	struct rec_actor who = { .task = { .comm = "l\x1bs", .cgroup_path = "/lxc/web" } };
	struct rec_directory d = { .dir = { .path = "/m/a\n", .ino = 7 },
				   .rebuild_ns = 600000000,
				   .rebuilders = &who };

	CHECK_STR(answer(NULL, 5), "no overlay directory that has a cache was listed");
	CHECK_STR(answer(&d, 5), "12 % of the time goes into rebuilds of /m/a\\x0a");
	d.nrebuilders = 1;
	CHECK_STR(answer(&d, 5),
		  "12 % of the time goes into rebuilds of /m/a\\x0a, by l\\x1bs in lxc web");
	d.dir.path = NULL;
	who.task.cgroup_path = "/box";
	CHECK_STR(answer(&d, 5), "12 % of the time goes into rebuilds of inode 7, by l\\x1bs");
	CHECK(strstr(answer(&d, 100), "no directory costs much"));
	CHECK(strstr(answer(&d, 0), "no directory costs much"));
}

static void advice(void)
{
	struct rec_directory d = { .merged = true, .rebuilds = 10, .cold = 9 };

	CHECK(strstr(costs__advice(&d), "keep a stream open"));
	d.cold = 1;
	CHECK(!costs__advice(&d));
	d.ninvalidators = 1;
	CHECK(strstr(costs__advice(&d), "modified between listings"));
	d.cold = 10;
	d.merged = false;
	CHECK(!costs__advice(&d));
	d.entries = OVLS_MAX_ENTRIES;
	CHECK(strstr(costs__advice(&d), "split it"));
}

int main(void)
{
	TEST(answers);
	TEST(advice);
	return test_done();
}
