// SPDX-License-Identifier: GPL-2.0-only
#include "util/where.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/lookup.h"
#include "util/names.h"

enum {
	MOUNTS = 4096,
	CGROUPS = 4096,
};

struct where {
	struct names mounts, cgroups;
	struct lookup *lookup;
	int cgroup_fd; /* of the unified hierarchy's mount, -1 if there is none */
};

struct where *where__new(void)
{
	struct where *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->lookup = lookup__new();
	if (!w->lookup) {
		free(w);
		return NULL;
	}
	names__init(&w->mounts, MOUNTS);
	names__init(&w->cgroups, CGROUPS);
	w->cgroup_fd = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return w;
}

void where__free(struct where *w)
{
	if (!w)
		return;
	lookup__free(w->lookup);
	names__deinit(&w->mounts);
	names__deinit(&w->cgroups);
	if (w->cgroup_fd >= 0)
		close(w->cgroup_fd);
	free(w);
}

/* Takes the path over. A mount that is no longer visible keeps its last name. */
static void mount_found(struct name *n, const struct lookup_found *found)
{
	n->pending = false;
	if (!found->path)
		return;
	free(n->text);
	n->text = found->path;
	n->mount_ns = found->mount_ns;
}

static struct name *mount_look(struct where *w, struct name *n, const struct where_dir *dir)
{
	struct lookup_found found;

	if (!n)
		n = names__add(&w->mounts, dir->dev);
	if (!n)
		return NULL;
	n->pending = true;
	if (lookup__mount(w->lookup, dir->dev, dir->pid, &found))
		mount_found(n, &found);
	return n;
}

void where__mount_refresh(struct where *w, uint32_t dev, uint32_t pid)
{
	struct where_dir dir = { .dev = dev, .pid = pid };

	mount_look(w, names__find(&w->mounts, dev), &dir);
}

/*
 * The mount point of an overlay, NULL if it is visible neither to us nor to a task that
 * uses it, or not known yet. It is looked up once, because the task may exit.
 */
static const struct name *mount_point(struct where *w, const struct where_dir *dir)
{
	struct name *n = names__find(&w->mounts, dir->dev);
	struct lookup_found found;

	if (!n)
		n = mount_look(w, NULL, dir);
	else if (n->pending && lookup__result(w->lookup, dir->dev, &found))
		mount_found(n, &found);
	return n && n->text && !n->pending ? n : NULL;
}

bool where__path(struct where *w, struct where_dir *dir, char *buf, size_t size)
{
	const struct name *mount = dir->path ? mount_point(w, dir) : NULL;
	size_t m, n;

	if (!mount)
		return false;
	/* avoid "//" where mount point and path meet */
	m = strcmp(mount->text, "/") ? strlen(mount->text) : 0;
	n = m && !strcmp(dir->path, "/") ? 0 : strlen(dir->path);
	if (m + n >= size)
		return false;
	memcpy(buf, mount->text, m);
	memcpy(buf + m, dir->path, n);
	buf[m + n] = 0;
	dir->mount_ns = mount->mount_ns;
	return true;
}

/* A cgroup's id is its kernfs node's, so it is a file handle (see kernfs_fh_to_dentry()). */
static char *cgroup_by_handle(int mount_fd, uint64_t id)
{
	enum {
		FILEID_KERNFS = 0xfe
	};
	char path[4096], link[64];
	union {
		struct file_handle fh;
		char space[sizeof(struct file_handle) + sizeof(id)];
	} u;
	ssize_t n;
	int fd;

	u.fh.handle_bytes = sizeof(id);
	u.fh.handle_type = FILEID_KERNFS;
	memcpy(u.fh.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(mount_fd, &u.fh, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	path[n] = 0;
	if (!strncmp(path, "/sys/fs/cgroup", 14))
		return strdup(path[14] ? path + 14 : "/");
	return strdup(path);
}

char *where__cgroup_by_pid(uint32_t pid)
{
	char file[64], *line = NULL, *found = NULL;
	size_t cap = 0;
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%u/cgroup", pid);
	f = fopen(file, "re");
	if (!f)
		return NULL;
	while (!found && getline(&line, &cap, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, "0::", 3))
			found = strdup(line + 3);
	}
	free(line);
	fclose(f);
	return found;
}

const char *where__cgroup(struct where *w, uint64_t id, uint32_t pid)
{
	struct name *n = names__find(&w->cgroups, id);

	if (n)
		return n->text;
	n = names__add(&w->cgroups, id);
	if (!n)
		return NULL;
	if (w->cgroup_fd >= 0)
		n->text = cgroup_by_handle(w->cgroup_fd, id);
	if (!n->text)
		n->text = where__cgroup_by_pid(pid);
	return n->text;
}

int where__overlay_dev(const char *path, uint32_t *dev)
{
	struct statfs fs;
	struct stat st;

	if (statfs(path, &fs) || stat(path, &st))
		return -errno;
	if (fs.f_type != OVERLAYFS_SUPER_MAGIC || !S_ISDIR(st.st_mode))
		return -EINVAL;
	*dev = major(st.st_dev) << 20 | minor(st.st_dev);
	return 0;
}
