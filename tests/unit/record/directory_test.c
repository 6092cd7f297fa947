// SPDX-License-Identifier: GPL-2.0-only
/* Directory records, written and read back. */
#include "record/read.h"
#include "record/write.h"
#include "test.h"

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
				   .has_times = true,
				   .times = { [0] = 1, [4] = 7, [23] = 2 },
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
	CHECK(r->has_times && r->times[0] == 1 && r->times[4] == 7 && r->times[23] == 2);
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
	CHECK_EQ(again(&d, "\"from_us\":8,", "\"from_us\":9,", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"from_us\":8,", "\"from_us\":0,", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"from_us\":8,", "", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "\"count\":7}", "\"count\":8}", &out), READ_DAMAGED);
	CHECK_EQ(again(&d, "{\"from_us\":8,\"count\":7}", "8", &out), READ_DAMAGED);
	/* recordings of earlier versions have no times */
	CHECK_EQ(again(&d, "\"rebuild_times\"", "\"other_times\"", &out), READ_OK);
	CHECK(!r->has_times && !r->times[4]);
	/* fields of a newer version are ignored, also in actors */
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
	TEST(lines);
	return test_done();
}
