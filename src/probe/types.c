// SPDX-License-Identifier: GPL-2.0-only
#include "probe/types.h"

#include <bpf/btf.h>
#include <string.h>

enum {
	MODIFIERS = 32, /* const, volatile and typedefs before a type */
};

/*
 * BTF from a file may have any numbers in it, and libbpf 1.1 checks only the sizes of
 * its sections: a name or a type that does not exist is NULL.
 */
static const char *name_at(const struct btf *btf, __u32 offset)
{
	const char *name = btf__name_by_offset(btf, offset);

	return name ? name : "";
}

bool types__are_aligned(const struct btf *btf)
{
	return !((uintptr_t)btf__type_by_id(btf, btf__type_cnt(btf) - 1) % sizeof(uint32_t));
}

/* Byte offset of a member; -1 if there is none. */
static int member_offset(const struct btf *btf, const char *type, const char *member)
{
	int id = btf ? btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT) : -1, i, j;
	const struct btf_type *t;
	const struct btf_member *m;

	if (id < 0)
		return -1;
	t = btf__type_by_id(btf, id);
	m = btf_members(t);
	for (i = 0; i < btf_vlen(t); i++) {
		const char *name = name_at(btf, m[i].name_off);
		const struct btf_type *sub = btf__type_by_id(btf, m[i].type);

		if (!strcmp(name, member))
			return btf_member_bit_offset(t, i) / 8;
		if (*name || !sub || !btf_is_composite(sub))
			continue;
		for (j = 0; j < btf_vlen(sub); j++)
			if (!strcmp(name_at(btf, btf_members(sub)[j].name_off), member))
				return (btf_member_bit_offset(t, i) +
					btf_member_bit_offset(sub, j)) /
				       8;
	}
	return -1;
}

static int enum_value(const struct btf *btf, const char *type, const char *name)
{
	int id = btf ? btf__find_by_name_kind(btf, type, BTF_KIND_ENUM) : -1, i;
	const struct btf_type *t;

	if (id < 0)
		return -1;
	t = btf__type_by_id(btf, id);
	for (i = 0; i < btf_vlen(t); i++)
		if (!strcmp(name_at(btf, btf_enum(t)[i].name_off), name))
			return btf_enum(t)[i].val;
	return -1;
}

/* Offsets that show whether an entry has an origin. If one is missing, inode_upper stays 0. */
static void origin_layout(const struct btf *btf, struct ovlw_layout *l, int inode)
{
	int const_ino = enum_value(btf, "ovl_inode_flag", "OVL_CONST_INO");
	int upper = member_offset(btf, "ovl_inode", "__upperdentry");
	int noxattr = member_offset(btf, "ovl_fs", "noxattr");
	int xino_mode = member_offset(btf, "ovl_fs", "xino_mode");
	int creator = member_offset(btf, "ovl_fs", "creator_cred");
	int config = member_offset(btf, "ovl_fs", "config");
	int userxattr = member_offset(btf, "ovl_config", "userxattr");

	if (const_ino < 0 || upper < 0 || noxattr < 0 || xino_mode < 0 || creator < 0 ||
	    config < 0 || userxattr < 0)
		return;
	l->inode_upper = upper - inode;
	l->const_ino_bit = const_ino;
	l->fs_noxattr = noxattr;
	l->fs_userxattr = config + userxattr;
	l->fs_xino_mode = xino_mode;
	l->fs_creator = creator;
}

