// SPDX-License-Identifier: GPL-2.0-only
/*
 * The probes. Each program says where it is put and calls one helper. Where that is on a given kernel, the
 * plan decides: a function's entry, or a call site in a caller into which the
 * function was inlined. At a call site the registers hold the callee's
 * arguments.
 */
#include "dir.bpf.h"

static __always_inline void emit_event(__u16 type, __u64 inode, __u32 site,
				       const struct task_state *st, bool locked, __u64 wait_from)
{
	struct ovlw_event *ev = ring_reserve(sizeof(*ev));

	if (!ev)
		return;
	hdr_fill(&ev->hdr, type, site);
	dir_fill(&ev->dir, inode, st);
	ev->task.cgroup = 0;
	ev->task.comm[0] = 0;
	if (type == OVLW_BEGIN)
		task_fill(&ev->task);
	ev->wait_ns = wait_from ? ev->hdr.ts_ns - wait_from : 0;
	ev->locked = locked;
	ev->pad = 0;
	/* once a rebuild is often enough to see that the ring fills up */
	bpf_ringbuf_submit(ev, type == OVLW_BEGIN ? ring_flags() : BPF_RB_NO_WAKEUP);
}

/* Each register is read at its own fixed offset: the verifier wants it so. */
static __always_inline __u64 arg_of(struct pt_regs *ctx, __u32 n)
{
	__u64 a0 = PT_REGS_PARM1(ctx), a1 = PT_REGS_PARM2(ctx), a2 = PT_REGS_PARM3(ctx);
	__u64 a3 = PT_REGS_PARM4(ctx), a4 = PT_REGS_PARM5(ctx);

	asm volatile("" : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4));
	return n == 0 ? a0 : n == 1 ? a1 : n == 2 ? a2 : n == 3 ? a3 : a4;
}

static __always_inline void begin(struct dentry *dentry, __u32 site)
{
	__u64 inode = (__u64)BPF_CORE_READ(dentry, d_inode);
	struct task_state st = {};
	__u32 tid = current_tid();

	if (!inode || !dir_wanted(inode))
		return;
	st.inode = inode;
	st.ino = BPF_CORE_READ((struct inode *)inode, i_ino);
	st.dev = dir_dev(inode);
	st.version = read_u64(inode + layout.inode_version);
	if (bpf_map_update_elem(&tasks, &tid, &st, BPF_ANY))
		lose(OVLW_LOST_TASK);
	path_emit(dentry, inode, &st);
	emit_event(OVLW_BEGIN, inode, site, &st, dir_locked(inode), 0);
}

/* Call site of ovl_path_upper(dentry, path) in ovl_dir_read_impure(). */
SEC("kprobe")
int at_path_upper(struct pt_regs *ctx)
{
	begin((struct dentry *)PT_REGS_PARM1(ctx),
	      OVLW_COOKIE_SITE(bpf_get_attach_cookie(ctx)));
	return 0;
}

/* Entry of ovl_dir_read_impure(path, list, root), where it is a function. */
SEC("kprobe")
int on_read_impure(struct pt_regs *ctx)
{
	struct dentry *dentry = NULL;

	/* struct path is { mnt, dentry } in include/linux/path.h */
	bpf_probe_read_kernel(&dentry, sizeof(dentry),
			      (void *)(PT_REGS_PARM1(ctx) + sizeof(void *)));
	begin(dentry, 0);
	return 0;
}

/* Its return: the only exact source of a rebuild's errno. */
SEC("kretprobe")
int on_read_impure_ret(struct pt_regs *ctx)
{
	struct task_state *st = state_peek();

	if (st)
		st->err = (__s32)PT_REGS_RC(ctx);
	return 0;
}

/*
 * Call site of ovl_path_open() or ovl_dir_read(): the listing begins. The
 * first one follows the begin with nothing between them; another one means
 * that the kernel threw the content away and reads anew.
 */
