// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listings, rebuilds and invalidations of directory caches, impure and merged,
 * counted for each directory where they happen: nothing is written for each.
 * Only loaded for `run --hits` and `top`.
 *
 * fs/overlayfs/readdir.c, read at 6.1, 6.12 and 7.3: ovl_iterate() is the file
 * operation, so it is a function wherever overlayfs is. It runs with the
 * directory's lock held for writing, and so do the bumps of its version.
 */
#include "dirstat.bpf.h"

static __always_inline void hit(struct ovls_key *key, __u64 dentry, bool first)
{
	struct ovls_dir *d;

	if (!pid_wanted())
		return;
	d = dir_get(key);
	if (!d) {
		__sync_fetch_and_add(&rest[key->kind & 1].readdirs, 1);
		__sync_fetch_and_add(&rest[key->kind & 1].hits, 1);
		return;
	}
	if (first)
		__sync_fetch_and_add(&d->listings, 1);
	__sync_fetch_and_add(&d->readdirs, 1);
	__sync_fetch_and_add(&d->hits, 1);
	if (!d->parent)
		path_tell(key, d, dentry);
}

static __always_inline struct ovls_listing *listing_push(__u64 id)
{
	struct ovls_task *t = task_get();
	struct ovls_listing *l;

	if (!t) {
		__sync_fetch_and_add(&no_room, 1);
		return NULL;
	}
	/* nothing is stacked so deep: the ends of earlier ones were not seen */
	if (t->depth >= OVLS_DEPTH) {
		__sync_fetch_and_add(&unfinished, t->depth);
		__sync_fetch_and_add(&open_listings, -(__s64)t->depth);
		t->depth = 0;
	}
	l = &t->in[t->depth++ & 3];
	l->id = id;
	__sync_fetch_and_add(&open_listings, 1);
	return l;
}

/*
 * A listing that is surely served from the impure cache is counted at once,
 * by the condition of ovl_cache_get_impure(): nothing is asked at its end.
 */
static __always_inline void listing_enters(struct ovls_key *key, __u64 id, __u64 od,
					   __u64 dentry, bool first)
{
	bool is_real, is_upper, fresh;
	struct inode_words w;
	struct ovls_listing *l;

	if (!wanted(key->dev))
		return;
	inode_read(&w, key->inode);
	file_read(od, &is_real, &is_upper);
	fresh = w.slot && read_u64(w.slot + layout.cache_version) == w.version;
	key->kind = OVLS_IMPURE;
	/* a stream that takes a merged directory for a real one is put right at its begin */
	if (is_real && !w.whiteouts) {
		if (!w.impure || !is_upper)
			return;
		if (fresh) {
			hit(key, dentry, first);
			return;
		}
	}
	l = listing_push(id);
	if (!l)
		return;
	l->dir = *key;
	l->od = od;
	l->dentry = dentry;
	l->slot = w.slot;
	l->fresh = fresh;
	l->began = 0;
	l->first = first;
	l->store_ns = l->drop_ns = l->windows_ns = 0;
	l->begin_ns = bpf_ktime_get_ns();
}

/* Takes the call's listing off the task; what lies on it was never seen to end. */
static __always_inline bool listing_pop(__u64 id, struct ovls_listing *out)
{
	struct ovls_task *t = task_peek();
	bool found = false;
	__u32 i;

	if (!t)
		return false;
	for (i = 0; i < OVLS_DEPTH; i++)
		found |= i < t->depth && t->in[i].id == id;
	if (!found)
		return false;
	for (i = 0; i < OVLS_DEPTH && t->depth; i++) {
		struct ovls_listing *l = &t->in[--t->depth & 3];

		__sync_fetch_and_add(&open_listings, -1);
		if (l->id == id) {
			*out = *l;
			break;
		}
		__sync_fetch_and_add(&unfinished, 1);
	}
	if (!t->depth)
		*(volatile __u32 *)&t->tid = 0;
	return true;
}

