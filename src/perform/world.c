// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tmpfs with low, up, work and merged. cN in each is the directory of history N, with D, with S
 * if the history moves files between the two, and with y, if it is moved before the history begins.
 */
#include "perform/world_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SOURCE "ovltrace-check"

int world__fail(struct world *w, const char *what, const char *which)
{
	int err = errno ? errno : EINVAL;

	snprintf(w->why, w->why_size, "%s '%s': %s", what, which, strerror(err));
	return -err;
}

/* Over a directory that exists; it is only hidden, and only from us. */
static int mount_top(struct world *w)
{
	static const char *const places[] = { "/mnt", "/tmp", "/run", "/var/tmp", "/sys" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (mount(SOURCE, places[i], "tmpfs", 0, "mode=0755,size=64m"))
			continue;
		snprintf(w->top, sizeof(w->top), "%s", places[i]);
		w->top_fd = open(w->top, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return w->top_fd < 0 ? world__fail(w, "open", w->top) : 0;
	}
	return world__fail(w, "mount tmpfs on", "/mnt");
}

/*
 * With userxattr, overlayfs keeps its attributes as user.*, which tmpfs has since 6.6. Without
 * them overlayfs mounts all the same, and then fails to copy up.
 */
static int test_attributes(struct world *w)
{
	if (!(world__flags(w) & MOUNT_USERNS) || !setxattr(w->top, "user.ovltrace", "", 0, 0))
		return 0;
	return world__fail(w, "keep attributes user.* on", "tmpfs");
}

/* ---- files ------------------------------------------------------------------------ */

struct maker {
	struct world *w;
	const char *layer; /* in the tmpfs */
	unsigned int i; /* of the history */
	int err; /* the first */
};

static const char *path_of(const struct maker *m, const char *name, char path[WORLD_PATH])
{
	snprintf(path, WORLD_PATH, "%s/c%u%s%s", m->layer, m->i, *name ? "/" : "", name);
	return path;
}

static void make_dir(struct maker *m, const char *name)
{
	char path[WORLD_PATH];

	if (!m->err && mkdirat(m->w->top_fd, path_of(m, name, path), 0755))
		m->err = world__fail(m->w, "mkdir", path);
}

/* mknod(2) is cheaper than open(2) and close(2). */
static void make_file(struct maker *m, const char *name)
{
	char path[WORLD_PATH];

	if (!m->err && mknodat(m->w->top_fd, path_of(m, name, path), S_IFREG | 0644, 0))
		m->err = world__fail(m->w, "create", path);
}

static void take_away(struct maker *m, const char *name, int flags)
{
	char path[WORLD_PATH];

	if (!m->err && unlinkat(m->w->top_fd, path_of(m, name, path), flags))
		m->err = world__fail(m->w, "remove", path);
}

static void move(struct maker *m, const char *from, const char *to)
{
	char a[WORLD_PATH], b[WORLD_PATH];

	if (!m->err && renameat(m->w->top_fd, path_of(m, from, a), m->w->top_fd, path_of(m, to, b)))
		m->err = world__fail(m->w, "rename", a);
}

static void set_opaque(struct maker *m, const char *name)
{
	const char *attribute = world__flags(m->w) & MOUNT_USERNS ? "user.overlay.opaque" :
								    "trusted.overlay.opaque";
	char path[WORLD_PATH], full[2 * WORLD_PATH];

	snprintf(full, sizeof(full), "%s/%s", m->w->top, path_of(m, name, path));
	if (!m->err && setxattr(full, attribute, "y", 1, 0))
		m->err = world__fail(m->w, "set opaque", path);
}

static bool has_lower_half(enum explore_dir dir)
{
	return dir == DIR_LOWER || dir == DIR_MERGED || dir == DIR_OPAQUE || dir == DIR_FORMER;
}

/* Most histories do not, and to make what none of their steps uses takes much of their time. */
static bool uses_sibling(const struct explore_history *h)
{
	int i;

	for (i = 0; i < h->n; i++)
		if (h->step[i].op == OP_RENAME_IN || h->step[i].op == OP_RENAME_OUT ||
		    h->step[i].op == OP_LINK_IN)
			return true;
	return false;
}

static void make_sibling(struct maker *m)
{
	make_dir(m, "S");
	make_file(m, "S/a");
	make_file(m, "S/b");
}

static void make_lower(struct maker *m)
{
	enum explore_dir dir = m->w->config->dir;

	make_dir(m, "");
	if (uses_sibling(&m->w->history[m->i]))
		make_sibling(m);
	if (dir == DIR_IMPURE || dir == DIR_NESTED)
		make_file(m, "y");
	if (!has_lower_half(dir))
		return;
	make_dir(m, "D");
	make_file(m, "D/y");
	if (explore_dirs[dir].names & 1u << NAME_D)
		make_dir(m, "D/d");
}

static void make_upper(struct maker *m)
{
	enum explore_dir dir = m->w->config->dir;

	make_dir(m, "");
	/* a copy-up makes that one */
	if (!explore_dirs[dir].upper || dir == DIR_FORMER)
		return;
	make_dir(m, "D");
	if (explore_dirs[dir].names & 1u << NAME_X)
		make_file(m, "D/x");
	if (dir == DIR_OPAQUE)
		set_opaque(m, "D");
}

/* The lower overlay, with an impure D. */
static void make_inner(struct maker *m)
{
	make_dir(m, "D");
	make_dir(m, "D/d");
	move(m, "y", "D/y");
}

/* What only the overlay itself can do. */
static void make_merged(struct maker *m)
{
	if (m->w->config->dir == DIR_IMPURE)
		move(m, "y", "D/y");
	if (m->w->config->dir != DIR_FORMER)
		return;
	make_file(m, "D/x");
	take_away(m, "D/y", 0);
}

static void remove_lower_half(struct maker *m)
{
	take_away(m, "D/y", 0);
	take_away(m, "D", AT_REMOVEDIR);
}

static int for_each(struct world *w, const char *layer, void (*make)(struct maker *m))
{
	struct maker m = { .w = w, .layer = layer };

	for (m.i = 0; m.i < w->n && !m.err; m.i++)
		make(&m);
	return m.err;
}

/* ---- mounts ------------------------------------------------------------------------ */

static int make_top_dir(struct world *w, const char *name)
{
	return mkdirat(w->top_fd, name, 0755) ? world__fail(w, "mkdir", name) : 0;
}

struct overlay {
	const char *merged, *lower, *upper, *work, *options;
};

static int mount_overlay(struct world *w, const struct overlay *o)
{
	char data[6 * WORLD_PATH], full[2 * WORLD_PATH];

	snprintf(full, sizeof(full), "%s/%s", w->top, o->merged);
	snprintf(data, sizeof(data), "lowerdir=%s/%s,upperdir=%s/%s,workdir=%s/%s%s%s", w->top,
		 o->lower, w->top, o->upper, w->top, o->work, *o->options ? "," : "", o->options);
	if (mount(SOURCE, full, "overlay", 0, data))
		return world__fail(w, "mount overlay with",
				   *o->options ? o->options : "no options");
	return 0;
}

static int mount_merged(struct world *w)
{
	const struct overlay o = { "merged", "low", "up", "work",
				   explore_mounts[w->config->mount].options };
	int err = mount_overlay(w, &o);

	if (err)
		return err;
	w->merged_fd = openat(w->top_fd, "merged", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return w->merged_fd < 0 ? world__fail(w, "open", "merged") : 0;
}

static void merged_path(const struct world *w, char full[2 * WORLD_PATH])
{
	snprintf(full, 2UL * WORLD_PATH, "%s/merged", w->top);
}

static int unmount_merged(struct world *w)
{
	char full[2 * WORLD_PATH];

	close(w->merged_fd);
	w->merged_fd = -1;
	merged_path(w, full);
	return umount2(full, 0) ? world__fail(w, "unmount", full) : 0;
}

int world__remount(struct world *w)
{
	int err = unmount_merged(w);

	return err ? err : mount_merged(w);
}

int world__drop(struct world *w)
{
	char full[2 * WORLD_PATH];

	/* a remount drops the unused dentries of the superblock, and overlayfs keeps no
	 * inode without a dentry */
	merged_path(w, full);
	return mount(NULL, full, NULL, MS_REMOUNT, NULL) ? world__fail(w, "remount", full) : 0;
}

/* The explorer has a descriptor of its own: when it ends, nothing of it is left. */
static int mount_served(struct world *w, const char *full)
{
	char options[WORLD_PATH];

	served__options(w->served, options, sizeof(options));
	if (mount(SOURCE, full, "fuse", 0, options))
		return world__fail(w, "mount fuse on", full);
	served__close(w->served);
	return 0;
}

static int mount_low(struct world *w)
{
	char full[2 * WORLD_PATH];

	snprintf(full, sizeof(full), "%s/low", w->top);
	if (world__flags(w) & MOUNT_SERVES_LOWER)
		return mount_served(w, full);
	if (world__flags(w) & MOUNT_TWO_FS && mount(SOURCE, full, "tmpfs", 0, "mode=0755,size=64m"))
		return world__fail(w, "mount tmpfs on", full);
	return 0;
}

static int make_low(struct world *w)
{
	static const struct overlay inner = { "low", "base", "up0", "work0", "" };
	int err = make_top_dir(w, "low");

	if (!err)
		err = mount_low(w);
	if (err || w->config->dir != DIR_NESTED)
		return err ? err : for_each(w, "low", make_lower);
	err = make_top_dir(w, "base");
	if (!err)
		err = make_top_dir(w, "up0");
	if (!err)
		err = make_top_dir(w, "work0");
	if (!err)
		err = for_each(w, "base", make_lower);
	if (!err)
		err = mount_overlay(w, &inner);
	return err ? err : for_each(w, "low", make_inner);
}

/* Mounts it again, so that histories begin without anything that the making cached. */
static int make_through_overlay(struct world *w)
{
	int err = mount_merged(w);

	if (err || (w->config->dir != DIR_IMPURE && w->config->dir != DIR_FORMER))
		return err;
	err = for_each(w, "merged", make_merged);
	if (!err)
		err = unmount_merged(w);
	if (!err && w->config->dir == DIR_FORMER)
		err = for_each(w, "low", remove_lower_half);
	return err ? err : mount_merged(w);
}

int world__make(struct world *w)
{
	int err;

	w->top_fd = w->merged_fd = -1;
	err = world__enter_namespaces(w);
	if (!err)
		err = mount_top(w);
	if (!err)
		err = test_attributes(w);
	if (!err)
		err = make_low(w);
	if (!err)
		err = make_top_dir(w, "up");
	if (!err)
		err = make_top_dir(w, "work");
	if (!err)
		err = make_top_dir(w, "merged");
	if (!err)
		err = for_each(w, "up", make_upper);
	return err ? err : make_through_overlay(w);
}

int world__make_served(struct world *w, unsigned int i)
{
	struct maker m = { .w = w, .layer = "merged", .i = i };

	make_dir(&m, "D");
	move(&m, "T/x", "D/x");
	move(&m, "T/y", "D/y");
	return m.err;
}

static int open_in(struct world *w, const char *layer, unsigned int i)
{
	char path[WORLD_PATH];
	struct maker m = { .layer = layer, .i = i };
	int fd = openat(w->top_fd, path_of(&m, "", path), O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? world__fail(w, "open", path) : fd;
}

int world__open(struct world *w, unsigned int i)
{
	return open_in(w, "merged", i);
}

int world__open_upper(struct world *w, unsigned int i)
{
	return open_in(w, "up", i);
}