SEC("kprobe")
int at_read(struct pt_regs *ctx)
{
	struct task_state *st = state_peek();
	__u64 version;

	if (!st || !st->inode)
		return 0;
	version = read_u64(st->inode + layout.inode_version);
	if (st->reads++ == 0 && version == st->version)
		return 0;
	st->version = version;
	emit_event(OVLW_READ, st->inode, OVLW_COOKIE_SITE(bpf_get_attach_cookie(ctx)), st,
		   dir_locked(st->inode), 0);
	return 0;
}

static __always_inline __u32 *window_count(__u64 inode)
{
	/* inodes come from a slab: the low bits are the same in all */
	return &windows[inode * 0x9e3779b97f4a7c15ULL >> 52 & (WINDOW_SLOTS - 1)];
}

static __always_inline void window_open(struct task_state *st)
{
	__sync_fetch_and_add(window_count(st->inode), 1);
	st->window = st->inode;
	st->lock_ns = 0;
	__sync_fetch_and_add(&open_windows, 1);
}

static __always_inline void window_close(struct task_state *st)
{
	if (!st->window)
		return;
	__sync_fetch_and_add(window_count(st->window), -1);
	st->window = 0;
	__sync_fetch_and_add(&open_windows, -1);
}

/* A lock function is given i_rwsem; inode_lock() and its like, the inode. */
static __always_inline bool is_lock_of(__u64 arg, __u64 inode)
{
	return arg == inode || arg == inode + bpf_core_field_offset(struct inode, i_rwsem);
}

/*
 * Call site of up_write(sem) and its like: the lock is about to be released.
 * A call inside of a function that does only this (its cookie says so) was
 * announced by that function's caller, if the caller passed the inode.
 */
SEC("kprobe")
int at_unlock(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	struct task_state *st = state_peek();

	if (!st || !st->inode || !is_lock_of(PT_REGS_PARM1(ctx), st->inode) ||
	    (OVLW_COOKIE_ARG(cookie) && st->window))
		return 0;
	emit_event(OVLW_DROP, st->inode, OVLW_COOKIE_SITE(cookie), st, dir_locked(st->inode), 0);
	window_open(st);
	return 0;
}

/* Call site of down_write(sem) and its like: the wait for the lock begins. */
SEC("kprobe")
int at_lock(struct pt_regs *ctx)
{
	struct task_state *st = state_peek();

	if (st && st->window && is_lock_of(PT_REGS_PARM1(ctx), st->window))
		st->lock_ns = bpf_ktime_get_ns();
	return 0;
}

/*
 * After the call of down_write() and its like. The argument is gone by now;
 * the owner tells whether it was this directory's lock that was taken.
 */
SEC("kprobe")
int at_locked(struct pt_regs *ctx)
{
	struct task_state *st = state_peek();

	if (!st || !st->window || !dir_locked(st->window))
		return 0;
	emit_event(OVLW_RETAKE, st->window, OVLW_COOKIE_SITE(bpf_get_attach_cookie(ctx)), st,
		   true, st->lock_ns);
	window_close(st);
	return 0;
}

static __always_inline struct ovlw_cache *cache_event(__u16 type, __u64 inode,
						      __u64 cache, __u32 site,
						      const struct task_state *st)
{
	struct ovlw_cache *ev = ring_reserve(sizeof(*ev));

	if (!ev)
		return NULL;
	hdr_fill(&ev->hdr, type, site);
	if (inode)
		dir_fill(&ev->dir, inode, st);
	else
		__builtin_memset(&ev->dir, 0, sizeof(ev->dir));
	ev->cache = cache;
	ev->stamp = cache ? read_u64(cache + layout.cache_version) : 0;
	ev->refcount = cache ? read_u64(cache + layout.cache_refcount) : 0;
	ev->slot_refcount = ev->dir.slot ? read_u64(ev->dir.slot + layout.cache_refcount) : 0;
	ev->err = 0;
	ev->entries = 0;
	ev->flags = 0;
	ev->pad = 0;
	return ev;
}

/* typed: the cache once more, where the program may follow it; else NULL */
static __always_inline void store(__u64 inode, __u64 cache, struct task_state *st,
				  struct ovl_dir_cache *typed)
{
	bool mine = st && st->inode == inode, bad = false;
	struct ovlw_cache *ev;
	__u32 n = 0;

