// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directories to work on: upper only, and impure by files that came from the
 * lower layer; or in both layers, where the mode wants that.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "workload.h"

static int system_error(const char *what, const char *which)
{
	complain_errno(what, which);
	return STATUS_NO_SYSTEM;
}

static int not_impure(const char *which, const char *why)
{
	complain("directory is not impure", which, why);
	return STATUS_NOT_IMPURE;
}

/* Two descriptors a directory stay open. */
static void raise_file_limit(uint64_t dirs)
{
	struct rlimit limit;
	rlim_t need = 2 * dirs + 1100;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= need)
		return;
	limit.rlim_cur = need;
	if (limit.rlim_max < need)
		limit.rlim_max = need;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static char *numbered(const struct options *opt, const char *letter, unsigned int n)
{
	char *name = NULL;

	return asprintf(&name, "%s%s%u", opt->prefix, letter, n) < 0 ? NULL : name;
}

/* Never the same twice: the overlay may remember that the name of an earlier run is gone. */
static char *source_name(const struct options *opt, unsigned int n)
{
	char *name = NULL;

	return asprintf(&name, "%sL%u.%d", opt->prefix, n, (int)getpid()) < 0 ? NULL : name;
}

static int name_directory(struct area *area, const struct options *opt, unsigned int n)
{
	struct directory *dir = &area->dirs[n];

	dir->name = name_of_directory(opt, n);
	dir->side = numbered(opt, "S", n);
	dir->source = opt->mode->merged ? name_of_directory(opt, n) : source_name(opt, n);
	dir->files = calloc(area->nr_files, sizeof(*dir->files));
	if (!dir->name || !dir->side || !dir->source || !dir->files)
		return system_error("memory for", "a directory");
	for (unsigned int f = 0; f < area->nr_files; f++) {
		dir->files[f].name = name_of_file(opt, n, f);
		if (!dir->files[f].name)
			return system_error("memory for", "a file name");
	}
	return STATUS_OK;
}

static int name_everything(struct area *area, const struct options *opt)
{
	int status = STATUS_OK;

	area->dirs = calloc(opt->dirs, sizeof(*area->dirs));
	if (!area->dirs)
		return system_error("memory for", "--dirs");
	area->nr_files = opt->entries;
	for (unsigned int d = 0; d < opt->dirs; d++)
		area->dirs[d].fd = area->dirs[d].side_fd = -1;
	area->nr_dirs = opt->dirs;
	for (unsigned int d = 0; d < area->nr_dirs && !status; d++)
		status = name_directory(area, opt, d);
	return status;
}

