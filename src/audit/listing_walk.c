// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "audit/listings.h"
#include "audit/read.h"

enum {
	PENDING_BYTES = 64 << 20, /* paths that wait to be compared */
	MAX_DEPTH = 4096,
};

#define WHY(t, ...) snprintf((t)->why, sizeof((t)->why), __VA_ARGS__)

struct pending {
	char **v;
	size_t n, cap, bytes;
};

/* Takes path over. */
static bool push(struct pending *p, char *path)
{
	size_t len = path ? strlen(path) + 1 : 0;

	if (path && p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 64;
		char **v = realloc(p->v, cap * sizeof(*v));

		if (v) {
			p->v = v;
			p->cap = cap;
		}
	}
	if (!path || p->n == p->cap || p->bytes + len > PENDING_BYTES) {
		free(path);
		return false;
	}
	p->v[p->n++] = path;
	p->bytes += len;
	return true;
}

static char *pop(struct pending *p)
{
	char *path = p->v[--p->n];

	p->bytes -= strlen(path) + 1;
	return path;
}

static bool push_below(struct pending *p, const char *path, const struct audit_list *below)
{
	size_t i;

	/* the first comes out first */
	for (i = below->n; i--;) {
		char *full;

		if (asprintf(&full, "%s%s%s", path, *path ? "/" : "",
			     audit_list__name(below, &below->v[i])) < 0)
			full = NULL;
		if (!push(p, full))
			return false;
	}
	return !below->failed;
}

/* Takes r over. */
static int keep(struct listing_tree *t, struct listing_result *r)
{
	size_t i;

	t->directories++;
	t->names += r->names;
	t->of[r->verdict]++;
	for (i = 0; i < LISTING_CAUSES; i++)
		t->causes[i] += r->causes[i];
	if (r->verdict == LISTING_OK || r->verdict == LISTING_GONE) {
		listing_result__deinit(r);
		return 0;
	}
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 64;
		struct listing_result *v = realloc(t->v, cap * sizeof(*v));

		if (!v) {
			listing_result__deinit(r);
			return -ENOMEM;
		}
		t->v = v;
		t->cap = cap;
	}
	t->v[t->n++] = *r;
	return 0;
}

/* Takes path over. */
static int visit(struct listing_tree *t, struct listing_source *from, struct pending *p, char *path)
{
	struct listing_result r = { .path = path };
	struct audit_list below = { 0 };

	listing_dir__run(from, &r, &below);
	audit_list__sort(&below);
	if (!push_below(p, path, &below))
		WHY(t, "there are more directories than memory for their paths");
	audit_list__deinit(&below);
	return keep(t, &r);
}

static int walk_from(struct listing_tree *t, struct listing_source *from, struct listing_walk *walk)
{
	struct pending p = { 0 };
	int err = push(&p, strdup("")) ? 0 : -ENOMEM;

	while (!err && p.n) {
		char *path;

		if (!walk->left) {
			WHY(t, "there are more directories than '--max-dirs' permits");
			break;
		}
		walk->left--;
		path = pop(&p);
		if (!walk->step(walk->ctx, t, path)) {
			WHY(t, "it was interrupted");
			free(path);
			break;
		}
		err = visit(t, from, &p, path);
	}
	while (p.n)
		free(pop(&p));
	free(p.v);
	return err;
}

static int is_mount_root(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, 0, &st))
		return -errno;
	return !!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* How many directories fd is below the root of its mount, or -errno. */
static int depth_of(int fd)
{
	int dir = fd, depth = 0, root;

	while (!(root = is_mount_root(dir)) && depth < MAX_DEPTH) {
		int up = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

		root = up < 0 ? -errno : 0;
		if (dir != fd)
			close(dir);
		dir = up;
		if (up < 0)
			break;
		depth++;
	}
	if (dir != fd && dir >= 0)
		close(dir);
	return root == 1 ? depth : -ENOENT;
}

/* The path of fd from the root of its mount, to be freed. NULL: unknown. */
static char *path_in_mount(int fd)
{
	int depth = depth_of(fd);
	char link[64], path[4096], *at;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = depth > 0 ? readlink(link, path, sizeof(path) - 1) : 0;
	if (depth < 0 || n < 0)
		return NULL;
	path[n] = 0;
	at = path + n;
	/* the mount may be anywhere: the last `depth` names are those within it */
	while (depth && at > path)
		depth -= *--at == '/';
	return strdup(*at == '/' ? at + 1 : "");
}

int listing_tree__run(struct listing_tree *t, const struct audit_mount *mount,
		      struct listing_walk *walk)
{
	struct listing_source from = { .root_fd =
					       open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	char *prefix = NULL;
	struct stat st;
	int err = 0;

	if (from.root_fd < 0) {
		WHY(t, "it cannot be opened: %s", strerror(errno));
		return 0;
	}
	if (fstat(from.root_fd, &st) || (major(st.st_dev) << 20 | minor(st.st_dev)) != t->dev) {
		WHY(t, "another mount covers it");
		close(from.root_fd);
		return 0;
	}
	prefix = path_in_mount(from.root_fd);
	if (mount) {
		from.rootless = t->rootless = mount->rootless;
		snprintf(t->within, sizeof(t->within), "%s", mount->within);
	}
	if (mount && prefix)
		err = audit_layers__open(&from.layers, mount);
	from.prefix = prefix ? prefix : "";
	from.numbers = audit_layers__one_fs(&from.layers);
	if (!err)
		err = walk_from(t, &from, walk);
	t->numbers = from.numbers;
	t->mounts = from.mounts;
	audit_layers__close(&from.layers);
	close(from.root_fd);
	free(prefix);
	return err;
}

void listing_tree__deinit(struct listing_tree *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		listing_result__deinit(&t->v[i]);
	free(t->v);
	free(t->path);
}
