// SPDX-License-Identifier: GPL-2.0-only
/* Snapshots of counters, the records and the table that are made of them. */
#include "model/dirstat.h"

#include <stdlib.h>

#include "util/dirpath.h"
#include "sink/dirtable.h"
#include "record/write.h"
#include "record/read.h"
#include "sink/table.h"
#include "test.h"

static struct ovls_key key(uint64_t inode, uint64_t ino, enum ovls_kind kind)
{
	struct ovls_key k = { .inode = inode, .ino = ino, .dev = 32, .kind = kind };

	return k;
}

static struct ovls_dir counts(uint64_t readdirs, uint64_t rebuilds, uint64_t ns)
{
	struct ovls_dir d = { .listings = readdirs / 2,
			      .readdirs = readdirs,
			      .hits = readdirs - rebuilds,
			      .rebuilds = rebuilds,
			      .rebuild_ns = ns,
			      .max_ns = ns,
			      .mods = rebuilds };

	return d;
}

/* A row of the actors' table. */
struct actor_row {
	const char *comm;
	uint32_t pid, what;
	uint64_t count, ns;
};

static void actor(struct dirstat *ds, struct ovls_key k, struct actor_row row)
{
	struct ovls_actor a = { .dir = k, .pid = row.pid, .what = row.what, .cgroup = 1 };
	struct ovls_actor_count n = { row.count, row.ns };

	strncpy(a.comm, row.comm, sizeof(a.comm));
	dirstat__actor(ds, &a, &n);
}

static void one(struct dirstat *ds, struct ovls_key k, struct ovls_dir d)
{
	dirstat__begin(ds);
	dirstat__dir(ds, &k, &d);
	dirstat__end(ds);
}

static void intervals(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(0x1000, 7, OVLS_IMPURE);
	struct rec_directory r;

	one(ds, k, counts(10, 1, 500));
	CHECK_EQ(dirstat__sort(ds, DIRSTAT_INTERVAL), 1);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 10);
	one(ds, k, counts(30, 4, 900));
	dirstat__sort(ds, DIRSTAT_INTERVAL);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 20);
	CHECK_EQ(r.rebuilds, 3);
	CHECK_EQ(r.hits, 17);
	CHECK_EQ(r.rebuild_ns, 400);
	dirstat__sort(ds, DIRSTAT_ALL);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_EQ(r.readdirs, 30);
	/* nothing happened: not in the table, and what is not may be taken out */
	one(ds, k, counts(30, 4, 900));
	CHECK_EQ(dirstat__sort(ds, DIRSTAT_INTERVAL), 0);
	CHECK(dirstat__is_idle(ds, &k));
	k.ino++;
	CHECK(!dirstat__is_idle(ds, &k));
	k.ino--;
	/* taken out and come again: counted from 0, not from what it was */
	one(ds, k, counts(6, 2, 50));
	dirstat__sort(ds, DIRSTAT_INTERVAL);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 6);
	CHECK_EQ(r.rebuilds, 2);
	/* the same address, another inode: the old one is gone, the new one begins at 0 */
	k.ino = 8;
	one(ds, k, counts(9, 3, 60));
	CHECK_EQ(dirstat__dirs(ds), 1);
	dirstat__sort(ds, DIRSTAT_INTERVAL);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.dir.ino, 8);
	CHECK_EQ(r.readdirs, 9);
	/* counters that wrap: no giant differences */
	one(ds, k, counts(UINT64_MAX, 5, 70));
	one(ds, k, counts(3, 1, 10));
	dirstat__sort(ds, DIRSTAT_INTERVAL);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 3);
	dirstat__free(ds);
}

/* Taken out and come again with more than it had before: all of it is new. */
static void forgotten(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(1, 7, OVLS_MERGED), busy = key(2, 8, OVLS_MERGED);
	struct ovls_dir a = counts(10, 1, 500), b = counts(10, 1, 500);
	struct rec_directory r;
	int i;

	for (i = 0; i < 2; i++) {
		b.readdirs += i;
		dirstat__begin(ds);
		actor(ds, k, (struct actor_row){ "ls", 1, OVLS_REBUILDS, 1, 500 });
		dirstat__dir(ds, &k, &a);
		dirstat__dir(ds, &busy, &b);
		dirstat__end(ds);
	}
	dirstat__forget_idle(ds);
	CHECK_EQ(dirstat__dirs(ds), 1);
	CHECK_EQ(dirstat__actors(ds), 0);
	a = counts(12, 3, 900);
	dirstat__begin(ds);
	dirstat__dir(ds, &k, &a);
	dirstat__dir(ds, &busy, &b);
	dirstat__end(ds);
	CHECK_EQ(dirstat__sort(ds, DIRSTAT_INTERVAL), 1);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.readdirs, 12);
	CHECK_EQ(r.rebuilds, 3);
	dirstat__free(ds);
}

