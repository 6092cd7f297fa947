// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads directory caches from kernel memory, for `ovltrace audit`. The program is an
 * iterator over the tool's open files and attached to no function, so it works on
 * kernels that reject every probe.
 *
 * It cannot take locks. An iterator runs under rcu_read_lock(), and overlayfs frees its
 * inodes after a grace period. So an inode that was reached stays valid while the
 * program runs. A cache and its entries may be freed at any time. They are read only with
 * bpf_probe_read_kernel(); links that do not point back show that the result is torn.
 */
#include "common/vfs.h"
#include "ovltrace/audit_wire.h"

enum {
	PATH_DEPTH = 2048,
};

const volatile struct ovla_layout layout;

/* Set by userspace before each run. */
__u32 what; /* enum ovla_what */
__s32 target_fd;
__u64 only_inode; /* OVLA_WALK: only this one; 0: all */
__u32 skip; /* OVLA_DUMP: entries that were already read */

/* Results. */
__u32 runs; /* how often target_fd was found: 1, or it does not exist */
__u32 flags; /* enum ovla_flag */
__u32 used; /* bytes of out */
__u32 records; /* in out */
__u32 inodes; /* OVLA_WALK: inodes of all kinds */
__s32 xino_mode; /* of the mount; below 0: layers on several filesystems, no xino */
__u32 root_len; /* OVLA_WALK: bytes of target_fd's path, which is first in out */
struct ovla_dir dir; /* OVLA_DUMP */
__u8 out[OVLA_OUT + OVLA_SLACK];

/* Writes a record's head into the space reserved for it. */
static __always_inline void put_head(__u32 at, const void *head, __u32 size)
{
	bpf_probe_read_kernel(&out[at & (OVLA_OUT - 1)], size, head);
	records++;
}

/* Appends a name and its NUL. Returns its length with the NUL, 0 if there is none. */
static __always_inline __u32 put_name(const void *name)
{
	__u32 at = used;
	long n;

	if (at >= OVLA_OUT) {
		flags |= OVLA_FULL;
		return 0;
	}
	n = bpf_probe_read_kernel_str(&out[at & (OVLA_OUT - 1)], OVLA_NAME, name);
	if (n <= 0)
		return 0;
	used = at + (__u32)n;
	return (__u32)n;
}

struct climb {
	struct dentry *at;
	__u32 top; /* the root was reached */
};

static long climb_one(__u32 i, struct climb *c)
{
	struct dentry *at = c->at, *parent = BPF_CORE_READ(at, d_parent);

	if (!parent)
		return 1;
	if (parent == at) {
		c->top = 1;
		return 1;
	}
	if (!put_name(BPF_CORE_READ(at, d_name.name)))
		return 1;
	c->at = parent;
	return 0;
}

/* The names from a directory up to its mount's root, innermost first. */
static __always_inline bool put_path(struct dentry *dentry)
{
	struct climb c = { .at = dentry };

	bpf_loop(PATH_DEPTH, climb_one, &c, 0);
	return c.top;
}

static __always_inline void dir_read(struct ovla_dir *d, __u64 inode, __u64 cache)
{
	__u64 word = read_u64(inode + layout.inode_flags);
	struct dentry *upper;

	d->inode = inode;
	d->cache = cache;
	d->version = read_u64(inode + layout.inode_version);
	if (cache) {
		d->stamp = read_u64(cache + layout.cache_version);
		d->refcount = read_u64(cache + layout.cache_refcount);
	}
	d->ino = BPF_CORE_READ((struct inode *)inode, i_ino);
	d->impure = word >> (layout.impure_bit & 63) & 1;
	d->whiteouts = word >> (layout.whiteouts_bit & 63) & 1;
	upper = (struct dentry *)read_u64(inode + layout.inode_upper);
	if (upper)
		d->upper_ino = BPF_CORE_READ(upper, d_inode, i_ino);
}

struct walk {
	__u64 sb;
	__u64 head;
	__u64 at; /* the current i_sb_list */
	__u64 before; /* the last one that was in the list, or head */
	__u32 ended;
	__u32 torn;
	__u32 n;
};

static __always_inline void walk_dir(struct inode *inode)
{
	__u64 addr = (__u64)inode, cache;
	struct ovla_dir d = {};
	struct dentry *dentry;
	__u32 at = used;

	if (only_inode && only_inode != addr)
		return;
	cache = read_u64(addr + layout.inode_cache);
	if (!cache && !only_inode)
		return;
	dir_read(&d, addr, cache);
	dentry = inode_alias(addr);
	d.no_name = !dentry;
	if (dentry)
		d.unhashed = BPF_CORE_READ(dentry, d_parent) != dentry &&
			     !BPF_CORE_READ(dentry, d_hash.pprev);
	used = at + sizeof(d);
	if (dentry && !put_path(dentry))
		d.no_name = 1;
	if (flags & OVLA_FULL) {
		used = at;
		return;
	}
	d.path_len = used - at - sizeof(d);
	put_head(at, &d, sizeof(d));
}