bool types__layout(const struct btf *btf, struct ovlw_layout *l)
{
	int inode = member_offset(btf, "ovl_inode", "vfs_inode");
	int cache = member_offset(btf, "ovl_inode", "cache");
	int version = member_offset(btf, "ovl_inode", "version");
	int flags = member_offset(btf, "ovl_inode", "flags");
	int refcount = member_offset(btf, "ovl_dir_cache", "refcount");
	int stamp = member_offset(btf, "ovl_dir_cache", "version");
	int entries = member_offset(btf, "ovl_dir_cache", "entries");
	int bit = enum_value(btf, "ovl_inode_flag", "OVL_IMPURE");
	int whiteouts = enum_value(btf, "ovl_inode_flag", "OVL_WHITEOUTS");

	if (inode < 0 || cache < 0 || version < 0 || flags < 0 || refcount < 0 || stamp < 0 ||
	    entries < 0 || bit < 0)
		return false;
	memset(l, 0, sizeof(*l));
	l->inode_cache = cache - inode;
	l->inode_version = version - inode;
	l->inode_flags = flags - inode;
	l->impure_bit = bit;
	l->whiteouts_bit = whiteouts < 0 ? bit + 1 : whiteouts;
	l->cache_refcount = refcount;
	l->cache_version = stamp;
	l->cache_entries = entries;
	l->file_is_upper = member_offset(btf, "ovl_dir_file", "is_upper");
	l->file_is_real = member_offset(btf, "ovl_dir_file", "is_real");
	l->file_cache = member_offset(btf, "ovl_dir_file", "cache");
	origin_layout(btf, l, inode);
	return true;
}

static bool is_struct_ptr(const struct btf *btf, __u32 id, const char *name)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	int i;

	if (!t || !btf_is_ptr(t))
		return false;
	/* modifiers may form a loop */
	for (i = 0, t = btf__type_by_id(btf, t->type); t && btf_is_mod(t) && i < MODIFIERS; i++)
		t = btf__type_by_id(btf, t->type);
	return t && (btf_is_struct(t) || btf_is_fwd(t)) && !strcmp(name_at(btf, t->name_off), name);
}

/*
 * The prototype of a directory operation, ovl_NAME(), which is in ovl_dir_inode_operations
 * as NAME. pahole omits functions that ThinLTO renamed to ovl_NAME.llvm.NUMBER.
 */
static const struct btf_type *operation(const struct btf *btf, const char *func)
{
	int id = btf__find_by_name_kind(btf, "inode_operations", BTF_KIND_STRUCT), i;
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, id);
	const struct btf_member *m = t ? btf_members(t) : NULL;

	if (strncmp(func, "ovl_", 4))
		return NULL;
	for (i = 0; t && i < btf_vlen(t); i++) {
		const struct btf_type *ptr = btf__type_by_id(btf, m[i].type);

		if (!strcmp(name_at(btf, m[i].name_off), func + 4))
			return ptr && btf_is_ptr(ptr) ? btf__type_by_id(btf, ptr->type) : NULL;
	}
	return NULL;
}

const struct btf_type *types__prototype(const struct btf *btf, const char *func)
{
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, id);

	t = t ? btf__type_by_id(btf, t->type) : operation(btf, func);
	/* the type of a function in a file may be anything */
	return t && btf_is_func_proto(t) ? t : NULL;
}

int types__dentry_args(const struct btf *btf, const char *func, int arg[2])
{
	const struct btf_type *proto = types__prototype(btf, func);
	int i, n = 0;

	for (i = 0; proto && i < btf_vlen(proto) && i < 5 && n < 2; i++)
		if (is_struct_ptr(btf, btf_params(proto)[i].type, "dentry"))
			arg[n++] = i;
	return proto ? n : -1;
}

int types__arg_is(const struct btf *btf, const char *func, int n, const char *type)
{
	const struct btf_type *proto = types__prototype(btf, func);

	if (!proto)
		return -1;
	return n < btf_vlen(proto) && is_struct_ptr(btf, btf_params(proto)[n].type, type);
}

/* Bit offset of a flag, which may be a bool or a bit field; -1 if there is none. */
static int member_bit(const struct btf *btf, const char *type, const char *member)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT), i;
	const struct btf_type *t;

	if (id < 0)
		return -1;
	t = btf__type_by_id(btf, id);
	for (i = 0; i < btf_vlen(t); i++)
		if (!strcmp(name_at(btf, btf_members(t)[i].name_off), member))
			return btf_member_bit_offset(t, i);
	return -1;
}