static void kinds_and_totals(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key i = key(0x1000, 7, OVLS_IMPURE), m = key(0x1000, 7, OVLS_MERGED);
	struct ovls_dir a = counts(10, 1, 500), b = counts(4, 2, 9000);
	struct ovls_rest rest = { .readdirs = 5, .hits = 3, .rebuilds = 2, .rebuild_ns = 7 };
	struct dirstat_total t;
	struct rec_directory r;

	dirstat__begin(ds);
	dirstat__dir(ds, &i, &a);
	dirstat__dir(ds, &m, &b);
	dirstat__rest(ds, OVLS_IMPURE, &rest);
	dirstat__end(ds);
	CHECK_EQ(dirstat__sort(ds, DIRSTAT_ALL), 2);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK(r.merged);
	dirstat__total(ds, DIRSTAT_ALL, OVLS_IMPURE, &t);
	CHECK_EQ(t.readdirs, 15);
	CHECK_EQ(t.hits, 12);
	CHECK_EQ(t.untold, 5);
	dirstat__total(ds, DIRSTAT_ALL, OVLS_MERGED, &t);
	CHECK_EQ(t.readdirs, 4);
	CHECK_EQ(t.untold, 0);
	/* windows that go unseen make the time with the lock unknown, but not where none can be */
	CHECK_EQ(r.lock_held_ns, 9000);
	dirstat__record(ds, 1, DIRSTAT_ALL, &r);
	CHECK(r.lock_held_ns == COUNT_UNSEEN);
	CHECK(r.bytes == COUNT_UNSEEN);
	CHECK(r.modifications == COUNT_UNSEEN);
	dirstat__free(ds);
}

static void memory(void)
{
	struct ovls_layout l = {
		.entry_len = 0, .entry_node = 24, .entry_size = 75, .cache_size = 40
	};
	struct dirstat *ds = dirstat__new();
	struct ovls_dir d = counts(2, 1, 5);
	struct rec_directory r;

	d.entries = 64;
	d.name_bytes = 200;
	d.windows_ns = 2;
	dirstat__layout(ds, &l);
	dirstat__sees(ds, true, true);
	one(ds, key(1, 2, OVLS_IMPURE), d);
	dirstat__sort(ds, DIRSTAT_ALL);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_EQ(r.bytes, 40 + 200 + 64 * 75);
	CHECK_EQ(r.lock_held_ns, 3);
	dirstat__free(ds);
}

static void actors(void)
{
	struct dirstat *ds = dirstat__new();
	struct ovls_key k = key(1, 2, OVLS_MERGED);
	struct ovls_dir d = counts(100, 50, 1000);
	struct rec_directory r;
	uint64_t sum = 0;
	size_t i;

	d.invalidations = 100;
	dirstat__sees(ds, true, true);
	dirstat__begin(ds);
	for (i = 1; i <= 11; i++)
		actor(ds, k, (struct actor_row){ "mv", 100 + i, OVLW_OP_RENAME, i, 0 });
	actor(ds, k, (struct actor_row){ "ls", 7, OVLS_REBUILDS, 2, 900 });
	actor(ds, k, (struct actor_row){ "find", 8, OVLS_REBUILDS, 40, 80 });
	dirstat__dir(ds, &k, &d);
	dirstat__end(ds);
	dirstat__sort(ds, DIRSTAT_ALL);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_EQ(r.ninvalidators, RECORD_MAX_ACTORS);
	CHECK_EQ(r.invalidators[0].count, 11);
	CHECK_EQ(r.invalidators[0].op, OVLW_OP_RENAME);
	for (i = 0; i < r.ninvalidators; i++)
		sum += r.invalidators[i].count;
	/* whoever fell out, and those that the table had no room for */
	CHECK_EQ(sum + r.invalidators_others, 100);
	/* rebuilders by their time */
	CHECK_EQ(r.nrebuilders, 2);
	CHECK_STR(r.rebuilders[0].task.comm, "ls");
	CHECK_EQ(r.rebuilders_others, 8);
	/* of an interval: what came since, and whoever did nothing is not told */
	d.rebuilds += 3;
	d.rebuild_ns += 30;
	d.readdirs += 6;
	dirstat__begin(ds);
	actor(ds, k, (struct actor_row){ "ls", 7, OVLS_REBUILDS, 2, 900 });
	actor(ds, k, (struct actor_row){ "find", 8, OVLS_REBUILDS, 43, 110 });
	dirstat__dir(ds, &k, &d);
	dirstat__end(ds);
	CHECK_EQ(dirstat__actors(ds), 2);
	dirstat__sort(ds, DIRSTAT_INTERVAL);
	dirstat__record(ds, 0, DIRSTAT_INTERVAL, &r);
	CHECK_EQ(r.nrebuilders, 1);
	CHECK_STR(r.rebuilders[0].task.comm, "find");
	CHECK_EQ(r.rebuilders[0].count, 3);
	CHECK_EQ(r.rebuilders_others, 0);
	CHECK_EQ(r.ninvalidators, 0);
	dirstat__free(ds);
}

