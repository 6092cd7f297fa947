// SPDX-License-Identifier: GPL-2.0-only
#include "audit/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "audit/layers.h"
#include "util/mountinfo.h"
#include "util/where.h"

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

#define WHY(m, ...) snprintf((m)->why, sizeof((m)->why), __VA_ARGS__)

/* The next word of "a b c", ended by NUL in place; "" at the end. */
static char *field(char **s)
{
	char *begin = *s;

	*s += strcspn(*s, " \n");
	if (**s)
		*(*s)++ = 0;
	return begin;
}

/* The value of a mount option, unescaped in place; NULL if the option is not set. */
static char *option(char *options, const char *name)
{
	size_t len = strlen(name);
	char *o, *save;

	for (o = strtok_r(options, ",", &save); o; o = strtok_r(NULL, ",", &save)) {
		if (strncmp(o, name, len) || o[len] != '=')
			continue;
		mountinfo__unescape(o + len + 1);
		return o + len + 1;
	}
	return NULL;
}

static bool has_word(const char *options, const char *word)
{
	size_t len = strlen(word);

	for (; options; options = strchr(options, ',')) {
		options += *options == ',';
		if (!strncmp(options, word, len) && (!options[len] || options[len] == ','))
			return true;
	}
	return false;
}

static struct audit_mount *add(struct audit_mounts *m)
{
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 16;
		struct audit_mount *v = realloc(m->v, cap * sizeof(*v));

		if (!v)
			return NULL;
		m->v = v;
		m->cap = cap;
	}
	memset(&m->v[m->n], 0, sizeof(m->v[0]));
	return &m->v[m->n++];
}

static struct audit_mount *find(const struct audit_mounts *m, uint32_t dev)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].dev == dev)
			return &m->v[i];
	return NULL;
}

static void mount_deinit(struct audit_mount *m)
{
	free(m->path);
	free(m->upper);
	free(m->root);
	audit_lowers__free(m->lowers);
}

/* Does path lead to that device? Another mount may cover it. */
static bool shows(const char *path, uint32_t dev)
{
	uint32_t seen;

	return !where__overlay_dev(path, &seen) && seen == dev;
}

/*
 * A line is "36 35 0:42 /root /mnt rw,noatime shared:1 - overlay none rw,upperdir=/u".
 * Keeps it if it is an overlay's first mount, or shows more of the overlay.
 */
static int add_line(struct audit_mounts *m, char *line, uint32_t pid)
{
	unsigned int major_no, minor_no;
	char path[2 * 4096], root_of[32] = "";
	struct audit_mount *at;
	bool whole, is_root;
	char *root, *f;

	field(&line);
	field(&line);
	if (sscanf(field(&line), "%u:%u", &major_no, &minor_no) != 2)
		return 0;
	root = field(&line);
	f = field(&line);
	mountinfo__unescape(f);
	if (pid)
		snprintf(root_of, sizeof(root_of), "/proc/%u/root", pid);
	is_root = !strcmp(f, "/");
	if (snprintf(path, sizeof(path), "%s%s", root_of, *root_of && is_root ? "" : f) >=
	    (int)sizeof(path))
		return 0;
	do
		f = field(&line);
	while (*f && strcmp(f, "-"));
	if (!*f || strcmp(field(&line), "overlay"))
		return 0;
	field(&line);
	whole = !strcmp(root, "/");
	at = find(m, major_no << 20 | minor_no);
	if (at && is_root)
		at->root_of = pid;
	if (at && (at->whole || !whole) && shows(at->path, at->dev))
		return 0;
	if (at && !shows(path, at->dev))
		return 0;
	if (!at)
		at = add(m);
	if (!at)
		return -ENOMEM;
	mount_deinit(at);
	at->dev = major_no << 20 | minor_no;
	at->whole = whole;
	at->pid = pid;
	at->root_of = is_root ? pid : at->root_of;
	at->path = strdup(path);
	at->root = *root_of ? strdup(root_of) : NULL;
	line = field(&line);
	at->rootless = has_word(line, "userxattr");
	at->lowers = audit_lowers__parse(line);
	f = option(line, "upperdir");
	at->upper = f ? strdup(f) : NULL;
	return at->path && !f == !at->upper && !*root_of == !at->root ? 0 : -ENOMEM;
}

int audit_mounts__parse(struct audit_mounts *m, FILE *mountinfo, uint32_t pid)
{
	char *line = NULL;
	size_t cap = 0;
	int err = 0;

	while (!err && getline(&line, &cap, mountinfo) > 0)
		err = add_line(m, line, pid);
	if (!err && ferror(mountinfo))
		err = -EIO;
	free(line);
	return err;
}

int audit_mounts__read(struct audit_mounts *m)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	int err = f ? audit_mounts__parse(m, f, 0) : -errno;

	if (f)
		fclose(f);
	m->namespaces = 1;
	return err;
}

