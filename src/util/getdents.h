/* SPDX-License-Identifier: GPL-2.0-only */
/* getdents64, with the return value that the kernel gives. */
#ifndef OVLTRACE_GETDENTS_H
#define OVLTRACE_GETDENTS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	GETDENTS_MAX_ERRNO = 4095,
};

struct dirent_record { /* as getdents64 writes it */
	uint64_t d_ino;
	int64_t d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
};

/*
 * Returns the kernel's value. libc turns exactly -4095 to -1 into errno; every other
 * value, right or wrong, passes through it.
 */
static inline long getdents__raw(int fd, void *buf, size_t size)
{
	long ret = syscall(SYS_getdents64, fd, buf, size);

	return ret == -1 ? -errno : ret;
}

#endif
