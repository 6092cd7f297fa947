// SPDX-License-Identifier: GPL-2.0-only
#include "audit/layers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "audit/mount.h"
#include "audit/read.h"
#include "util/mountinfo.h"

/* Takes path over. */
static bool append(char ***v, size_t *n, char *path)
{
	char **more = path ? realloc(*v, (*n + 2) * sizeof(**v)) : NULL;

	if (!more) {
		free(path);
		return false;
	}
	*v = more;
	more[(*n)++] = path;
	more[*n] = NULL;
	return true;
}

/* Up to the next colon without a backslash. A backslash makes the next character plain. */
static char *next_lower(const char **s)
{
	char *path = malloc(strlen(*s) + 1), *to = path;

	if (!path)
		return NULL;
	for (; **s && **s != ':'; (*s)++) {
		if (**s == '\\' && (*s)[1])
			(*s)++;
		*to++ = **s;
	}
	*to = 0;
	*s += **s == ':';
	return path;
}

static bool add_lowers(char ***v, size_t *n, const char *value)
{
	while (*value) {
		/* the layers behind "::" have only the data of files */
		if (*value == ':')
			return true;
		if (!append(v, n, next_lower(&value)))
			return false;
	}
	return true;
}

char **audit_lowers__parse(const char *options)
{
	char *copy = strdup(options), *o, *save, **v = NULL;
	size_t n = 0;
	bool ok = copy;

	for (o = copy ? strtok_r(copy, ",", &save) : NULL; o && ok;
	     o = strtok_r(NULL, ",", &save)) {
		bool one = !strncmp(o, "lowerdir+=", 10);

		if (!one && strncmp(o, "lowerdir=", 9))
			continue;
		mountinfo__unescape(o);
		ok = one ? append(&v, &n, strdup(o + 10)) : add_lowers(&v, &n, o + 9);
	}
	free(copy);
	if (!ok) {
		audit_lowers__free(v);
		return NULL;
	}
	return v;
}

void audit_lowers__free(char **lowers)
{
	size_t i;

	for (i = 0; lowers && lowers[i]; i++)
		free(lowers[i]);
	free(lowers);
}

/*
 * The path is valid in the namespace where the overlay was mounted, or else maybe in ours. A
 * relative one often begins beside the mount point. layer_dir__open() checks what was found.
 */
static int layer_open(const struct audit_mount *m, const char *path)
{
	const char *end = m->path ? strrchr(m->path, '/') : NULL;
	char full[2 * 4096] = "";
	int fd = -1;

	if (path[0] != '/' && end)
		snprintf(full, sizeof(full), "%.*s/%s", (int)(end - m->path), m->path, path);
	else if (path[0] == '/' && m->root)
		snprintf(full, sizeof(full), "%s%s", m->root, path);
	if (*full && strlen(full) + 1 < sizeof(full))
		fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : fd;
}

int audit_layers__open(struct audit_layers *l, const struct audit_mount *m)
{
	size_t n = 0, i;

	memset(l, 0, sizeof(*l));
	while (m->lowers && m->lowers[n])
		n++;
	l->fd = malloc((n + 1) * sizeof(*l->fd));
	if (!l->fd)
		return -ENOMEM;
	l->upper = m->upper;
	if (m->upper)
		l->fd[l->n++] = layer_open(m, m->upper);
	for (i = 0; i < n; i++)
		l->fd[l->n++] = layer_open(m, m->lowers[i]);
	return 0;
}

void audit_layers__close(struct audit_layers *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->fd[i] >= 0)
			close(l->fd[i]);
	free(l->fd);
	memset(l, 0, sizeof(*l));
}

enum tristate audit_layers__one_fs(const struct audit_layers *l)
{
	dev_t first = 0;
	struct stat st;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (l->fd[i] < 0 || fstat(l->fd[i], &st))
			return TRISTATE_UNKNOWN;
		/* xino, and subvolumes of btrfs, may still give unique numbers */
		if (i && st.st_dev != first)
			return TRISTATE_UNKNOWN;
		first = st.st_dev;
	}
	return i ? TRISTATE_YES : TRISTATE_UNKNOWN;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Overlayfs shows a directory's attributes as its uppermost layer has them. */
static bool shows(const struct stat *overlay, const struct stat *layer)
{
	return overlay->st_mode == layer->st_mode && overlay->st_size == layer->st_size &&
	       same_time(&overlay->st_mtim, &layer->st_mtim) &&
	       same_time(&overlay->st_ctim, &layer->st_ctim);
}

void layer_dir__open(struct layer_dir *d, const struct audit_layers *l, const char *path, int fd)
{
	struct stat overlay, st;
	size_t i;

	d->fd = -1;
	if (fstat(fd, &overlay))
		return;
	for (i = 0; i < l->n; i++) {
		if (l->fd[i] < 0)
			return;
		d->fd = audit_dir__open(l->fd[i], path);
		d->upper = l->upper && !i;
		if (d->fd == -ENOENT)
			continue;
		/* an upper layer may hide it by other means than these paths, as a redirect */
		if (d->fd >= 0 && (fstat(d->fd, &st) || !shows(&overlay, &st)))
			layer_dir__close(d);
		return;
	}
}

void layer_dir__close(struct layer_dir *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

static bool has_xattr(int fd, const char *name, const char *xattr)
{
	static const char *const prefixes[] = { "trusted.overlay.", "user.overlay." };
	char path[64 + NAME_MAX], full[64];
	size_t i;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", fd, name);
	for (i = 0; i < 2; i++) {
		snprintf(full, sizeof(full), "%s%s", prefixes[i], xattr);
		if (lgetxattr(path, full, NULL, 0) >= 0)
			return true;
	}
	return false;
}

struct layer_name layer_dir__name(const struct layer_dir *d, const char *name)
{
	struct layer_name n = { .upper = d->upper };
	struct stat st;

	if (d->fd < 0)
		return n;
	n.exists = !fstatat(d->fd, name, &st, AT_SYMLINK_NOFOLLOW);
	n.known = n.exists || errno == ENOENT;
	if (!n.exists)
		return n;
	n.type = IFTODT(st.st_mode);
	n.ino = st.st_ino;
	n.whiteout = (S_ISCHR(st.st_mode) && !st.st_rdev) ||
		     (S_ISREG(st.st_mode) && !st.st_size && has_xattr(d->fd, name, "whiteout"));
	n.origin = has_xattr(d->fd, name, "origin");
	return n;
}