static __always_inline void window_ends(struct ovls_listing *l, __u64 now)
{
	struct ovls_dir *d;

	if (!l->drop_ns)
		return;
	l->windows_ns += now - l->drop_ns;
	l->drop_ns = 0;
	__sync_fetch_and_add(&open_windows, -1);
	d = bpf_map_lookup_elem(&dirs, &l->dir);
	if (d)
		__sync_fetch_and_add(&d->building, -1);
}

static __always_inline void rebuilt(struct ovls_listing *l, struct ovls_dir *d, __u64 now)
{
	__u64 ns = (l->store_ns ? l->store_ns : now) - l->begin_ns;

	if (!d) {
		__sync_fetch_and_add(&rest[l->dir.kind & 1].rebuilds, 1);
		__sync_fetch_and_add(&rest[l->dir.kind & 1].rebuild_ns, ns);
		return;
	}
	__sync_fetch_and_add(&d->rebuilds, 1);
	__sync_fetch_and_add(&d->rebuild_ns, ns);
	__sync_fetch_and_add(&d->windows_ns, l->windows_ns);
	if (!l->slot)
		__sync_fetch_and_add(&d->cold, 1);
	if (ns > d->max_ns)
		d->max_ns = ns;
	actor_count(&l->dir, OVLS_REBUILDS, ns);
}

enum outcome {
	NOT_CACHED, /* no cache has to do with it */
	HIT,
	REBUILT,
	FAILED, /* before there was a cache */
};

static __always_inline enum outcome outcome_of(const struct ovls_listing *l, bool is_real,
					       const struct inode_words *w, int ret)
{
	if (!is_real)
		return l->store_ns ? REBUILT : read_u64(l->od + more.file_cache) ? HIT : FAILED;
	if (l->began)
		return REBUILT;
	if (l->fresh)
		return HIT;
	if (sees_begin)
		return NOT_CACHED;
	return l->store_ns || !w->impure || ret < 0 ? REBUILT : NOT_CACHED;
}

static __always_inline void listing_leaves(__u64 id, int ret)
{
	bool is_real, is_upper;
	struct ovls_listing l = {};
	struct inode_words w;
	enum outcome how;
	struct ovls_dir *d;
	__u64 now;

	if (!*(volatile __s64 *)&open_listings || !listing_pop(id, &l))
		return;
	now = bpf_ktime_get_ns();
	window_ends(&l, now);
	inode_read(&w, l.dir.inode);
	file_read(l.od, &is_real, &is_upper);
	l.dir.kind = is_real ? OVLS_IMPURE : OVLS_MERGED;
	how = outcome_of(&l, is_real, &w, ret);
	if (how == NOT_CACHED)
		return;
	d = dir_get(&l.dir);
	if (d)
		d->version = w.version;
	if (!pid_wanted())
		return;
	if (d && l.first)
		__sync_fetch_and_add(&d->listings, 1);
	__sync_fetch_and_add(d ? &d->readdirs : &rest[l.dir.kind & 1].readdirs, 1);
	if (how == HIT)
		__sync_fetch_and_add(d ? &d->hits : &rest[l.dir.kind & 1].hits, 1);
	if (how == REBUILT)
		rebuilt(&l, d, now);
	if (!d)
		return;
	if (how == REBUILT || !d->parent)
		path_tell(&l.dir, d, l.dentry);
	if (how == REBUILT)
		measure(d, w.slot, now);
}

/*
 * A version bump outdates a cache if that was up to date before, or is in the
 * making in somebody's window. More bumps outdate nothing.
 */