	if (cache && !(typed && cache_count_typed(typed, &n, &bad)))
		n = cache_count(cache, &bad);
	ev = cache_event(OVLW_SET, inode, cache, 0, st);
	if (ev) {
		ev->entries = n;
		ev->flags = (mine ? OVLW_F_REBUILD : 0) | (bad ? OVLW_F_BADLIST : 0);
		bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
	}
	if (cache && bpf_map_update_elem(&ledger, &cache, &inode, BPF_ANY))
		lose(OVLW_LOST_LEDGER);
	if (cache && mine) {
		st->inode = 0;
		window_close(st);
		state_put(st);
	}
}

static __always_inline void set_dir_cache(__u64 inode, __u64 cache, struct ovl_dir_cache *typed)
{
	__u64 slot = dir_slot(inode);
	struct task_state *st = state_peek();
	bool mine = st && st->inode == inode, live;
	__u64 *owner;

	if (!mine && cache && read_u64(cache + layout.cache_refcount))
		return;
	if (!mine && !dir_wanted(inode))
		return;
	/* freed here, its memory may be another directory's cache by now */
	owner = slot && slot != cache ? bpf_map_lookup_elem(&ledger, &slot) : NULL;
	live = owner && *owner == inode;
	if (live || (mine && slot && slot != st->freed))
		bpf_map_update_elem(&overwritten, &slot, &inode, BPF_ANY);
	/* A cache freed before is in the ledger no more: nothing to tell. */
	if (cache || live)
		store(inode, cache, st, typed);
	if (live)
		bpf_map_delete_elem(&ledger, &slot);
}

/*
 * Entry of ovl_set_dir_cache(inode, cache). Merged directories come here too;
 * their caches are refcounted and none of ours.
 */
SEC("fentry")
int BPF_PROG(enter_set_dir_cache, struct inode *inode, struct ovl_dir_cache *cache)
{
	set_dir_cache((__u64)inode, (__u64)cache, cache);
	return 0;
}

/* The same where fentry can't be had. */
SEC("kprobe")
int on_set_dir_cache(struct pt_regs *ctx)
{
	set_dir_cache(PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), NULL);
	return 0;
}

/*
 * A register that a callee preserves and that holds a negative errno, if all
 * that do agree: the rebuild's error, which no probe can see otherwise once
 * ovl_dir_read_impure() is inlined.
 */
static __always_inline __s32 err_guess(struct pt_regs *ctx)
{
	__s64 regs[] = { ctx->bx, ctx->bp, ctx->r12, ctx->r13, ctx->r14, ctx->r15 };
	__s32 err = 0;
	int i;

	for (i = 0; i < 6; i++) {
		__s64 r = regs[i];

		/* an int may have been kept in its lower half only */
		if (r > 0x7fffffffLL && r <= 0xffffffffLL)
			r = (__s32)r;
		if (r < -4095 || r >= 0)
			continue;
		if (err && err != r)
			return 0;
		err = (__s32)r;
	}
	return err;
}

/* inode: whose cache it is, 0 if that is not known */
static __always_inline void freed(struct pt_regs *ctx, __u64 cache, __u64 inode,
				  struct task_state *st, __u32 site)
{
	bool mine = st && st->inode && (!inode || st->inode == inode);
	bool fresh = mine && !inode && cache != dir_slot(st->inode);
	struct ovlw_cache *ev;

	ev = cache_event(OVLW_FREE, mine ? st->inode : inode, cache, site, st);
	if (ev) {
		ev->flags = (mine ? OVLW_F_REBUILD : 0) | (fresh ? OVLW_F_NEW : 0);
		if (fresh) {
			ev->err = st->err;
			if (!ev->err) {
				ev->err = err_guess(ctx);
				if (ev->err)
					ev->flags |= OVLW_F_GUESS;
			}
		}
		bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
	}
	if (bpf_map_delete_elem(&ledger, &cache))
		bpf_map_delete_elem(&overwritten, &cache);
	if (!st)
		return;
	if (fresh)
		st->inode = 0;
	st->freed = cache;
	state_put(st);
}

