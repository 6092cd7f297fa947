// SPDX-License-Identifier: GPL-2.0-only
#include "audit/view.h"

struct audit_view view;
struct audit_diffs diffs;

void view__begin(int64_t refcount, int xino_mode)
{
	const struct ovla_dir dir = {
		.inode = 0x1000,
		.cache = 0x2000,
		.version = 7,
		.stamp = 7,
		.refcount = refcount,
		.impure = 1,
		.whiteouts = refcount > 0,
	};

	memset(&view, 0, sizeof(view));
	memset(&diffs, 0, sizeof(diffs));
	view.before.dir = view.after.dir = dir;
	view.xino_mode = xino_mode;
	/* the audit's own stream holds a merged cache, too */
	view.after.dir.refcount += refcount > 0;
}

struct audit_item *view__put(struct audit_list *l, const char *name, uint64_t ino)
{
	struct audit_item *item = audit_list__add(l, name, strlen(name));

	item->ino = ino;
	return item;
}

void view__entry(const char *name, uint64_t ino, uint32_t flags)
{
	struct audit_list *both[] = { &view.before.entries, &view.after.entries };
	int i;

	for (i = 0; i < 2; i++) {
		struct audit_item *item = view__put(both[i], name, ino);

		item->real_ino = 1000;
		item->flags = flags;
	}
}

void view__listed(const char *name, uint64_t ino)
{
	view__put(&view.listed, name, ino);
	view__put(&view.listed_again, name, ino);
}

/* err: 0 or -errno; flags: of the statx result */
void view__exists(const char *name, uint64_t ino, int err, uint32_t flags)
{
	struct audit_item *item = view__put(&view.stat, name, ino);

	item->err = err;
	item->flags = flags;
}

enum audit_verdict view__judged(void)
{
	return audit__compare(&view, &diffs);
}

void view__end(void)
{
	audit_list__deinit(&view.before.entries);
	audit_list__deinit(&view.after.entries);
	audit_list__deinit(&view.listed);
	audit_list__deinit(&view.listed_again);
	audit_list__deinit(&view.stat);
	audit_diffs__deinit(&diffs);
}

const char *view__diff_name(size_t i)
{
	return diffs.names.pool + diffs.v[i].name;
}