static __always_inline void modified(struct ovls_key *key, __u64 dentry, bool impurity)
{
	__u64 stamp, refcount;
	struct inode_words w;
	bool bumped, building;
	__u32 *op, tid;
	struct ovls_dir *d;

	if (!wanted(key->dev))
		return;
	inode_read(&w, key->inode);
	if (!w.slot && !*(volatile __s64 *)&open_windows)
		return;
	refcount = w.slot ? read_u64(w.slot + layout.cache_refcount) : 0;
	stamp = w.slot ? read_u64(w.slot + layout.cache_version) : 0;
	key->kind = refcount ? OVLS_MERGED : OVLS_IMPURE;
	d = bpf_map_lookup_elem(&dirs, key);
	building = d && *(volatile __u32 *)&d->building;
	/* of a directory that was never listed, only the kernel's own condition tells */
	bumped = d && d->measured_ns ? w.version != d->version : impurity || w.whiteouts;
	if (d)
		d->version = w.version;
	if (!bumped)
		return;
	if (d)
		__sync_fetch_and_add(&d->mods, 1);
	if (!building && (!w.slot || stamp + 1 != w.version))
		return;
	if (!d) {
		d = dir_get(key);
		if (!d)
			return;
		d->version = w.version;
		__sync_fetch_and_add(&d->mods, 1);
	}
	__sync_fetch_and_add(&d->invalidations, 1);
	if (!d->parent)
		path_tell(key, d, dentry);
	tid = (__u32)bpf_get_current_pid_tgid();
	op = bpf_map_lookup_elem(&ops, &tid);
	actor_count(key, op ? *op : OVLW_OP_UNKNOWN, 0);
}

/* The lock of the argument is about to be released in a rebuild. */
static __always_inline void lock_drop(__u64 arg)
{
	struct ovls_listing *l = listing_of(0);
	struct inode_words w;
	struct ovls_dir *d;

	if (!l || !l->began || l->drop_ns ||
	    (arg != l->dir.inode &&
	     arg != l->dir.inode + bpf_core_field_offset(struct inode, i_rwsem)))
		return;
	d = dir_get(&l->dir);
	if (d) {
		inode_read(&w, l->dir.inode);
		d->version = w.version;
		__sync_fetch_and_add(&d->building, 1);
	}
	__sync_fetch_and_add(&open_windows, 1);
	l->drop_ns = bpf_ktime_get_ns();
}

/* A lock was taken; the owner tells whether it was the directory's: see dir.bpf.h. */
static __always_inline void lock_retaken(void)
{
	struct ovls_listing *l = listing_of(0);
	struct inode *inode;
	__u64 owner;

	if (!l || !l->drop_ns)
		return;
	inode = (struct inode *)l->dir.inode;
	owner = BPF_CORE_READ(inode, i_rwsem.owner.counter);
	if ((owner & ~6ULL) == (__u64)bpf_get_current_task())
		window_ends(l, bpf_ktime_get_ns());
}

static __always_inline void rebuild_begins(__u64 inode)
{
	struct ovls_listing *l = listing_of(inode);

	if (l)
		l->began = 1;
}

static __always_inline void stored(__u64 inode, __u64 cache)
{
	struct ovls_listing *l = cache ? listing_of(inode) : NULL;

	if (l)
		l->store_ns = bpf_ktime_get_ns();
}

/* Where the kernel's types are known, its memory is read by plain loads. */
#define TYPED_KEY(inode)                                                                        \
	{                                                                                       \
		.inode = as_number(inode), .ino = (inode)->i_ino, .dev = (inode)->i_sb->s_dev   \
	}

static __always_inline void key_read(struct ovls_key *key, struct inode *inode)
{
	key->inode = (__u64)inode;
	key->ino = BPF_CORE_READ(inode, i_ino);
	key->dev = BPF_CORE_READ(inode, i_sb, s_dev);
}

SEC("fentry")
int BPF_PROG(stat_enter_iterate, struct file *file, struct dir_context *at)
{
	struct inode *inode = file->f_inode;
	struct ovls_key key = TYPED_KEY(inode);

	listing_enters(&key, as_number(file), as_number(file->private_data),
		       as_number(file->f_path.dentry), !at->pos);
	return 0;
}

SEC("fexit")
int BPF_PROG(stat_leave_iterate, struct file *file, struct dir_context *at, int ret)
{
	listing_leaves(as_number(file), ret);
	return 0;
}