/*
 * Call site of kfree(p) and its like on the impure path. p may be a cache or
 * one of its entries: it is a cache if it is known as one, or if its list is
 * empty and so points to itself, as ovl_cache_free() leaves it. An entry has
 * an inode number there.
 */
SEC("kprobe")
int at_free(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx);
	__u64 p = arg_of(ctx, OVLW_COOKIE_ARG(cookie)), head = p + layout.cache_entries;
	__u32 site = OVLW_COOKIE_SITE(cookie) & (OVLW_MAX_SITES - 1);
	struct task_state *st;
	__u64 *owner;

	if (!p)
		return 0;
	st = state_peek();
	owner = bpf_map_lookup_elem(&ledger, &p);
	if (!owner)
		owner = bpf_map_lookup_elem(&overwritten, &p);
	if (!owner && read_u64(head) != head &&
	    !(st && st->inode && dir_slot(st->inode) == p)) {
		site_other[site]++;
		return 0;
	}
	site_cache[site]++;
	if (ndevs && !owner && !(st && st->inode))
		return 0;
	freed(ctx, p, owner ? *owner : 0, st, site);
	return 0;
}

/* Entry of ovl_dir_cache_free(inode): what is in the slot is freed. */
SEC("kprobe")
int on_dir_cache_free(struct pt_regs *ctx)
{
	__u64 inode = PT_REGS_PARM1(ctx);
	__u64 cache = dir_slot(inode);
	struct task_state *st = state_peek();

	if (!cache || !dir_wanted(inode))
		return 0;
	freed(ctx, cache, inode, st, 0);
	return 0;
}

static __always_inline void destroyed(__u64 inode, __u32 site)
{
	__u64 slot = dir_slot(inode);
	bool known = bpf_map_lookup_elem(&seen, &inode) != NULL;

	if (!known && !(slot && bpf_map_lookup_elem(&ledger, &slot)))
		return;
	emit_event(OVLW_DESTROY, inode, site, NULL, dir_locked(inode), 0);
	bpf_map_delete_elem(&seen, &inode);
	if (slot)
		bpf_map_delete_elem(&ledger, &slot);
}

/* Call site of ovl_dir_cache_free(inode) in ovl_destroy_inode(). */
SEC("kprobe")
int at_destroy(struct pt_regs *ctx)
{
	destroyed(PT_REGS_PARM1(ctx), OVLW_COOKIE_SITE(bpf_get_attach_cookie(ctx)));
	return 0;
}

/* Entry of ovl_destroy_inode(inode), where it frees the cache by itself. */
SEC("kprobe")
int on_destroy_inode(struct pt_regs *ctx)
{
	struct inode *inode = (struct inode *)PT_REGS_PARM1(ctx);

	/* S_ISDIR: only a directory has a cache in that union */
	if ((BPF_CORE_READ(inode, i_mode) & 0170000) == 0040000)
		destroyed((__u64)inode, 0);
	return 0;
}

/* No operation has a name for its first argument, and 0 stands for "none". */
static __always_inline __u64 op_name(struct pt_regs *ctx, __u32 arg)
{
	return arg ? arg_of(ctx, arg) : 0;
}

/*
 * Entry of a directory operation (ovl_rename() etc.): who does what. The VFS
 * holds the parents' locks here, so a window of a parent that matters is
 * open already.
 */
SEC("kprobe")
int on_op(struct pt_regs *ctx)
{
	struct op_state op = {};
	__u32 tid = current_tid();
	__u64 cookie;

	if (!*(volatile __s64 *)&open_windows)
		return 0;
	cookie = bpf_get_attach_cookie(ctx);
	op.op = cookie >> 16 & 0xff;
	op.name = op_name(ctx, cookie >> 8 & 0xff);
	op.name2 = op_name(ctx, cookie & 0xff);
	bpf_map_update_elem(&operations, &tid, &op, BPF_ANY);
	return 0;
}

static __always_inline void name_fill(char *to, __u64 dentry)
{
	const unsigned char *name = NULL;

	to[0] = 0;
	if (!dentry)
		return;
	name = BPF_CORE_READ((struct dentry *)dentry, d_name.name);
	if (bpf_probe_read_kernel_str(to, OVLW_NAME, name) < 0)
		to[0] = 0;
}

