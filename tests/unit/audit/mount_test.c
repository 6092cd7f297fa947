// SPDX-License-Identifier: GPL-2.0-only
/* Lines of mountinfo, of our namespace and of another one. */
#include "audit/mount.h"

#include <string.h>

#include "test.h"

static void parse_more(struct audit_mounts *m, const char *text, uint32_t pid)
{
	FILE *f = fmemopen((char *)text, strlen(text), "r");

	CHECK_EQ(audit_mounts__parse(m, f, pid), 0);
	fclose(f);
}

static void parse(struct audit_mounts *m, const char *text, uint32_t pid)
{
	memset(m, 0, sizeof(*m));
	parse_more(m, text, pid);
}

#define OTHERS                                                                                \
	"21 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"                                      \
	"22 21 0:40 / /no/over\\040lay rw - overlay o rw,lowerdir=/l,userxattr,upperdir=/u\n" \
	"23 21 0:41 /sub / rw,noatime - overlay o rw,lowerdir=/l\n"                           \
	"24 21 broken\n"

static void ours(void)
{
	struct audit_mounts m;

	parse(&m, OTHERS, 0);
	CHECK_EQ(m.n, 2);
	CHECK_STR(m.v[0].path, "/no/over lay");
	CHECK_STR(m.v[0].upper, "/u");
	CHECK(m.v[0].rootless);
	CHECK(m.v[0].whole);
	CHECK(!m.v[0].root);
	CHECK_EQ(m.v[0].dev, 40);
	CHECK_STR(m.v[1].path, "/");
	CHECK(!m.v[1].upper);
	CHECK(!m.v[1].rootless);
	CHECK(!m.v[1].whole);
	audit_mounts__deinit(&m);
}

static void of_another_process(void)
{
	struct audit_mounts m;

	parse(&m, OTHERS, 4194304);
	CHECK_EQ(m.n, 2);
	CHECK_STR(m.v[0].path, "/proc/4194304/root/no/over lay");
	CHECK_STR(m.v[0].root, "/proc/4194304/root");
	CHECK_EQ(m.v[0].pid, 4194304);
	CHECK_STR(m.v[1].path, "/proc/4194304/root");
	CHECK_EQ(m.v[0].root_of, 0);
	CHECK_EQ(m.v[1].root_of, 4194304);
	audit_mounts__deinit(&m);
}

/* The host sees the overlay of a container, which has it as its root directory. */
static void of_a_container(void)
{
	struct audit_mounts m;

	parse(&m, "22 21 0:40 / /storage/1/merged rw - overlay o rw,lowerdir=/l,upperdir=/u\n", 0);
	parse_more(&m, "23 21 0:40 / /copy rw - overlay o rw,lowerdir=/l,upperdir=/u\n", 4194303);
	CHECK_EQ(m.n, 1);
	CHECK_EQ(m.v[0].root_of, 0);
	parse_more(&m, "24 21 0:40 / / rw - overlay o rw,lowerdir=/l,upperdir=/u\n", 4194304);
	CHECK_EQ(m.n, 1);
	CHECK_STR(m.v[0].path, "/storage/1/merged");
	CHECK_EQ(m.v[0].pid, 0);
	CHECK_EQ(m.v[0].root_of, 4194304);
	audit_mounts__deinit(&m);
}

int main(void)
{
	TEST(ours);
	TEST(of_another_process);
	TEST(of_a_container);
	return test_done();
}