/* The same where there are no trampolines. */
SEC("kprobe")
int stat_on_iterate(struct pt_regs *ctx)
{
	struct file *file = (struct file *)PT_REGS_PARM1(ctx);
	struct ovls_key key = {};

	key_read(&key, BPF_CORE_READ(file, f_inode));
	listing_enters(&key, PT_REGS_SP(ctx), (__u64)BPF_CORE_READ(file, private_data),
		       (__u64)BPF_CORE_READ(file, f_path.dentry),
		       !BPF_CORE_READ((struct dir_context *)PT_REGS_PARM2(ctx), pos));
	return 0;
}

/* The call's return address is off the stack by now. */
SEC("kretprobe")
int stat_on_iterate_ret(struct pt_regs *ctx)
{
	listing_leaves(PT_REGS_SP(ctx) - sizeof(__u64), (int)PT_REGS_RC(ctx));
	return 0;
}

/* Call site of ovl_path_upper(dentry, path) in ovl_dir_read_impure(). */
SEC("kprobe")
int stat_at_path_upper(struct pt_regs *ctx)
{
	if (*(volatile __s64 *)&open_listings)
		rebuild_begins((__u64)BPF_CORE_READ((struct dentry *)PT_REGS_PARM1(ctx), d_inode));
	return 0;
}

/* Entry of ovl_dir_read_impure(path, list, root), where it is a function. */
SEC("kprobe")
int stat_on_read_impure(struct pt_regs *ctx)
{
	struct dentry *dentry = NULL;

	/* struct path is { mnt, dentry } in include/linux/path.h */
	bpf_probe_read_kernel(&dentry, sizeof(dentry),
			      (void *)(PT_REGS_PARM1(ctx) + sizeof(void *)));
	rebuild_begins((__u64)BPF_CORE_READ(dentry, d_inode));
	return 0;
}

/* Call site of up_write(sem) and its like. */
SEC("kprobe")
int stat_at_unlock(struct pt_regs *ctx)
{
	lock_drop(PT_REGS_PARM1(ctx));
	return 0;
}

/* After the call of down_write() and its like. */
SEC("kprobe")
int stat_at_locked(struct pt_regs *ctx)
{
	lock_retaken();
	return 0;
}

SEC("fentry")
int BPF_PROG(stat_enter_set_dir_cache, struct inode *inode, struct ovl_dir_cache *cache)
{
	stored(as_number(inode), as_number(cache));
	return 0;
}

SEC("kprobe")
int stat_on_set_dir_cache(struct pt_regs *ctx)
{
	stored(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx));
	return 0;
}

/* Entry of a directory operation, before it modifies anything. */
SEC("kprobe")
int stat_on_op(struct pt_regs *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid(), op = bpf_get_attach_cookie(ctx) >> 16 & 0xff;

	bpf_map_update_elem(&ops, &tid, &op, BPF_ANY);
	return 0;
}

/* The version is bumped in it, or not. */
SEC("fexit")
int BPF_PROG(stat_after_modified, struct dentry *dentry, bool impurity)
{
	struct inode *inode = dentry->d_inode;
	struct ovls_key key = TYPED_KEY(inode);

	modified(&key, as_number(dentry), impurity);
	return 0;
}

/* What a kretprobe does not see: the arguments of its call. */
struct modifying {
	__u64 dentry;
	bool impurity;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct modifying);
} modifying SEC(".maps");

SEC("kprobe")
int stat_on_modified(struct pt_regs *ctx)
{
	struct modifying m = { PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx) };
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	bpf_map_update_elem(&modifying, &tid, &m, BPF_ANY);
	return 0;
}

SEC("kretprobe")
int stat_on_modified_ret(struct pt_regs *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct modifying *m = bpf_map_lookup_elem(&modifying, &tid);
	struct ovls_key key = {};
	struct dentry *dentry;

	if (!m || !m->dentry)
		return 0;
	dentry = (struct dentry *)m->dentry;
	key_read(&key, BPF_CORE_READ(dentry, d_inode));
	modified(&key, (__u64)dentry, m->impurity);
	m->dentry = 0;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
