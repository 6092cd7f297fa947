// SPDX-License-Identifier: GPL-2.0-only
/* Names are forgotten in the order of their last use, and mountinfo is read as it is written. */
#include "util/names.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"
#include "util/mountinfo.h"

enum {
	MAX = NAMES_LEAST,
};

static void bounded(void)
{
	struct names names;
	uint64_t i;

	names__init(&names, MAX);
	for (i = 0; i < 10 * MAX; i++) {
		struct name *n = names__add(&names, i);

		CHECK(n && !n->text && !n->mount_ns);
		n->text = strdup("x");
		CHECK(names.n <= MAX);
		/* number 0 is in use all the time */
		CHECK(names__find(&names, 0) != NULL);
	}
	CHECK_EQ(names.n, MAX);
	CHECK(!names__find(&names, 1));
	CHECK(!names__find(&names, 9 * MAX));
	for (i = 9 * MAX + 1; i < 10 * MAX; i++)
		CHECK(names__find(&names, i) != NULL);
	names__deinit(&names);
}

static const char text[] =
	"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
	"23 22 0:42 /sub /mnt/sub rw shared:2 - overlay overlay rw,lowerdir=l\n"
	"24 22 0:42 / /mnt/a\\040b\\134c rw shared:3 master:1 - overlay none rw\n"
	"25 22 0:42 / /mnt/again rw - overlay none rw\n"
	"26 22 0:43 / /mnt/bind rw - tmpfs tmpfs rw\n"
	"garbage\n"
	"27 22 4095:1048575 / /mnt/last rw - overlay none rw";

static char *file(const char *content)
{
	static char name[64];
	int fd = memfd_create("mountinfo", 0);

	CHECK_EQ(write(fd, content, strlen(content)), strlen(content));
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return name;
}

static void parsed(void)
{
	struct mountinfo_query query = { .file = file(text), .bytes = SIZE_MAX };
	struct mountinfo_list list;

	CHECK(mountinfo__read(&list, &query));
	CHECK_EQ(list.n, 3);
	CHECK_STR(mountinfo__find(&list, 42) ?: "", "/mnt/a b\\c");
	CHECK_STR(mountinfo__find(&list, UINT32_MAX) ?: "", "/mnt/last");
	CHECK(!mountinfo__find(&list, 43));
	mountinfo__free(&list);

	query.dev = 42;
	mountinfo__read(&list, &query);
	CHECK_EQ(list.n, 1);
	CHECK_STR(mountinfo__find(&list, 42) ?: "", "/mnt/a b\\c");
	mountinfo__free(&list);

	query.file = "/nonexistent";
	CHECK(!mountinfo__read(&list, &query));
	CHECK_EQ(list.n, 0);
	mountinfo__free(&list);
}

/* A long file is not read to its end, and not all of many overlays are kept. */
static void long_file(void)
{
	enum {
		LINES = 3 * MOUNTINFO_MAX,
		LINE = 60,
	};
	char *content = calloc(LINES, LINE), *at = content;
	struct mountinfo_query query = { .bytes = 1 << 16, .dev = LINES };
	struct mountinfo_list list;
	int i;

	for (i = 1; i <= LINES; i++)
		at += sprintf(at, "%d 22 0:%d / /m/%d rw - overlay none rw\n", i, i, i);
	query.file = file(content);
	CHECK(!mountinfo__read(&list, &query));
	CHECK_EQ(list.n, 0);
	mountinfo__free(&list);
	query.bytes = SIZE_MAX;
	mountinfo__read(&list, &query);
	CHECK(mountinfo__find(&list, LINES) != NULL);
	mountinfo__free(&list);
	query.dev = 0;
	CHECK(!mountinfo__read(&list, &query));
	CHECK_EQ(list.n, MOUNTINFO_MAX);
	mountinfo__free(&list);
	free(content);
}

int main(void)
{
	TEST(bounded);
	TEST(parsed);
	TEST(long_file);
	return test_done();
}
