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

#include "util/hash.h"

struct named {
	UT_hash_handle hh;
	uint64_t id;
	char *name; /* NULL: looked up and not found */
};

struct where {
	struct named *mounts, *cgroups;
	int cgroup_fd; /* of the unified hierarchy's mount, -1 if there is none */
};

struct where *where__new(void)
{
	struct where *w = calloc(1, sizeof(*w));

	if (w)
		w->cgroup_fd = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return w;
}

static void named_free(struct named *head)
{
	struct named *n, *tmp;

	HASH_ITER(hh, head, n, tmp) {
		HASH_DEL(head, n);
		free(n->name);
		free(n);
	}
}

void where__free(struct where *w)
{
	if (!w)
		return;
	named_free(w->mounts);
	named_free(w->cgroups);
	if (w->cgroup_fd >= 0)
		close(w->cgroup_fd);
	free(w);
}

void where__unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

/* "36 35 0:42 / /mnt/merged rw - overlay ...": device and mount point */
static char *mountinfo_find(const char *file, uint32_t dev)
{
	FILE *f = fopen(file, "re");
	char *line = NULL, *found = NULL;
	size_t cap = 0;

	if (!f)
		return NULL;
	while (!found && getline(&line, &cap, f) > 0) {
		unsigned int major_no, minor_no;
		int root = 0, at = 0, end = 0;

		if (sscanf(line, "%*d %*d %u:%u %n%*s %n%*s%n", &major_no, &minor_no, &root, &at,
			   &end) != 2 ||
		    !end || (major_no << 20 | minor_no) != dev)
			continue;
		/* skip bind mounts of a subtree: paths start at the overlay's root */
		if (strncmp(line + root, "/ ", 2))
			continue;
		line[end] = 0;
		where__unescape(line + at);
		found = strdup(line + at);
	}
	free(line);
	fclose(f);
	return found;
}

static struct named *named_get(struct named **head, uint64_t id)
{
	struct named *n;

	HASH_FIND(hh, *head, &id, sizeof(id), n);
	return n;
}

static const char *named_add(struct named **head, uint64_t id, char *name)
{
	struct named *n = calloc(1, sizeof(*n));

	if (!n) {
		free(name);
		return NULL;
	}
	n->id = id;
	n->name = name;
	HASH_ADD(hh, *head, id, sizeof(n->id), n);
	if (!hash__holds(n)) {
		free(name);
		free(n);
		return NULL;
	}
	return name;
}

static char *mount_find(uint32_t dev, uint32_t pid)
{
	char file[64], *name = mountinfo_find("/proc/self/mountinfo", dev);

	if (!name && pid) {
		snprintf(file, sizeof(file), "/proc/%u/mountinfo", pid);
		name = mountinfo_find(file, dev);
	}
	return name;
}

/*
 * The mount point of an overlay, NULL if it is visible neither to us nor to pid, a
 * task that uses it. It is looked up once, because pid may exit. w owns the string.
 */
static const char *mount_point(struct where *w, uint32_t dev, uint32_t pid)
{
	struct named *n = named_get(&w->mounts, dev);

	return n ? n->name : named_add(&w->mounts, dev, mount_find(dev, pid));
}

void where__mount_refresh(struct where *w, uint32_t dev, uint32_t pid)
{
	struct named *n = named_get(&w->mounts, dev);
	char *name;

	if (!n) {
		mount_point(w, dev, pid);
		return;
	}
	name = mount_find(dev, pid);
	if (!name)
		return;
	free(n->name);
	n->name = name;
}

bool where__path(struct where *w, const struct where_dir *dir, char *buf, size_t size)
{
	const char *path = dir->path, *mount = path ? mount_point(w, dir->dev, dir->pid) : NULL;
	size_t m, n;

	if (!mount)
		return false;
	/* avoid "//" where mount point and path meet */
	m = strcmp(mount, "/") ? strlen(mount) : 0;
	n = m && !strcmp(path, "/") ? 0 : strlen(path);
	if (m + n >= size)
		return false;
	memcpy(buf, mount, m);
	memcpy(buf + m, path, n);
	buf[m + n] = 0;
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

static char *cgroup_by_pid(uint32_t pid)
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
	struct named *n = named_get(&w->cgroups, id);
	char *name = NULL;

	if (n)
		return n->name;
	if (w->cgroup_fd >= 0)
		name = cgroup_by_handle(w->cgroup_fd, id);
	if (!name)
		name = cgroup_by_pid(pid);
	return named_add(&w->cgroups, id, name);
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