static void paths(void)
{
	struct dirstat *ds = dirstat__new();
	static struct ovls_path ev;
	struct rec_directory r;
	char *p;

	p = dirpath__join("c\0b\0a", 6, false);
	CHECK_STR(p, "/a/b/c");
	free(p);
	p = dirpath__join("", 0, false);
	CHECK_STR(p, "/");
	free(p);
	p = dirpath__join("c", 2, true);
	CHECK_STR(p, "/.../c");
	free(p);
	ev.dir = key(1, 2, OVLS_IMPURE);
	memcpy(ev.path, "x\0y", 4);
	ev.len = 4;
	dirstat__path(ds, &ev, sizeof(ev));
	/* longer than it is: not believed */
	ev.len = 5000;
	dirstat__path(ds, &ev, sizeof(ev));
	dirstat__path(ds, &ev, 8);
	one(ds, ev.dir, counts(2, 1, 5));
	dirstat__sort(ds, DIRSTAT_ALL);
	dirstat__record(ds, 0, DIRSTAT_ALL, &r);
	CHECK_STR(r.dir.path, "/y/x");
	dirstat__free(ds);
}

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

	CHECK(table__thrashes(&d));
	CHECK_STR(
		row(&d, &o),
		"      5.0     0!       10       12.35      1234        0.35      64   5.0K  "
		"impure  /m/\\x1b[2J\\x0aevil\n"
		"          rebuilt by l\\x1bs/5 9, sixteen bytes ab/6 in /docker/\\x0a 2, others 1; "
		"invalidated by sixteen bytes ab/6 in /docker/\\x0a unlink 2, others 4; "
		"no cache 3\n");
	/* unknown is not 0 */
	d = (struct rec_directory){ .dir = { .dev = 32, .ino = 9 },
				    .listings = COUNT_UNSEEN,
				    .lock_held_ns = COUNT_UNSEEN,
				    .bytes = COUNT_UNSEEN };
	CHECK(!table__thrashes(&d));
	CHECK_STR(row(&d, &o),
		  "        -     -         0        0.00         0           -       0      -  "
		  "impure  (ino 9) on 0:32\n");
	/* a line of a given width */
	d.dir.path = "/a/very/long/path/that/does/not/fit/into/the/line/at/all/whatever/is/done";
	o.width = 120;
	p = row(&d, &o);
	CHECK(strlen(p) <= 120 + 9);
	CHECK(strstr(p, "..."));
	/* few rebuilds say nothing, nor do hits between them */
	d.listings = 4;
	d.rebuilds = 4;
	CHECK(!table__thrashes(&d));
	d.listings = 100;
	d.rebuilds = 89;
	CHECK(!table__thrashes(&d));
	d.rebuilds = 90;
	CHECK(table__thrashes(&d));
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

/* A record to a line and back; replaces `from` in the line by `to`, if it is given. */
static enum read_result again(const struct rec_directory *d, const char *from, const char *to,
			      struct record_read *out)
{
	static struct record_reader *reader;
	static char line[8192];
	struct json j = { 0 };
	char *at;

	if (!reader)
		reader = record_reader__new();
	json__open(&j, NULL, '{');
	json__word(&j, "type", "directory");
	json__u64(&j, "seq", 3);
	json__u64(&j, "ts_ns", 4);
	json__directory(&j, d);
	json__close(&j, '}');
	memset(line, 0, sizeof(line));
	memcpy(line, j.buf, j.len);
	json__deinit(&j);
	at = from ? strstr(line, from) : NULL;
	CHECK(!from || at);
	if (at) {
		static char rest[8192];

		snprintf(rest, sizeof(rest), "%s", at + strlen(from));
		snprintf(at, sizeof(line) - (at - line), "%s%s", to, rest);
	}
	return record_reader__line(reader, line, strlen(line), out);
}

