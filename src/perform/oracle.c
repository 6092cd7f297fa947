// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle: what a user sees at the end of a history. It lists first, and looks
 * names up only then: a lookup may fill caches that the history left empty.
 */
#include "perform/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	DOTS = 2, /* "." and ".." come before the names */
	ENTRIES = DOTS + EXPLORE_NAMES,
};

struct oracle {
	struct run *r;
	uint64_t ino[ENTRIES];
	unsigned char type[ENTRIES];
	int fd; /* D */
};

static void entry(void *ctx, int name, uint64_t ino, unsigned char type)
{
	struct oracle *o = ctx;

	if (name < -DOTS)
		return;
	o->ino[name + DOTS] = ino;
	o->type[name + DOTS] = type;
}

static unsigned char type_of(mode_t mode)
{
	return (mode & S_IFMT) >> 12; /* as S_DT() of the kernel: DT_DIR is 4 */
}

/*
 * Where the layers are on filesystems of their own and there is no room for their
 * number in the inode number, overlayfs promises less (Documentation/filesystems/
 * overlayfs.rst, "Inode properties").
 */
static bool has_number(const struct run *r, int name)
{
	const struct explore_config *c = r->world->config;
	const struct model_entry *e = name < 0 ? NULL : &r->model.d[name];

	if (c->mount != MOUNT_NO_XINO && c->dir != DIR_NESTED)
		return true;
	return e && !e->dir && (!e->origin || e->lower);
}

/* The upper file's own number; 0: it has none. */
static uint64_t upper_number(struct run *r, const char *name)
{
	int fd = world__open_upper(r->world, r->history);
	struct stat s = { 0 };
	char path[16];

	if (fd < 0)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	if (fstatat(fd, path, &s, AT_SYMLINK_NOFOLLOW))
		s.st_ino = 0;
	close(fd);
	return s.st_ino;
}

/* Without the flag numbers are not translated. */
static bool flag_is_gone(struct run *r)
{
	const char *attribute = explore_mounts[r->world->config->mount].flags & MOUNT_USERNS ?
					"user.overlay.impure" :
					"trusted.overlay.impure";
	int top = world__open_upper(r->world, r->history), fd;
	char value;
	bool gone;

	if (top < 0)
		return false;
	fd = openat(top, r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(top);
	gone = fd >= 0 && fgetxattr(fd, attribute, &value, sizeof(value)) < 0 && errno == ENODATA;
	if (fd >= 0)
		close(fd);
	return gone;
}

static void report_number(struct oracle *o, int name, const char *path, uint64_t st_ino)
{
	struct run *r = o->r;
	uint64_t ino = o->ino[name + DOTS], upper = upper_number(r, path);
	bool linked = name >= 0 && r->model.d[name].linked;

	run__report(r, linked && ino == upper ? RULE_LINKS : RULE_NUMBERS,
		    "a new listing gives '%s' the number %" PRIu64 "%s, stat gives it %" PRIu64,
		    name == -1 ? "." :
		    name < 0   ? ".." :
				 explore_names[name],
		    ino, ino == upper ? " of the upper file" : "", st_ino);
	r->st->violation[r->st->nviolations - 1].unflagged = flag_is_gone(r);
}

static void compare(struct oracle *o, int name)
{
	struct run *r = o->r;
	const char *path = name == -1 ? "." : name < 0 ? ".." : explore_names[name];
	struct stat s;
	bool there = name < 0 || r->model.d[name].present;

	if (fstatat(o->fd, path, &s, AT_SYMLINK_NOFOLLOW)) {
		if (there || errno != ENOENT)
			run__report(r, RULE_LOOKUPS, "stat '%s' fails: %s", path, strerror(errno));
		else
			caches__compare(r, name, 0);
		return;
	}
	if (!there) {
		run__report(r, RULE_LOOKUPS, "stat finds '%s', which is not there", path);
		return;
	}
	r->st->entries++;
	if (o->type[name + DOTS] != type_of(s.st_mode))
		run__report(r, RULE_TYPES, "a new listing gives '%s' the type %u, stat gives it %u",
			    path, o->type[name + DOTS], type_of(s.st_mode));
	else if (name >= 0 && S_ISDIR(s.st_mode) != r->model.d[name].dir)
		run__report(r, RULE_TYPES, "stat gives '%s' the type %u", path, type_of(s.st_mode));
	else if (o->ino[name + DOTS] != s.st_ino && has_number(r, name))
		report_number(o, name, path, s.st_ino);
	else if (name >= 0 && has_number(r, name))
		caches__compare(r, name, s.st_ino);
}

/*
 * Names that are there or were, and one that never was: nothing distinguishes it from the others
 * of its kind.
 */
static uint8_t names_to_look_up(const struct run *r)
{
	uint8_t known = explore_dirs[r->world->config->dir].names | r->model.used;
	uint8_t strange = ~known & ((1u << EXPLORE_NAMES) - 1);

	return known | (strange & -strange);
}

static void check_removed(struct run *r)
{
	struct stat s;

	if (!fstatat(r->fd, r->dir, &s, AT_SYMLINK_NOFOLLOW))
		run__report(r, RULE_REMOVED, "stat finds the removed directory");
	else if (errno != ENOENT)
		run__report(r, RULE_REMOVED, "stat of the removed directory fails: %s",
			    strerror(errno));
}

void oracle__check(struct run *r)
{
	struct oracle o = { .r = r };
	const struct reading_call call = { .size = READ_ALL, .entry = entry, .ctx = &o };
	uint8_t names = names_to_look_up(r);
	struct listed l = { 0 };
	int name;

	if (!r->model.exists) {
		check_removed(r);
		return;
	}
	run__describe(r, "\na new listing:");
	o.fd = run__open_dir(r);
	if (o.fd < 0)
		return;
	while (reading__call(r, o.fd, &l, &call) > 0)
		;
	reading__check_new(r, &l);
	for (name = -DOTS; name < EXPLORE_NAMES && !r->bad; name++) {
		if (name < 0 || names & 1u << name)
			compare(&o, name);
		else
			caches__compare(r, name, 0);
	}
	close(o.fd);
}
