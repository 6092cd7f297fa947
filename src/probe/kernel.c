// SPDX-License-Identifier: GPL-2.0-only
#include "probe/kernel.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kcode.skel.h"
#include "util/log.h"

__attribute__((format(printf, 4, 5))) static int refuse(struct kernel *k, int err,
							const char *remedy, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->why, sizeof(k->why), fmt, ap);
	va_end(ap);
	snprintf(k->remedy, sizeof(k->remedy), "%s", remedy);
	return err;
}

static int read_code(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct kcode_bpf *skel = ctx;
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	size_t off, n;
	int err;

	for (off = 0; off < len; off += n) {
		n = len - off;
		if (n > sizeof(skel->bss->code))
			n = sizeof(skel->bss->code);
		skel->bss->code_addr = addr + off;
		skel->bss->code_len = n;
		err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.ovlt_read_code), &opts);
		if (err)
			return err;
		if (skel->bss->code_err)
			return skel->bss->code_err;
		memcpy((char *)buf + off, skel->bss->code, n);
	}
	return 0;
}

/* Byte offset of a member, -1 where there is none. */
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
		const char *name = btf__name_by_offset(btf, m[i].name_off);
		const struct btf_type *sub = btf__type_by_id(btf, m[i].type);

		if (!strcmp(name, member))
			return btf_member_bit_offset(t, i) / 8;
		if (*name || !btf_is_composite(sub))
			continue;
		for (j = 0; j < btf_vlen(sub); j++)
			if (!strcmp(btf__name_by_offset(btf, btf_members(sub)[j].name_off), member))
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
		if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), name))
			return btf_enum(t)[i].val;
	return -1;
}

/* btf may be NULL */
static bool layout_from_btf(const struct btf *btf, struct ovlw_layout *l)
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
	return true;
}

static bool is_struct_ptr(const struct btf *btf, __u32 id, const char *name)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	if (!t || !btf_is_ptr(t))
		return false;
	do
		t = btf__type_by_id(btf, t->type);
	while (t && btf_is_mod(t));
	return t && (btf_is_struct(t) || btf_is_fwd(t)) &&
	       !strcmp(btf__name_by_offset(btf, t->name_off), name);
}

/* NULL: there is none */
static const struct btf_type *prototype(const struct btf *btf, const char *func)
{
	int id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);

	return id < 0 ? NULL : btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
}

static int dentry_args(void *ctx, const char *func, int arg[2])
{
	const struct kernel *k = ctx;
	const struct btf *btf = k->overlay ? k->overlay : k->vmlinux;
	const struct btf_type *proto = prototype(btf, func);
	int i, n = 0;

	for (i = 0; proto && i < btf_vlen(proto) && i < 5 && n < 2; i++)
		if (is_struct_ptr(btf, btf_params(proto)[i].type, "dentry"))
			arg[n++] = i;
	return proto ? n : -1;
}

static int arg_is(void *ctx, const char *func, int n, const char *type)
{
	const struct kernel *k = ctx;
	const struct btf *btf = k->overlay ? k->overlay : k->vmlinux;
	const struct btf_type *proto = prototype(btf, func);

	if (!proto)
		return -1;
	return n < btf_vlen(proto) && is_struct_ptr(btf, btf_params(proto)[n].type, type);
}

static int symbols_init(struct kernel *k)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	int err;

	if (!f)
		return refuse(k, -errno, "mount /proc with kallsyms readable",
			      "/proc/kallsyms can't be read: %s", strerror(errno));
	setvbuf(f, NULL, _IOFBF, 1 << 18);
	err = ksyms__read(&k->ks, f);
	fclose(f);
	if (err)
		return refuse(k, err, "try again", "/proc/kallsyms can't be read: %s",
			      strerror(-err));
	if (k->ks.hidden)
		return refuse(k, -EPERM, "run as root, or set kernel.kptr_restrict to 0 or 1",
			      "/proc/kallsyms shows no addresses");
	if (!ksyms__find(&k->ks, "ovl_set_dir_cache"))
		return refuse(k, -ENOENT, "modprobe overlay",
			      "overlayfs is neither built in nor loaded");
	return 0;
}

