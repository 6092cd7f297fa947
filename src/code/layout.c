// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where struct ovl_inode keeps its cache, version and flags, for an overlayfs
 * without BTF. Three accessors of fs/overlayfs/util.c show it in one
 * instruction each: ovl_set_dir_cache() stores its second argument into the
 * slot, ovl_inode_version_get() loads the version. `flags` follows `version`
 * in struct ovl_inode (ovl_entry.h); struct ovl_dir_cache (readdir.c) begins
 * with refcount, version, entries. Both are checked at run time: at the begin
 * of a rebuild the impure bit must be set, at a store `entries` must be a list.
 */
#include "code/layout.h"

#include <errno.h>
#include <string.h>

/* What an accessor does with the member that it is there for. */
struct access {
	enum insn_kind kind;
	int reg; /* that is stored, or that it is loaded into */
};

static bool is_access(const struct insn *i, const struct access *a)
{
	return i->kind == a->kind && i->reg == a->reg && i->mem.size == sizeof(void *) &&
	       i->mem.base >= 0 && i->mem.base != INSN_STACK && i->mem.index == INSN_NO_REG &&
	       !i->mem.segment && i->mem.disp < 0;
}

/*
 * The displacement of the one access in name: it is negative, as the members lie
 * before ovl_inode->vfs_inode.
 */
static int accessor_disp(const struct code_source *src, const char *name, const struct access *a,
			 int32_t *disp)
{
	const struct ksym *sym = ksyms__find(src->ks, name);
	int found = 0, err = 0;
	struct func f;
	size_t i;

	if (!sym)
		return -ENOENT;
	func__read(&f, src, sym);
	for (i = 0; i < f.n; i++) {
		if (!is_access(&f.insn[i], a))
			continue;
		if (found && *disp != f.insn[i].mem.disp)
			err = -ENOENT;
		*disp = f.insn[i].mem.disp;
		found = 1;
	}
	/* the unknown part may contain another access */
	if (f.err)
		err = -ENOENT;
	func__deinit(&f);
	return found ? err : -ENOENT;
}

int layout__learn(struct ovlw_layout *l, const struct code_source *src)
{
	const struct access set = { INSN_STORE, src->arch->arg[1] };
	const struct access get = { INSN_LOAD, src->arch->result };

	memset(l, 0, sizeof(*l));
	if (accessor_disp(src, "ovl_set_dir_cache", &set, &l->inode_cache))
		return -ENOENT;
	/* the older name takes a dentry and loads the inode first, at a positive offset */
	if (accessor_disp(src, "ovl_inode_version_get", &get, &l->inode_version) &&
	    accessor_disp(src, "ovl_dentry_version_get", &get, &l->inode_version))
		return -ENOENT;
	l->inode_flags = l->inode_version + 8;
	l->impure_bit = 0; /* the first of enum ovl_inode_flag, overlayfs.h */
	l->whiteouts_bit = 1; /* the second */
	l->cache_refcount = 0;
	l->cache_version = 8;
	l->cache_entries = 16;
	l->file_is_upper = l->file_is_real = l->file_cache = -1;
	return 0;
}