int audit_mounts__pick(struct audit_mounts *picked, struct audit_mounts *all, const char *path,
		       uint32_t dev)
{
	struct audit_mount *known = find(all, dev), *to;

	if (find(picked, dev))
		return 0;
	to = add(picked);
	if (!to)
		return -ENOMEM;
	if (known) {
		*to = *known;
		memset(known, 0, sizeof(*known));
	}
	to->dev = dev;
	if (known && shows(to->path, dev))
		return 0;
	/* another mount covers what we know of it */
	free(to->path);
	to->whole = false;
	to->path = strdup(path);
	return to->path ? 0 : -ENOMEM;
}

void audit_mounts__keep(struct audit_mounts *m, const struct audit_mounts *these)
{
	size_t i, n = 0;

	for (i = 0; i < m->n; i++) {
		if (find(these, m->v[i].dev))
			m->v[n++] = m->v[i];
		else
			mount_deinit(&m->v[i]);
	}
	m->n = n;
}

const struct audit_mount *audit_mounts__find(const struct audit_mounts *m, uint32_t dev)
{
	return find(m, dev);
}

void audit_mounts__deinit(struct audit_mounts *m)
{
	size_t i, j;

	for (i = 0; i < m->n; i++) {
		for (j = 0; j < m->v[i].n; j++)
			audit_result__deinit(&m->v[i].v[j]);
		free(m->v[i].v);
		mount_deinit(&m->v[i]);
	}
	free(m->v);
	memset(m, 0, sizeof(*m));
}

/*
 * Opens the directory to start from. If permitted, clones the mount first, so that no
 * other mount covers a part of it. Returns fd or -errno.
 */
static int root_open(const char *path)
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC), fd;

	fd = openat(tree < 0 ? AT_FDCWD : tree, tree < 0 ? path : ".",
		    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = fd < 0 ? -errno : fd;
	/* the clone exists as long as one of its files is open */
	if (tree >= 0)
		close(tree);
	return fd;
}

/*
 * In a mount that a user without privileges made, overlayfs cannot decode the handle of a
 * copied-up file's origin. Listing and stat() may then give different numbers: a limit of such
 * mounts, and no fault of the cache.
 */
static void excuse(struct audit_result *r)
{
	size_t i;

	if (r->verdict != AUDIT_WRONG)
		return;
	for (i = 0; i < r->diffs.n; i++)
		if (r->diffs.v[i].kind != AUDIT_INO)
			return;
	r->verdict = AUDIT_PARTIAL;
	WHY(r,
	    "%zu inode numbers differ, as they may in a rootless mount (userxattr): overlayfs "
	    "cannot decode the origins of copied-up files there",
	    r->diffs.n);
	audit_diffs__deinit(&r->diffs);
}

/* The path is valid in the namespace where it was mounted, which may have ended. */
static int upper_open(const struct audit_mount *m)
{
	char path[2 * 4096];
	int fd = -1;

	if (m->root && m->upper[0] == '/' &&
	    snprintf(path, sizeof(path), "%s%s", m->root, m->upper) < (int)sizeof(path))
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? open(m->upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : fd;
}

static int audit_all(struct audit_mount *m, const struct audit_place *place, struct audit_walk *w)
{
	size_t i;

	m->v = calloc(w->found.n ? w->found.n : 1, sizeof(*m->v));
	if (!m->v)
		return -ENOMEM;
	for (i = 0; i < w->found.n; i++) {
		struct audit_result *r = &m->v[m->n++];

		audit_dir__run(place, &w->found.v[i], r);
		if (m->rootless)
			excuse(r);
		/* the next directory needs the room more than the report needs these entries */
		if (audit_list__bytes() > AUDIT_KEPT_BYTES) {
			audit_list__deinit(&r->dump.entries);
			r->dumped = false;
		}
	}
	return 0;
}

void audit_mount__run(struct audit_mount *m, struct audit_probe *probe)
{
	struct audit_place place = { .probe = probe, .upper_fd = -1 };
	struct audit_walk w = { 0 };
	struct stat st;
	int err;

	place.root_fd = root_open(m->path);
	if (place.root_fd < 0) {
		WHY(m, "it cannot be opened: %s", strerror(-place.root_fd));
		return;
	}
	if (fstat(place.root_fd, &st) || (major(st.st_dev) << 20 | minor(st.st_dev)) != m->dev) {
		WHY(m, "another mount covers it");
		close(place.root_fd);
		return;
	}
	if (m->upper)
		place.upper_fd = upper_open(m);
	err = audit_probe__walk(probe, place.root_fd, 0, &w);
	m->inodes = w.inodes;
	m->xino_mode = place.xino_mode = w.xino_mode;
	m->walked = !err;
	m->complete = !err && !w.flags;
	if (!err)
		err = audit_all(m, &place, &w);
	if (err)
		WHY(m, "its inodes cannot be read: %s", strerror(-err));
	else if (w.flags & OVLA_TORN)
		WHY(m, "its list of inodes kept changing; try again");
	else if (w.flags)
		WHY(m, "there are more inodes or caches than the audit can read");
	audit_walk__deinit(&w);
	if (place.upper_fd >= 0)
		close(place.upper_fd);
	close(place.root_fd);
}
