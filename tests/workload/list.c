// SPDX-License-Identifier: GPL-2.0-only
/* One listing: open, getdents64 until the end, close; no C library in between. */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "workload.h"

struct dirent_record { /* as getdents64 writes it */
	uint64_t d_ino;
	int64_t d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
};

void tally_error(struct tally *tally, const char *call)
{
	if (!tally->errors++) {
		tally->first_errno = errno;
		tally->first_call = call;
	}
}

int list_open(const struct area *area, const struct directory *dir, struct tally *tally)
{
	int fd = openat(area->merged_fd, dir->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		tally_error(tally, "open");
	return fd;
}

static bool is_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static void walk(const char *buffer, long size, struct tally *tally, entry_fn each, void *ctx)
{
	for (long at = 0; at < size;) {
		const struct dirent_record *entry = (const void *)(buffer + at);

		if (!is_dot(entry->d_name))
			tally->entries++;
		if (each)
			each(ctx, entry->d_name, entry->d_ino);
		at += entry->d_reclen;
	}
}

bool list_read(int fd, struct lister *lister, struct tally *tally, entry_fn each, void *ctx)
{
	long size;

	do {
		size = syscall(SYS_getdents64, fd, lister->buffer, lister->size);
		if (size > 0)
			walk(lister->buffer, size, tally, each, ctx);
	} while (size > 0);
	if (size < 0)
		tally_error(tally, "getdents64");
	else
		tally->listings++;
	close(fd);
	return size == 0;
}

bool list_directory(const struct area *area, const struct directory *dir, struct lister *lister,
		    struct tally *tally)
{
	int fd = list_open(area, dir, tally);

	return fd >= 0 && list_read(fd, lister, tally, NULL, NULL);
}