static int code_init(struct kernel *k)
{
	int err;

	k->code = kcode_bpf__open_and_load();
	if (k->code)
		return 0;
	err = -errno;
	if (err == -EPERM || err == -EACCES)
		return refuse(k, err, "run as root (needs CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN)",
			      "the kernel refuses BPF programs");
	return refuse(k, err, "use a kernel with CONFIG_BPF_SYSCALL and CONFIG_DEBUG_INFO_BTF",
		      "the kernel can't load BPF programs: %s", strerror(-err));
}

/* Overlayfs' own types: in the file, in its module's BTF, or in the kernel's. */
static int layout_init(struct kernel *k, const char *btf_file)
{
	if (btf_file) {
		/* a module's types are split: the rest is in the kernel's */
		k->overlay = btf__parse_split(btf_file, k->vmlinux);
		if (!k->overlay)
			return refuse(k, -errno,
				      "give a file with BTF, as of overlay.ko built for "
				      "this kernel",
				      "'%s' has no BTF that fits: %s", quoted(btf_file),
				      strerror(errno));
	} else if (k->vmlinux && k->ks.module) {
		k->overlay = btf__load_module_btf("overlay", k->vmlinux);
	}
	k->has_layout = layout_from_btf(k->overlay   ? k->overlay :
					k->ks.module ? NULL :
						       k->vmlinux,
					&k->btf_layout);
	if (btf_file && !k->has_layout)
		return refuse(k, -ENOENT, "give a file with overlayfs' types, as overlay.ko",
			      "'%s' does not have overlayfs' types", quoted(btf_file));
	k->from_file = btf_file != NULL;
	return 0;
}

int kernel__init(struct kernel *k, const char *btf_file)
{
	int err;

	memset(k, 0, sizeof(*k));
	debug("loading the code reader");
	err = code_init(k);
	if (err)
		return err;
	debug("reading BTF");
	k->vmlinux = btf__load_vmlinux_btf();
	debug("reading symbols");
	err = symbols_init(k);
	if (err)
		return err;
	debug("reading overlayfs' types");
	return layout_init(k, btf_file);
}

void kernel__deinit(struct kernel *k)
{
	ksyms__deinit(&k->ks);
	kcode_bpf__destroy(k->code);
	btf__free(k->overlay);
	btf__free(k->vmlinux);
	k->code = NULL;
	k->overlay = k->vmlinux = NULL;
}

/* Trampolines need the kernel's own BTF of the function; a file does not help. */
static bool is_typed(void *ctx, const char *func)
{
	const struct kernel *k = ctx;

	if (k->overlay && !k->from_file &&
	    btf__find_by_name_kind(k->overlay, func, BTF_KIND_FUNC) > 0)
		return true;
	return k->vmlinux && btf__find_by_name_kind(k->vmlinux, func, BTF_KIND_FUNC) > 0;
}

/*
 * Whether a task can be preempted in kernel mode (kernel/sched/core.c and
 * include/linux/sched.h: preempt_dynamic_mode; 2 is full, 3 lazy). A fentry
 * program can then be preempted too, and until it goes on the kernel passes over
 * every other task's entry on that CPU (__bpf_prog_enter_recur). A kprobe can't.
 */
static bool preemptible(struct kernel *k)
{
	struct utsname un;
	int32_t mode;
	size_t i;

	for (i = 0; i < k->ks.n; i++)
		if (!strcmp(k->ks.v[i].name, "preempt_dynamic_mode") &&
		    !read_code(k->code, k->ks.v[i].addr, &mode, sizeof(mode)))
			return mode >= 2;
	return uname(&un) || strstr(un.version, "PREEMPT");
}

