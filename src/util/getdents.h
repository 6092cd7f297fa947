/* SPDX-License-Identifier: GPL-2.0-only */
/* getdents64 without the C library, so that the kernel's raw return value is visible. */
#ifndef OVLTRACE_GETDENTS_H
#define OVLTRACE_GETDENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

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

/* Returns the kernel's value before libc turns it into errno. */
static inline long getdents__raw(int fd, void *buf, size_t size)
{
	long ret;

	asm volatile("syscall"
		     : "=a"(ret)
		     : "a"((long)SYS_getdents64), "D"((long)fd), "S"(buf), "d"(size)
		     : "rcx", "r11", "memory");
	return ret;
}

#endif