static __always_inline __u64 parent_of(__u64 dentry)
{
	return (__u64)BPF_CORE_READ((struct dentry *)dentry, d_parent, d_inode);
}

static __always_inline __u32 moved(__u64 inode, struct op_state *op)
{
	__u64 from = op->name ? parent_of(op->name) : 0, to = op->name2 ? parent_of(op->name2) : 0;

	if (!from || !to || from == to)
		return OVLW_MOVED_WITHIN;
	return from == inode ? OVLW_MOVED_OUT : OVLW_MOVED_IN;
}

static __always_inline struct op_state *op_peek(void)
{
	__u32 tid = current_tid();

	return bpf_map_lookup_elem(&operations, &tid);
}

static __always_inline void modified(__u64 inode, struct op_state *op)
{
	struct ovlw_modify *ev = ring_reserve(sizeof(*ev));

	if (!ev)
		return;
	__builtin_memset(ev, 0, sizeof(*ev));
	hdr_fill(&ev->hdr, OVLW_MODIFY, 0);
	dir_fill(&ev->dir, inode, NULL);
	task_fill(&ev->task);
	if (op) {
		ev->op = op->op;
		name_fill(ev->name, op->name);
		name_fill(ev->name2, op->name2);
		if (op->op == OVLW_OP_RENAME)
			ev->moved = moved(inode, op);
	}
	bpf_ringbuf_submit(ev, ring_flags());
}

static __always_inline __u64 modified_dir(struct dentry *dentry)
{
	__u64 inode;

	if (!*(volatile __s64 *)&open_windows)
		return 0;
	inode = (__u64)BPF_CORE_READ(dentry, d_inode);
	return *(volatile __u32 *)window_count(inode) ? inode : 0;
}

/*
 * ovl_dir_modified(dentry, impurity) is not always a version bump, and the
 * bump is in it: so the version is read when it returns.
 */
SEC("fexit")
int BPF_PROG(after_dir_modified, struct dentry *dentry)
{
	__u64 inode = modified_dir(dentry);

	if (inode)
		modified(inode, op_peek());
	return 0;
}

/* The same where fexit can't be had: entry and return. */
SEC("kprobe")
int on_dir_modified(struct pt_regs *ctx)
{
	__u64 inode = modified_dir((struct dentry *)PT_REGS_PARM1(ctx));
	struct op_state *op = inode ? op_peek() : NULL, fresh = {};
	__u32 tid = current_tid();

	if (op) {
		op->dir = inode;
	} else if (inode) {
		fresh.dir = inode;
		bpf_map_update_elem(&operations, &tid, &fresh, BPF_ANY);
	}
	return 0;
}

SEC("kretprobe")
int on_dir_modified_ret(struct pt_regs *ctx)
{
	struct op_state *op;

	if (!*(volatile __s64 *)&open_windows)
		return 0;
	op = op_peek();
	if (op && op->dir) {
		modified(op->dir, op);
		op->dir = 0;
	}
	return 0;
}

/*
 * Entry of ovl_iterate_real(file, ctx), only with --hits: it is on the cached
 * path. The condition is that of ovl_is_impure_dir() and ovl_cache_get_impure(),
 * and the lock that they rely on is held here.
 */
SEC("kprobe")
int on_iterate_real(struct pt_regs *ctx)
{
	struct file *file = (struct file *)PT_REGS_PARM1(ctx);
	__u64 inode = (__u64)BPF_CORE_READ(file, f_inode), slot;
	__u64 od = (__u64)BPF_CORE_READ(file, private_data);
	bool is_upper = true;

	if (!dir_impure(inode) || !dir_wanted(inode))
		return 0;
	if (layout.file_is_upper >= 0)
		bpf_probe_read_kernel(&is_upper, sizeof(is_upper),
				      (void *)(od + layout.file_is_upper));
	if (!is_upper)
		return 0;
	__sync_fetch_and_add(&readdirs, 1);
	slot = dir_slot(inode);
	if (slot && read_u64(slot + layout.cache_version) == read_u64(inode + layout.inode_version))
		__sync_fetch_and_add(&hits, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