static void lines(void)
{
	static struct record_read out;
	struct rec_actor inv[2] = {
		{ .task = { .pid = 5, .comm = "m\xffv", .cgroup = 1, .cgroup_path = "/a\n" },
		  .op = OVLW_OP_RENAME,
		  .count = 9 },
		{ .task = { .pid = 6, .comm = "x" }, .count = 2 }
	};
	struct rec_actor reb[1] = { { .task = { .pid = 7, .comm = "ls" }, .count = 8, .ns = 55 } };
	struct rec_directory d = { .dir = { .path = "/m/\x1b\xfe", .dev = 32, .ino = 9 },
				   .merged = true,
				   .listings = 10,
				   .readdirs = 23,
				   .hits = 13,
				   .rebuilds = 10,
				   .cold = 3,
				   .rebuild_ns = 77,
				   .max_rebuild_ns = 70,
				   .lock_held_ns = 60,
				   .entries = 64,
				   .bytes = 5086,
				   .modifications = 30,
				   .sees_invalidations = true,
				   .invalidators = inv,
				   .ninvalidators = 2,
				   .invalidators_others = 4,
				   .rebuilders = reb,
				   .nrebuilders = 1,
				   .rebuilders_others = 2 };
	const struct rec_directory *r = &out.rec.directory;

	CHECK_EQ(again(&d, NULL, NULL, &out), READ_OK);
	CHECK_EQ(out.rec.type, RECORD_DIRECTORY);
	CHECK(r->merged && r->listings == 10 && r->readdirs == 23 && r->hits == 13);
	CHECK(r->rebuilds == 10 && r->cold == 3 && r->rebuild_ns == 77 && r->max_rebuild_ns == 70);
	CHECK(r->lock_held_ns == 60 && r->entries == 64 && r->bytes == 5086);
	CHECK(r->modifications == 30 && r->sees_invalidations && r->ninvalidators == 2);
	CHECK(r->invalidators_others == 4 && r->nrebuilders == 1 && r->rebuilders_others == 2);
	CHECK_STR(r->dir.path, "/m/\x1b\xfe");
	CHECK_STR(r->invalidators[0].task.comm, "m\xffv");
	CHECK_STR(r->invalidators[0].task.cgroup_path, "/a\n");
	CHECK_EQ(r->invalidators[0].op, OVLW_OP_RENAME);
	CHECK_EQ(r->invalidators[1].op, OVLW_OP_UNKNOWN);
	CHECK_EQ(r->invalidators[1].count, 2);
	CHECK_STR(r->rebuilders[0].task.comm, "ls");
	CHECK_EQ(r->rebuilders[0].ns, 55);
	/* what does not add up or is not there is no record */
	CHECK_EQ(again(&d, "\"kind\":\"merged\"", "\"kind\":\"merger\"", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"cold\":3", "\"cold\":11", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"hits\":13", "\"hits\":14", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"rebuilders_others\":2", "\"rebuilders_others\":3", &out),
		 READ_DAMAGED);
	CHECK_EQ(again(&d, "\"op\":\"rename\"", "\"op\":\"paint\"", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"op\":\"rename\",", "", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"listings\":10,", "", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"ns\":55", "\"ns\":null", &out), READ_DAMAGED);
	/* fields of a newer version are passed over, in the actors, too */
	CHECK_EQ(again(&d, "\"ns\":55", "\"ns\":55,\"new\":{\"a\":[1]}", &out), READ_OK);
	/* what is not seen stays unseen */
	d.sees_invalidations = false;
	d.modifications = d.bytes = d.lock_held_ns = COUNT_UNSEEN;
	d.ninvalidators = 0;
	CHECK_EQ(again(&d, NULL, NULL, &out), READ_OK);
	CHECK(!r->sees_invalidations && r->bytes == COUNT_UNSEEN);
	CHECK(r->lock_held_ns == COUNT_UNSEEN && r->modifications == COUNT_UNSEEN);
}

int main(void)
{
	TEST(intervals);
	TEST(forgotten);
	TEST(kinds_and_totals);
	TEST(memory);
	TEST(actors);
	TEST(paths);
	TEST(shortened);
	TEST(rows);
	TEST(tables);
	TEST(lines);
	return test_done();
}
