// SPDX-License-Identifier: GPL-2.0-only
/* The table of directories: its rows, their order, and texts that are too long. */
#include "sink/dirtable.h"

#include "ovltrace/dirstat_wire.h"
#include "sink/table.h"
#include "test.h"

static const char *text(const char *s, size_t max)
{
	static char buf[4096];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	table__text(f, s, strlen(s), max);
	fputc(0, f);
	fclose(f);
	return buf;
}

static void shortened(void)
{
	CHECK_STR(text("/a/b/c", 0), "/a/b/c");
	CHECK_STR(text("/a/b/c", 6), "/a/b/c");
	CHECK_STR(text("0123456789abcdef", 12), "012...abcdef");
	CHECK_STR(text("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4", 6),
		  "\xc3\xa4...\xc3\xa4\xc3\xa4");
	CHECK_STR(text("\x1b[31m\xff", 40), "\\x1b[31m\\xff");
	CHECK_STR(text("", 9), "");
}

static const char *row(const struct rec_directory *d, const struct table_opts *o)
{
	static char buf[4096];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	table__row(f, o, d);
	fputc(0, f);
	fclose(f);
	return buf;
}

static void rows(void)
{
	struct rec_actor who[3] = {
		{ .task = { .pid = 5, .comm = "l\x1bs" }, .count = 9, .ns = 9 },
		{ .task = { .pid = 6, .comm = "sixteen bytes ab", .cgroup_path = "/docker/\n" },
		  .count = 2,
		  .ns = 1,
		  .op = OVLW_OP_UNLINK },
		{ .task = { .pid = 7, .comm = "x" }, .count = 1 }
	};
	struct rec_directory d = { .dir = { .path = "/m/\x1b[2J\nevil", .dev = 32, .ino = 9 },
				   .listings = 10,
				   .readdirs = 20,
				   .hits = 10,
				   .rebuilds = 10,
				   .cold = 3,
				   .rebuild_ns = 12345678,
				   .lock_held_ns = 345678,
				   .entries = 64,
				   .bytes = 5086,
				   .rebuilders = who,
				   .nrebuilders = 3,
				   .invalidators = who + 1,
				   .ninvalidators = 1,
				   .invalidators_others = 4,
				   .sees_invalidations = true };
	struct table_opts o = { .seconds = 2 };
	const char *p;

	CHECK_STR(
		row(&d, &o),
		"      5.0     0        10       12.35      1234        0.35      64   5.0K  "
		"impure  /m/\\x1b[2J\\x0aevil\n"
		"          rebuilt by l\\x1bs/5 9, sixteen bytes ab/6 in /docker/\\x0a 2, others 1; "
		"invalidated by sixteen bytes ab/6 in /docker/\\x0a unlink 2, others 4; "
		"no cache 3\n");
	/* unknown is not 0 */
	d = (struct rec_directory){ .dir = { .dev = 32, .ino = 9 },
				    .listings = COUNT_UNSEEN,
				    .lock_held_ns = COUNT_UNSEEN,
				    .bytes = COUNT_UNSEEN };
	CHECK_STR(row(&d, &o),
		  "        -     -         0        0.00         0           -       0      -  "
		  "impure  (ino 9) on 0:32\n");
	/* a line of a given width */
	d.dir.path = "/a/very/long/path/that/does/not/fit/into/the/line/at/all/whatever/is/done";
	o.width = 120;
	p = row(&d, &o);
	CHECK(strlen(p) <= 120 + 9);
	CHECK(strstr(p, "..."));
}

static void fits(void)
{
	struct rec_actor who = { .task = { .comm = "sixteen bytes ab",
					   .cgroup_path = "/a/long/path/of/a/cgroup/that/is/no/"
							  "container's" },
				 .count = 2,
				 .processes = 3 };
	struct rec_directory d = { .dir = { .path = "/a/very/long/path/that/does/not/fit/into/it",
					    .dev = 32,
					    .ino = 9,
					    .mount_ns = 4026532255,
					    .path_in_mount = true },
				   .listings = 10,
				   .rebuilds = 10,
				   .rebuild_ns = 12345678,
				   .lock_held_ns = 345678,
				   .entries = OVLS_MAX_ENTRIES,
				   .bytes = 1500000,
				   .rebuilders = &who,
				   .nrebuilders = 1 };
	static char buf[4096];
	unsigned int width;

	/* no line is wider than the terminal, and no line is lost */
	for (width = 80; width < 200; width++) {
		struct table_opts o = { .seconds = 2, .width = width };
		FILE *f = fmemopen(buf, sizeof(buf), "w");
		char *line, *next;
		int lines = 0;

		table__head(f, &o);
		table__row(f, &o, &d);
		fputc(0, f);
		fclose(f);
		for (line = buf; (next = strchr(line, '\n')); line = next + 1, lines++)
			CHECK((size_t)(next - line) <= width);
		CHECK_EQ(lines, 3);
		CHECK(strstr(buf, " >=16384 "));
		CHECK(strstr(buf, "(3 processes)"));
	}
}

