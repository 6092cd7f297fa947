// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists directories whose cache exists into a buffer that has no room for any name.
 *
 * usage: empty-read DIR...
 *
 * Prints what getdents64 returned for each DIR; -22, which is -EINVAL, is right.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the kernel returned: libc turns only what is an errno into -1. */
static long list(int fd, void *buf, size_t size)
{
	long ret = syscall(SYS_getdents64, fd, buf, size);

	return ret == -1 ? -errno : ret;
}

int main(int argc, char **argv)
{
	char buf[4096] __attribute__((aligned(8)));
	int i, first, second;

	for (i = 1; i < argc; i++) {
		/* the first one keeps the cache alive */
		first = open(argv[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		second = open(argv[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (first < 0 || second < 0) {
			perror(argv[i]);
			return 1;
		}
		list(first, buf, sizeof(buf));
		printf("%ld\n", list(second, buf, 1));
		close(first);
		close(second);
	}
	return 0;
}