/* The files to be. */
static int make_lower_files(const struct area *area, int lower_fd, struct directory *dir)
{
	int status = STATUS_OK, fd, file;

	if (mkdirat(lower_fd, dir->source, 0755))
		return system_error("mkdir in lower", dir->source);
	dir->made_source = true;
	fd = openat(lower_fd, dir->source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return system_error("open in lower", dir->source);
	for (unsigned int f = 0; f < area->nr_files && !status; f++) {
		file = openat(fd, dir->files[f].name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (file < 0)
			status = system_error("create in lower", dir->files[f].name);
		else
			close(file);
	}
	close(fd);
	return status;
}

static int make_lower(struct area *area)
{
	int fd = open(area->mounts.lower, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = STATUS_OK;

	if (fd < 0)
		return system_error("open", area->mounts.lower);
	for (unsigned int d = 0; d < area->nr_dirs && !status; d++)
		status = make_lower_files(area, fd, &area->dirs[d]);
	close(fd);
	return status;
}

static int make_upper_only(int merged_fd, const char *name, int *fd)
{
	if (mkdirat(merged_fd, name, 0755))
		return system_error("mkdir", name);
	*fd = openat(merged_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *fd < 0 ? system_error("open", name) : STATUS_OK;
}

/* Renaming copies up, keeps the origin, and makes the new parent impure. */
static int fill_directory(const struct area *area, struct directory *dir)
{
	int source, status;

	status = make_upper_only(area->merged_fd, dir->name, &dir->fd);
	if (!status)
		status = make_upper_only(area->merged_fd, dir->side, &dir->side_fd);
	if (status)
		return status;
	source = openat(area->merged_fd, dir->source, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (source < 0)
		return system_error("open", dir->source);
	for (unsigned int f = 0; f < area->nr_files && !status; f++) {
		if (renameat(source, dir->files[f].name, dir->fd, dir->files[f].name))
			status = system_error("rename", dir->files[f].name);
		dir->files[f].place = INSIDE;
	}
	close(source);
	return status;
}

/* What the kernel needs for an impure cache with anything in it; without listing. */
static int check_impure(const struct area *area, const struct directory *dir)
{
	struct stat seen, real;
	char *path = NULL, value;
	int fd, impure, status = STATUS_OK;

	if (asprintf(&path, "%s/%s", area->mounts.upper, dir->name) < 0)
		return system_error("memory for", "a path");
	impure = lgetxattr(path, "trusted.overlay.impure", &value, 1) == 1 ||
		 lgetxattr(path, "user.overlay.impure", &value, 1) == 1;
	if (!impure)
		status = not_impure(path, "no overlay.impure attribute in the upper layer");
	fd = impure ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (impure && (fd < 0 || fstatat(fd, dir->files[0].name, &real, AT_SYMLINK_NOFOLLOW) ||
		       fstatat(dir->fd, dir->files[0].name, &seen, AT_SYMLINK_NOFOLLOW)))
		status = system_error("stat", path);
	else if (impure && seen.st_ino == real.st_ino)
		status = not_impure(path, "its files have the upper layer's inode numbers");
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}

static int prepare(struct area *area, const struct options *opt)
{
	int status = name_everything(area, opt);

	if (!status)
		status = make_lower(area);
	if (!status)
		status = mounts_overlay(&area->mounts, opt);
	if (status)
		return status;
	area->merged_fd = open(area->mounts.merged, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (area->merged_fd < 0)
		return system_error("open", area->mounts.merged);
	for (unsigned int d = 0; d < area->nr_dirs && !status; d++) {
		struct directory *dir = &area->dirs[d];

		if (opt->mode->merged) {
			status = make_upper_only(area->merged_fd, dir->side, &dir->side_fd);
			if (!status)
				status = merged_fill(area, dir);
			continue;
		}
		status = fill_directory(area, dir);
		if (!status)
			status = check_impure(area, dir);
	}
	return status;
}

int area_init(struct area *area, const struct options *opt)
{
	int status;

	*area = (struct area){ .merged_fd = -1, .plain_fd = -1 };
	raise_file_limit(opt->dirs);
	status = mounts_init(&area->mounts, opt);
	if (!status && area->mounts.merged)
		status = prepare(area, opt);
	if (status || !area->mounts.plain)
		return status;
	area->plain_fd = open(area->mounts.plain, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return area->plain_fd < 0 ? system_error("open", area->mounts.plain) : STATUS_OK;
}

static void remove_tree(const struct area *area, int parent, const char *name,
			const struct directory *dir)
{
	int fd = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (unsigned int f = 0; fd >= 0 && f < area->nr_files; f++)
		unlinkat(fd, dir->files[f].name, 0);
	if (fd >= 0)
		close(fd);
	if (unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT)
		complain_errno("rmdir", name);
}

/* On a mount that stays, and only what was made here. */
static void remove_directory(const struct area *area, int lower_fd, const struct directory *dir)
{
	if (dir->fd >= 0)
		remove_tree(area, area->merged_fd, dir->name, dir);
	if (dir->side_fd >= 0)
		remove_tree(area, area->merged_fd, dir->side, dir);
	if (!dir->made_source)
		return;
	remove_tree(area, area->merged_fd, dir->source, dir);
	remove_tree(area, lower_fd, dir->source, dir);
	/* A whiteout is left, which another directory of that name replaces. */
	if (!mkdirat(area->merged_fd, dir->source, 0755))
		remove_tree(area, area->merged_fd, dir->source, dir);
}

static void free_directory(const struct area *area, struct directory *dir)
{
	for (unsigned int f = 0; dir->files && f < area->nr_files; f++)
		free(dir->files[f].name);
	free(dir->files);
	free(dir->name);
	free(dir->side);
	free(dir->source);
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void area_deinit(struct area *area, const struct options *opt)
{
	bool remove = opt->mount && !opt->keep && area->merged_fd >= 0;
	int lower_fd = remove ? open(area->mounts.lower, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	for (unsigned int d = 0; d < area->nr_dirs; d++) {
		struct directory *dir = &area->dirs[d];

		if (lower_fd >= 0)
			remove_directory(area, lower_fd, dir);
		close_fd(dir->fd);
		close_fd(dir->side_fd);
		free_directory(area, dir);
	}
	free(area->dirs);
	close_fd(lower_fd);
	close_fd(area->merged_fd);
	close_fd(area->plain_fd);
	mounts_deinit(&area->mounts, opt);
}
