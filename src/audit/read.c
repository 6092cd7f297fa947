// SPDX-License-Identifier: GPL-2.0-only
#include "audit/read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	PIECE = 2048, /* paths may exceed PATH_MAX, and are opened in pieces */
	MAX_NAMES = 1 << 22, /* of a listing */
};

static int open_piece(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	int fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int audit_dir__open(int root, const char *path)
{
	char piece[PIECE];
	int dir = root, fd;

	while (strlen(path) >= PIECE) {
		const char *cut = memrchr(path, '/', PIECE - 1);

		if (!cut) {
			fd = -ENAMETOOLONG;
			goto out;
		}
		memcpy(piece, path, cut - path);
		piece[cut - path] = 0;
		fd = open_piece(dir, piece, O_PATH);
		if (fd < 0)
			goto out;
		if (dir != root)
			close(dir);
		dir = fd;
		path = cut + 1;
	}
	fd = open_piece(dir, *path ? path : ".", O_RDONLY);
out:
	if (dir != root)
		close(dir);
	return fd;
}

struct dirent64_head {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

static int list_chunk(const char *buf, size_t n, struct audit_list *l)
{
	size_t at, len;

	for (at = 0; at < n; at += len) {
		const struct dirent64_head *d = (const void *)(buf + at);
		struct audit_item *item;

		len = d->len;
		if (!strcmp(d->name, ".") || !strcmp(d->name, ".."))
			continue;
		item = l->n < MAX_NAMES ? audit_list__add(l, d->name, strlen(d->name)) : NULL;
		if (!item)
			return -ENOMEM;
		item->ino = d->ino;
		item->type = d->type;
	}
	return 0;
}

int audit_list__read(struct audit_list *l, int fd)
{
	static char buf[1 << 16] __attribute__((aligned(8)));
	long n;
	int err;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	while ((n = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0) {
		err = list_chunk(buf, n, l);
		if (err)
			return err;
	}
	return n < 0 ? -errno : 0;
}

static bool in_any(const char *name, size_t len, const struct audit_list *const except[2])
{
	return (except[0] && audit_list__find(except[0], name, len)) ||
	       (except[1] && audit_list__find(except[1], name, len));
}

static uint32_t flags_of(const struct statx *st, const struct statx *own)
{
	uint32_t flags = S_ISDIR(st->stx_mode) ? AUDIT_DIR : 0;

	if (st->stx_attributes & STATX_ATTR_MOUNT_ROOT)
		flags |= AUDIT_FOREIGN | AUDIT_MOUNT;
	if (st->stx_dev_major != own->stx_dev_major || st->stx_dev_minor != own->stx_dev_minor)
		flags |= AUDIT_FOREIGN;
	return st->stx_nlink > 1 ? flags | AUDIT_LINKS : flags;
}

int audit_list__stat(struct audit_list *out, int fd, const struct audit_list *names,
		     const struct audit_list *const except[2])
{
	struct statx own, st;
	size_t i;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO, &own))
		return -errno;
	for (i = 0; i < names->n; i++) {
		const char *name = audit_list__name(names, &names->v[i]);
		struct audit_item *item;

		if (in_any(name, names->v[i].len, except))
			continue;
		item = audit_list__add(out, name, names->v[i].len);
		if (!item)
			return -ENOMEM;
		if (statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
			  STATX_INO | STATX_TYPE | STATX_NLINK, &st)) {
			item->err = -errno;
			continue;
		}
		item->ino = st.stx_ino;
		item->type = IFTODT(st.stx_mode);
		item->flags = flags_of(&st, &own);
	}
	return 0;
}