static long walk_one(__u32 i, struct walk *w)
{
	struct inode *inode;
	__u64 next;

	if (w->at == w->head) {
		w->ended = 1;
		return 1;
	}
	next = read_u64(w->at);
	if (next == w->at) {
		/* removed during the walk: continue at its predecessor */
		next = read_u64(w->before);
		w->torn = next == w->before || next == w->at;
		w->at = next;
		return w->torn;
	}
	inode = (struct inode *)(w->at - bpf_core_field_offset(struct inode, i_sb_list));
	if ((__u64)BPF_CORE_READ(inode, i_sb) != w->sb) {
		w->torn = 1;
		return 1;
	}
	w->n++;
	if (inode_is_dir(inode))
		walk_dir(inode);
	w->before = w->at;
	w->at = next;
	return !!(flags & OVLA_FULL);
}

static __always_inline void walk(struct file *file)
{
	struct super_block *sb = BPF_CORE_READ(file, f_inode, i_sb);
	struct walk w = { .sb = (__u64)sb };

	if (!put_path(BPF_CORE_READ(file, f_path.dentry)))
		flags |= OVLA_TORN;
	root_len = used;
	w.head = w.sb + bpf_core_field_offset(struct super_block, s_inodes);
	w.before = w.head;
	w.at = read_u64(w.head);
	bpf_loop(OVLA_INODES, walk_one, &w, 0);
	inodes = w.n;
	if (w.torn)
		flags |= OVLA_TORN;
	else if (!w.ended && !(flags & OVLA_FULL))
		flags |= OVLA_TOO_MANY;
}

struct dump {
	__u64 head;
	__u64 at; /* the current l_node */
	__u64 before;
	__u32 n;
	__u32 ended;
};

#define RAW_U64(raw, off) (*(__u64 *)((raw) + ((off) & (OVLA_RAW - 8))))
#define RAW_BIT(raw, bit) ((raw)[(bit) >> 3 & (OVLA_RAW - 1)] >> ((bit)&7) & 1)

static __always_inline void put_entry(__u64 entry, const unsigned char *raw)
{
	struct ovla_entry e = {};
	__u32 at = used, n;

	bpf_probe_read_kernel(&e.len, sizeof(e.len), (void *)(entry + layout.entry_len));
	bpf_probe_read_kernel(&e.type, sizeof(e.type), (void *)(entry + layout.entry_type));
	e.real_ino = RAW_U64(raw, layout.entry_real_ino);
	e.ino = RAW_U64(raw, layout.entry_ino);
	e.upper = RAW_BIT(raw, layout.entry_upper_bit);
	e.whiteout = RAW_BIT(raw, layout.entry_whiteout_bit);
	if (layout.entry_xwhiteout_bit >= 0)
		e.xwhiteout = RAW_BIT(raw, layout.entry_xwhiteout_bit);
	used = at + sizeof(e);
	n = put_name((void *)(entry + layout.entry_name));
	if (flags & OVLA_FULL) {
		used = at;
		return;
	}
	if (!n) {
		flags |= OVLA_TORN;
		return;
	}
	e.name_len = n - 1;
	put_head(at, &e, sizeof(e));
}

static long dump_one(__u32 i, struct dump *d)
{
	unsigned char raw[OVLA_RAW] __attribute__((aligned(8)));
	__u64 entry = d->at - layout.entry_node;

	if (d->at == d->head) {
		d->ended = 1;
		return 1;
	}
	if (bpf_probe_read_kernel(raw, sizeof(raw), (void *)entry) ||
	    RAW_U64(raw, layout.entry_node + 8) != d->before) {
		flags |= OVLA_TORN;
		return 1;
	}
	if (d->n++ >= skip)
		put_entry(entry, raw);
	d->before = d->at;
	d->at = RAW_U64(raw, layout.entry_node);
	return !!flags;
}

static __always_inline void dump(struct file *file)
{
	__u64 inode = (__u64)BPF_CORE_READ(file, f_inode), cache;
	struct ovla_dir d = {};
	struct dump w = {};

	cache = read_u64(inode + layout.inode_cache);
	dir_read(&d, inode, cache);
	if (cache) {
		w.head = w.before = cache + layout.cache_entries;
		w.at = read_u64(w.head);
		bpf_loop(OVLA_ENTRIES, dump_one, &w, 0);
		if (!w.ended && !flags)
			flags |= OVLA_TOO_MANY;
		if (w.ended && read_u64(w.head + 8) != w.before)
			flags |= OVLA_TORN;
		if (read_u64(cache + layout.cache_version) != d.stamp)
			flags |= OVLA_TORN;
	}
	if (read_u64(inode + layout.inode_cache) != cache ||
	    read_u64(inode + layout.inode_version) != d.version)
		flags |= OVLA_TORN;
	dir = d;
}

SEC("iter/task_file")
int ovlt_audit(struct bpf_iter__task_file *ctx)
{
	struct task_struct *me = bpf_get_current_task_btf();
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	__u64 fs;

	if (!task || !file || ctx->fd != (__u32)target_fd || task->pid != me->pid)
		return 0;
	runs++;
	fs = (__u64)BPF_CORE_READ(file, f_inode, i_sb, s_fs_info);
	bpf_probe_read_kernel(&xino_mode, sizeof(xino_mode), (void *)(fs + layout.fs_xino_mode));
	if (what == OVLA_WALK)
		walk(file);
	else if (inode_is_dir(BPF_CORE_READ(file, f_inode)))
		dump(file);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
