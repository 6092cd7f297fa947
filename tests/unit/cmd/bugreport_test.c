// SPDX-License-Identifier: GPL-2.0-only
/* What is kept of the kernel's log, and what is taken out of texts that are passed on. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/kernel_messages.h"
#include "cmd/scrub.h"
#include "test.h"

/* What is kept of these records; to be freed. */
static char *kept(const char *const *records)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int fd[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fd), 0);
	for (; *records; records++)
		CHECK(write(fd[1], *records, strlen(*records)) > 0);
	CHECK_EQ(kernel_messages__read(fd[0], f), 0);
	fclose(f);
	close(fd[0]);
	close(fd[1]);
	return text;
}

static void messages(void)
{
	static const char *const records[] = {
		"6,1,1000001,-;usb 1-1: new device",
		"4,2,2000002,-;overlayfs: upper fs does not support xattr\n SUBSYSTEM=x",
		"no record",
		"4,3,3000000,-;------------[ cut here ]------------",
		"4,4,3000001,-;WARNING: CPU: 0 at fs/overlayfs/readdir.c",
		"4,5,3000002,-;RIP: 0010:ovl_iterate+0x1/0x2 [overlay]",
		"4,6,3000003,-;Kernel Offset: 0x1a000000 from 0xffffffff81000000",
		"4,7,3000004,-;---[ end trace 0000000000000000 ]---",
		"6,8,4000000,-;eth0: link up",
		"4,9,5000000,-;------------[ cut here ]------------",
		"4,10,5000001,-;WARNING: CPU: 0 at fs/ext4/inode.c",
		"4,11,5000002,-;---[ end trace 0000000000000000 ]---",
		"4,12,6000000,-;BUG: KASAN: slab-use-after-free in ovl_cache_free",
		NULL,
	};
	char *text = kept(records);

	CHECK_STR(text, "    2.000002 overlayfs: upper fs does not support xattr\n"
			"    3.000000 ------------[ cut here ]------------\n"
			"    3.000001 WARNING: CPU: 0 at fs/overlayfs/readdir.c\n"
			"    3.000002 RIP: 0010:ovl_iterate+0x1/0x2 [overlay]\n"
			"    3.000004 ---[ end trace 0000000000000000 ]---\n"
			"    6.000000 BUG: KASAN: slab-use-after-free in ovl_cache_free\n");
	free(text);
}

static void addresses(void)
{
	const struct address_key key = { { 1, 2 } };
	char text[] = "RAX: ffff888012345678 0xffff888012345678, 0000000000000001 "
		      "ffff8880123456789 fffff88801234567x FFFFFFFF81000000";
	char want[sizeof(text)];
	unsigned long long a = address__hash(&key, 0xffff888012345678);

	snprintf(want, sizeof(want),
		 "RAX: %016llx 0x%016llx, 0000000000000001 ffff8880123456789 %016llxx %016llx", a,
		 a, (unsigned long long)address__hash(&key, 0xfffff88801234567),
		 (unsigned long long)address__hash(&key, 0xffffffff81000000));
	scrub__addresses(text, strlen(text), &key);
	CHECK_STR(text, want);
}

static const char *without_paths(const char *text)
{
	static char buf[512];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	scrub__paths(f, text);
	fputc(0, f);
	fclose(f);
	return buf;
}

static void paths(void)
{
	CHECK_STR(without_paths("lowerdir=/a/b:/c, upper '/d e' is in use\n/x"),
		  "lowerdir=(path), upper (path) is in use\n(path)");
	CHECK_STR(without_paths("at ovl_iterate+0x1/0x2 in and/or"),
		  "at ovl_iterate+0x1/0x2 in and/or");
	CHECK_STR(without_paths("don't\ncan't"), "don't\ncan't");
	CHECK_STR(without_paths("\"a b\" '"), "(path) '");
}

int main(void)
{
	TEST(messages);
	TEST(addresses);
	TEST(paths);
	return test_done();
}
