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

enum {
	CODE_LEN = 96,
	REX_W = 0x48,
	MOV_STORE = 0x89, /* mov %reg, disp(%base) */
	MOV_LOAD = 0x8b, /* mov disp(%base), %reg */
};

struct mov {
	int reg, base;
	int32_t disp;
};

/* Decodes a 64-bit mov between a register and disp8/disp32(%base). */
static bool mov_decode(const uint8_t *p, size_t len, uint8_t opcode, struct mov *m)
{
	int mod;

	if (len < 4 || p[0] != REX_W || p[1] != opcode)
		return false;
	mod = p[2] >> 6;
	m->reg = p[2] >> 3 & 7;
	m->base = p[2] & 7;
	if (m->base == 4) /* an index byte follows: none of the accessors' */
		return false;
	if (mod == 1) {
		m->disp = (int8_t)p[3];
	} else if (mod == 2 && len >= 7) {
		memcpy(&m->disp, p + 3, sizeof(m->disp));
	} else {
		return false;
	}
	return true;
}

/*
 * The displacement of the one mov in func for which `reg` is the register
 * and the displacement is negative: the members before ovl_inode->vfs_inode.
 */
static int accessor_disp(const struct code_source *src, const char *func, uint8_t opcode, int reg,
			 int32_t *disp)
{
	const struct ksym *sym = ksyms__find(src->ks, func);
	uint8_t code[CODE_LEN];
	size_t len, i;
	int found = 0;

	if (!sym || sym->end <= sym->addr)
		return -ENOENT;
	len = sym->end - sym->addr;
	if (len > sizeof(code))
		len = sizeof(code);
	if (src->read(src->ctx, sym->addr, code, len))
		return -ENOENT;
	for (i = 0; i < len; i++) {
		struct mov m;

		if (!mov_decode(code + i, len - i, opcode, &m) || m.reg != reg || m.disp >= 0)
			continue;
		if (found && *disp != m.disp)
			return -ENOENT;
		*disp = m.disp;
		found = 1;
	}
	return found ? 0 : -ENOENT;
}

int layout__learn(struct ovlw_layout *l, const struct code_source *src)
{
	enum {
		RAX = 0,
		RSI = 6
	};

	memset(l, 0, sizeof(*l));
	if (accessor_disp(src, "ovl_set_dir_cache", MOV_STORE, RSI, &l->inode_cache))
		return -ENOENT;
	/* the older name takes a dentry and loads the inode first, at a positive offset */
	if (accessor_disp(src, "ovl_inode_version_get", MOV_LOAD, RAX, &l->inode_version) &&
	    accessor_disp(src, "ovl_dentry_version_get", MOV_LOAD, RAX, &l->inode_version))
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