void kernel__plan_input(struct kernel *k, struct plan_input *in)
{
	struct btf *btf = k->overlay ? k->overlay : k->ks.module ? NULL : k->vmlinux;

	memset(in, 0, sizeof(*in));
	in->ks = &k->ks;
	in->read = read_code;
	in->read_ctx = k->code;
	in->btf_layout = k->has_layout ? &k->btf_layout : NULL;
	in->fexit = true;
	in->is_typed = is_typed;
	in->preemptible = preemptible(k);
	in->dentry_args = btf ? dentry_args : NULL;
	in->arg_is = btf ? arg_is : NULL;
	in->btf_ctx = k;
}

/* Bit offset of a flag, which may be a bool or a bit field; -1 where there is none. */
static int member_bit(const struct btf *btf, const char *type, const char *member)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT), i;
	const struct btf_type *t;

	if (id < 0)
		return -1;
	t = btf__type_by_id(btf, id);
	for (i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), member))
			return btf_member_bit_offset(t, i);
	return -1;
}

/* Returns what is missing, NULL if nothing is. */
static const char *audit_layout(const struct btf *btf, struct ovla_layout *l)
{
	struct ovlw_layout common;
	int upper = member_offset(btf, "ovl_inode", "__upperdentry");

	if (!layout_from_btf(btf, &common))
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
	/* these are read as one piece */
	if (l->entry_real_ino > OVLA_RAW - 16 || l->entry_ino > OVLA_RAW - 16 ||
	    l->entry_node > OVLA_RAW - 16 || l->entry_upper_bit / 8 >= OVLA_RAW ||
	    l->entry_whiteout_bit / 8 >= OVLA_RAW || l->entry_xwhiteout_bit / 8 >= OVLA_RAW)
		return "ovl_cache_entry as it was known so far";
	return l->fs_xino_mode < 0 ? "ovl_fs" : NULL;
}

int kernel__audit_layout(struct kernel *k, struct ovla_layout *l)
{
	const struct btf *btf;
	const char *missing;
	int err = code_init(k);

	/* it says best why a kernel has no BPF for us */
	if (err)
		return err;
	debug("reading BTF");
	k->vmlinux = btf__load_vmlinux_btf();
	if (!k->vmlinux)
		return refuse(k, -ENOENT, "use a kernel with CONFIG_DEBUG_INFO_BTF",
			      "this kernel's types can't be read from /sys/kernel/btf/vmlinux");
	btf = k->vmlinux;
	if (btf__find_by_name_kind(btf, "ovl_inode", BTF_KIND_STRUCT) < 0) {
		if (access("/sys/module/overlay", F_OK))
			return refuse(k, -ENOENT, "modprobe overlay",
				      "overlayfs is neither built in nor loaded");
		btf = k->overlay = btf__load_module_btf("overlay", k->vmlinux);
	}
	if (!btf)
		return refuse(k, -ENOENT,
			      "run as root on a kernel with CONFIG_DEBUG_INFO_BTF_MODULES, whose "
			      "overlay module was built for it",
			      "the types of module 'overlay' can't be read (its BTF)");
	missing = audit_layout(btf, l);
	if (missing)
		return refuse(k, -ENOENT, "this version of ovltrace does not know such a kernel",
			      "overlayfs' types have no %s", missing);
	return 0;
}

static uint32_t struct_size(const struct btf *btf, const char *type)
{
	int id = btf ? btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT) : -1;

	return id < 0 ? 0 : btf__type_by_id(btf, id)->size;
}

void kernel__dirstat_layout(const struct kernel *k, struct ovls_layout *l)
{
	const struct btf *btf = k->overlay ? k->overlay : k->ks.module ? NULL : k->vmlinux;
	int name = member_offset(btf, "ovl_cache_entry", "name");

	l->file_is_real = member_offset(btf, "ovl_dir_file", "is_real");
	l->file_cache = member_offset(btf, "ovl_dir_file", "cache");
	/* without a place for the cache a merged listing's outcome would be a guess */
	if (l->file_cache < 0)
		l->file_is_real = -1;
	l->entry_len = member_offset(btf, "ovl_cache_entry", "len");
	l->entry_node = member_offset(btf, "ovl_cache_entry", "l_node");
	l->entry_size = name < 0 ? 0 : name;
	l->cache_size = struct_size(btf, "ovl_dir_cache");
}
