// SPDX-License-Identifier: GPL-2.0-only
/* No record that is written without paths has a name of a file, a cgroup or the host. */
#include "record/hide.h"

#include "record/write.h"
#include "test.h"

static const struct rec_dir dir = { .ino = 5, .dev = 32, .path = "/secret" };
static const struct rec_task task = { .pid = 1, .tid = 2, .comm = "ls", .cgroup_path = "/secret" };

static bool discloses(struct ovl_record rec)
{
	struct json j = { 0 };
	bool found;

	record__hide_paths(&rec);
	json__record(&j, &rec);
	json__room(&j, 1)[0] = 0;
	found = strstr(j.buf, "secret");
	json__deinit(&j);
	return found;
}

static void records(void)
{
	struct rec_actor actor = { .task = task, .count = 1 };
	struct rec_directory d = { .dir = dir, .invalidators = &actor, .ninvalidators = 1 };
	struct coverage cover[EVENTS] = { 0 };
	struct rec_session session = { .schema = "s",
				       .version = "v",
				       .kernel = "k",
				       .arch = "a",
				       .host = "secret",
				       .command_line = "secret",
				       .cover = cover };

	CHECK(!discloses((struct ovl_record){ .type = RECORD_SESSION, .session = session }));
	CHECK(!discloses((struct ovl_record){ .type = RECORD_REBUILD,
					      .rebuild = { .dir = dir, .task = task } }));
	CHECK(!discloses((struct ovl_record){
		.type = RECORD_MODIFY,
		.modify = { .dir = dir, .task = task, .name = "secret", .name2 = "secret" } }));
	CHECK(!discloses(
		(struct ovl_record){ .type = RECORD_INCIDENT,
				     .incident = { .dir = dir, .task = task, .name = "secret" } }));
	CHECK(!discloses((struct ovl_record){
		.type = RECORD_FINDING, .finding = { .dir = dir, .task = task, .text = "t" } }));
	CHECK(!discloses(
		(struct ovl_record){ .type = RECORD_STALE_END, .stale_end = { .dir = dir } }));
	CHECK(!discloses((struct ovl_record){ .type = RECORD_MERGED_CACHE,
					      .merged = { .dir = dir, .task = task } }));
	CHECK(!discloses((struct ovl_record){ .type = RECORD_DIRECTORY, .directory = d }));
}

int main(void)
{
	TEST(records);
	return test_done();
}
