// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each component of a path is opened relative to the directory before it, which stays open.
 * A user who renames a directory of the path cannot change what has been checked.
 */
#include "util/outplace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
	MAX_LINKS = 40, /* like the kernel's MAXSYMLINKS */
};

struct walk {
	char *unsafe;
	unsigned int links;
};

static int find(struct walk *w, int at, const char *path, struct outplace *p);

static bool is_procfs(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/* The spirit of fs.protected_symlinks, also outside sticky directories. */
static bool link_is_safe(const struct stat *link, const struct stat *in, const struct stat *to)
{
	if ((in->st_mode & S_IWOTH) && !(in->st_mode & S_ISVTX))
		return false;
	if (!link->st_uid || link->st_uid == geteuid())
		return true;
	return link->st_uid == in->st_uid && link->st_uid == to->st_uid;
}

static int open_dir(const struct outplace *p)
{
	int fd = openat(p->dir, p->name,
			O_PATH | O_DIRECTORY | O_CLOEXEC | (p->procfs ? 0 : O_NOFOLLOW));

	return fd < 0 ? -errno : fd;
}

/* The link `fd`, which is called `name` in dir, leads to *to. to_fd: what is compared. */
static int check_link(struct walk *w, const struct outplace *link, int fd, int to_fd)
{
	struct stat st, in, to;

	if (fstat(fd, &st) || fstat(link->dir, &in) || fstat(to_fd, &to))
		return -errno;
	if (link_is_safe(&st, &in, &to))
		return 0;
	if (!*w->unsafe)
		strcpy(w->unsafe, link->name);
	return -EPERM;
}

/* fd is the link `link`. Where it leads is a directory if it is not the last component. */
static int follow(struct walk *w, const struct outplace *link, int fd, bool last,
		  struct outplace *to)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(fd, "", target, sizeof(target) - 1);
	int err, dir;

	if (len <= 0)
		return len ? -errno : -ENOENT;
	target[len] = 0;
	if (++w->links > MAX_LINKS)
		return -ELOOP;
	err = find(w, link->dir, target, to);
	if (err)
		return err;
	dir = last ? to->dir : open_dir(to);
	err = dir < 0 ? dir : check_link(w, link, fd, dir);
	if (!last) {
		close(to->dir);
		to->dir = dir;
	}
	if (!err)
		return 0;
	if (to->dir >= 0)
		close(to->dir);
	return err;
}

/*
 * Takes p, whose name is a component: on return the directory is the one below, or, with
 * the last component, the place is final. On error, too, the caller closes p->dir.
 */
static int step(struct walk *w, struct outplace *p, bool last)
{
	int fd = openat(p->dir, p->name, O_PATH | O_NOFOLLOW | O_CLOEXEC), err = 0;
	struct outplace to;
	struct stat st;

	if (fd < 0)
		return last && errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st)) {
		err = -errno;
	} else if (S_ISLNK(st.st_mode) && !is_procfs(fd)) {
		err = follow(w, p, fd, last, &to);
		if (!err) {
			close(p->dir);
			*p = to;
		}
	} else if (last) {
		p->procfs = S_ISLNK(st.st_mode);
	} else {
		p->procfs = S_ISLNK(st.st_mode);
		to.dir = open_dir(p);
		err = to.dir < 0 ? to.dir : 0;
		if (!err) {
			close(p->dir);
			p->dir = to.dir;
		}
		p->procfs = false;
	}
	close(fd);
	return err;
}

static int find(struct walk *w, int at, const char *path, struct outplace *p)
{
	int err = 0;

	p->dir = openat(at, *path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	p->procfs = false;
	if (p->dir < 0)
		return -errno;
	strcpy(p->name, ".");
	path += strspn(path, "/");
	while (*path && !err) {
		size_t len = strcspn(path, "/");
		const char *next = path + len + strspn(path + len, "/");

		if (len > NAME_MAX) {
			err = -ENAMETOOLONG;
			break;
		}
		memcpy(p->name, path, len);
		p->name[len] = 0;
		err = step(w, p, !*next);
		path = next;
	}
	if (err)
		close(p->dir);
	return err;
}

int outplace__find(struct outplace *p, const char *path, char unsafe[NAME_MAX + 1])
{
	struct walk w = { .unsafe = unsafe };

	*unsafe = 0;
	if (!*path)
		return -ENOENT;
	return find(&w, AT_FDCWD, path, p);
}