/* Returns what is missing, NULL if nothing is. */
const char *types__audit_layout(const struct btf *btf, struct ovla_layout *l)
{
	struct ovlw_layout common;
	int upper = member_offset(btf, "ovl_inode", "__upperdentry");

	if (!types__layout(btf, &common))
		return "ovl_inode or ovl_dir_cache";
	l->inode_cache = common.inode_cache;
	l->inode_version = common.inode_version;
	l->inode_flags = common.inode_flags;
	l->inode_upper = upper - member_offset(btf, "ovl_inode", "vfs_inode");
	l->impure_bit = common.impure_bit;
	l->cache_refcount = common.cache_refcount;
	l->cache_version = common.cache_version;
	l->cache_entries = common.cache_entries;
	l->whiteouts_bit = enum_value(btf, "ovl_inode_flag", "OVL_WHITEOUTS");
	l->entry_len = member_offset(btf, "ovl_cache_entry", "len");
	l->entry_type = member_offset(btf, "ovl_cache_entry", "type");
	l->entry_real_ino = member_offset(btf, "ovl_cache_entry", "real_ino");
	l->entry_ino = member_offset(btf, "ovl_cache_entry", "ino");
	l->entry_node = member_offset(btf, "ovl_cache_entry", "l_node");
	l->entry_name = member_offset(btf, "ovl_cache_entry", "name");
	l->entry_upper_bit = member_bit(btf, "ovl_cache_entry", "is_upper");
	l->entry_whiteout_bit = member_bit(btf, "ovl_cache_entry", "is_whiteout");
	l->entry_xwhiteout_bit = member_bit(btf, "ovl_cache_entry", "check_xwhiteout");
	l->fs_xino_mode = member_offset(btf, "ovl_fs", "xino_mode");
	if (upper < 0 || (int)l->whiteouts_bit < 0)
		return "__upperdentry or OVL_WHITEOUTS";
	if (l->entry_len < 0 || l->entry_type < 0 || l->entry_real_ino < 0 || l->entry_ino < 0 ||
	    l->entry_node < 0 || l->entry_name < 0 || l->entry_upper_bit < 0 ||
	    l->entry_whiteout_bit < 0)
		return "ovl_cache_entry";
	/* one read must cover all of these */
	if (l->entry_real_ino > OVLA_RAW - 16 || l->entry_ino > OVLA_RAW - 16 ||
	    l->entry_node > OVLA_RAW - 16 || l->entry_upper_bit / 8 >= OVLA_RAW ||
	    l->entry_whiteout_bit / 8 >= OVLA_RAW || l->entry_xwhiteout_bit / 8 >= OVLA_RAW)
		return "the known layout of ovl_cache_entry";
	return l->fs_xino_mode < 0 ? "ovl_fs" : NULL;
}

static uint32_t struct_size(const struct btf *btf, const char *type)
{
	int id = btf ? btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT) : -1;

	return id < 0 ? 0 : btf__type_by_id(btf, id)->size;
}

void types__dirstat_layout(const struct btf *btf, struct ovls_layout *l)
{
	int name = member_offset(btf, "ovl_cache_entry", "name");

	l->file_is_real = member_offset(btf, "ovl_dir_file", "is_real");
	l->file_cache = member_offset(btf, "ovl_dir_file", "cache");
	/* without the offset of the cache, the result of a merged listing would be a guess */
	if (l->file_cache < 0)
		l->file_is_real = -1;
	l->file_realfile = member_offset(btf, "ovl_dir_file", "realfile");
	l->entry_len = member_offset(btf, "ovl_cache_entry", "len");
	l->entry_node = member_offset(btf, "ovl_cache_entry", "l_node");
	l->entry_size = name < 0 ? 0 : name;
	l->cache_size = struct_size(btf, "ovl_dir_cache");
}