static void costly(void)
{
	struct table_opts o = { .seconds = 5 };
	struct rec_directory d = { .listings = 8, .rebuilds = 8, .rebuild_ns = 2400000 };

	/* many that are cheap, and few that are not */
	CHECK(!table__is_costly(&o, &d));
	d = (struct rec_directory){ .listings = 4, .rebuilds = 4, .rebuild_ns = 4 * 359000000ULL };
	d.lock_held_ns = d.rebuild_ns;
	CHECK(table__is_costly(&o, &d));
	/* without the lock they keep no other task out, but take a tenth of the time */
	d.lock_held_ns = 0;
	CHECK(table__is_costly(&o, &d));
	o.seconds = 100;
	d.listings = 100;
	CHECK(!table__is_costly(&o, &d));
	/* a cache that saves nothing */
	d.listings = 4;
	CHECK(table__is_costly(&o, &d));
	d.lock_held_ns = COUNT_UNSEEN;
	d.listings = COUNT_UNSEEN;
	CHECK(table__is_costly(&o, &d));
	d.rebuild_ns = 4 * 9000000ULL;
	CHECK(!table__is_costly(&o, &d));
	d = (struct rec_directory){ .listings = 4, .lock_held_ns = COUNT_UNSEEN };
	CHECK(!table__is_costly(&o, &d));
}

static void containers(void)
{
	struct rec_actor who = { .task = { .pid = 5,
					   .comm = "ls",
					   .cgroup_path = "/libpod_parent/libpod-"
							  "b15ccfe36b7c9a60c2c1f0b1f9ee2c44a10b1ad"
							  "2c9b6a1e5f6b7c8d9e0f1a2b3" },
				 .count = 2 };
	struct rec_directory d = { .dir = { .path = "/m" }, .rebuilders = &who, .nrebuilders = 1 };
	struct table_opts o = { 0 };

	CHECK(strstr(row(&d, &o), "rebuilt by ls/5 in podman b15ccfe36b7c 2"));
}

static const char *printed(const struct dirtable *t)
{
	static char buf[8192];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	dirtable__print(t, f);
	fputc(0, f);
	fclose(f);
	return buf;
}

static void tables(void)
{
	struct dirtable *t = dirtable__new();
	struct ovl_record rec = { .type = RECORD_DIRECTORY };
	struct rec_window w = { .drop_ns = 120, .retake_ns = 160 };
	char path[32];
	size_t i;

	CHECK_STR(printed(t), "");
	/* rebuild records alone: where two directories are, the costlier is first */
	for (i = 0; i < 30; i++) {
		struct ovl_record r = { .type = RECORD_REBUILD };

		r.rebuild.dir = (struct rec_dir){ .ino = 1 + i % 2, .path = i % 2 ? "/b" : "/a" };
		r.rebuild.begin_ns = 100;
		r.rebuild.end_ns = i % 2 ? 3000100 : 1000100;
		r.rebuild.windows = &w;
		r.rebuild.nwindows = 1;
		dirtable__note(t, &r);
	}
	CHECK(strstr(printed(t), "/b") < strstr(printed(t), "/a"));
	CHECK(strstr(printed(t), "45.00"));
	/* directory records are the better source */
	for (i = 0; i < 23; i++) {
		snprintf(path, sizeof(path), "/dir%zu", i);
		rec.directory = (struct rec_directory){ .dir = { .ino = i, .path = path },
							.rebuild_ns = i * 7919 % 23 * 1000000,
							.rebuilds = 1,
							.listings = 1 };
		dirtable__note(t, &rec);
	}
	CHECK(!strstr(printed(t), "/b"));
	CHECK(strstr(printed(t), "23 directories"));
	CHECK(strstr(printed(t), "22.00"));
	CHECK(strstr(printed(t), "13.00"));
	CHECK(!strstr(printed(t), "12.00"));
	dirtable__reset(t);
	CHECK_STR(printed(t), "");
	dirtable__free(t);
}

int main(void)
{
	TEST(shortened);
	TEST(rows);
	TEST(fits);
	TEST(costly);
	TEST(containers);
	TEST(tables);
	return test_done();
}
