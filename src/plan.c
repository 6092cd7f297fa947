// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel sources that this relies on: fs/overlayfs/readdir.c
 * (ovl_cache_get_impure, ovl_dir_read_impure, ovl_dir_cache_free), util.c
 * (ovl_set_dir_cache, ovl_dir_modified), super.c (ovl_destroy_inode) and dir.c
 * (ovl_dir_inode_operations), read at 6.1, 6.12 and 7.3.
 */
#include "plan_int.h"

#include <string.h>

#define DIR_CACHE_FREE "ovl_dir_cache_free"
#define READ_IMPURE "ovl_dir_read_impure"

/* Releases i_rwsem when it is given it. */
static const struct callee_arg unlocks[] = {
	{ "up_write", 0 }, { "downgrade_write", 0 }, { NULL, 0 },
};

static const struct callee_arg locks[] = {
	{ "down_write", 0 },
	{ "down_write_nested", 0 },
	{ "_down_write_nest_lock", 0 },
	{ "down_write_killable", 0 },
	{ "down_write_killable_nested", 0 },
	{ "down_write_trylock", 0 },
	{ NULL, 0 },
};

/* What a cache may be freed with, and which argument it is. */
static const struct callee_arg frees[] = {
	{ "kfree", 0 }, { "kvfree", 0 }, { "kfree_sensitive", 0 },
	{ "kvfree_call_rcu", 1 }, { "kmem_cache_free", 1 }, { NULL, 0 },
};

static const struct callee_arg path_upper[] = { { "ovl_path_upper", 0 }, { NULL, 0 } };
static const struct callee_arg reads[] = {
	{ "ovl_path_open", 0 }, { "ovl_dir_read", 0 }, { NULL, 0 },
};

static const struct callee_arg removexattr[] = {
	{ "vfs_removexattr", 0 }, { "ovl_removexattr", 0 }, { "ovl_do_removexattr", 0 },
	{ "__vfs_removexattr", 0 }, { NULL, 0 },
};

struct op_hook {
	const char *func;
	enum ovlw_op op;
};

static const struct op_hook ops[] = {
	{ "ovl_rename", OVLW_OP_RENAME },   { "ovl_unlink", OVLW_OP_UNLINK },
	{ "ovl_create", OVLW_OP_CREATE },   { "ovl_mkdir", OVLW_OP_MKDIR },
	{ "ovl_rmdir", OVLW_OP_RMDIR },	    { "ovl_link", OVLW_OP_LINK },
	{ "ovl_symlink", OVLW_OP_SYMLINK }, { "ovl_mknod", OVLW_OP_MKNOD },
};

static void graph_make(struct plan *plan, const struct plan_input *in)
{
	static const char *const roots[] = {
		"ovl_iterate_real", "ovl_cache_get_impure", READ_IMPURE, "ovl_iterate",
	};
	const struct ksyms *ks = in->ks;
	size_t r, i;

	for (r = 0; r < 4; r++) {
		/* ovl_iterate() is the place only where it swallowed all others */
		if (r == 3 && plan->graph.nfuncs)
			break;
		for (i = 0; i < ks->n; i++)
			if (ks->v[i].ovl && ks->v[i].text && ksym__is(ks->v[i].name, roots[r]))
				code__add(&plan->graph, ks, &ks->v[i], true, DIR_CACHE_FREE,
					  in->read, in->read_ctx);
	}
	code__add_through(&plan->graph);
}

static void plan_begin(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec begin = {
		PLAN_REBUILD_BEGIN, path_upper, "at_path_upper", true, false, false };
	if (ksyms__find(in->ks, READ_IMPURE) && plan__called(plan, READ_IMPURE)) {
		plan__entry(plan, PLAN_REBUILD_BEGIN, PLAN_ENTRY, "on_read_impure", READ_IMPURE, in->ks);
		plan__entry(plan, PLAN_REBUILD_BEGIN, PLAN_RETURN, "on_read_impure_ret", READ_IMPURE,
		      in->ks);
		plan__cover(plan, PLAN_REBUILD_BEGIN, PLAN_ENTRY, READ_IMPURE);
	} else if (!plan__sites(plan, &begin)) {
		SAY(plan->cover[PLAN_REBUILD_BEGIN].evidence,
		    "no call of ovl_path_upper in ovl_iterate_real");
	}
}

/* Reading again matters only where the directory can change in between. */
static void plan_read(struct plan *plan)
{
	static const struct site_spec read = {
		PLAN_CONTENT_READ, reads, "at_read", true, false, false };
	struct plan_coverage *cov = &plan->cover[PLAN_CONTENT_READ];

	if (plan->lock_drop == LOCK_DROP_ABSENT) {
		plan__cover(plan, PLAN_CONTENT_READ, PLAN_CODE, plan->graph.func[0]->name);
		SAY(cov->evidence, "the lock is held during a rebuild: it reads one content");
	} else if (!plan__sites(plan, &read)) {
		SAY(cov->evidence, "no call of ovl_path_open or ovl_dir_read in ovl_iterate_real");
	}
}

static void plan_lock(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec drop = {
		PLAN_LOCK_DROPPED, unlocks, "at_unlock", false, true, false };
	static const struct site_spec wait = {
		PLAN_LOCK_RETAKEN, locks, "at_lock", false, true, false };
	static const struct site_spec retake = {
		PLAN_LOCK_RETAKEN, locks, "at_locked", false, true, true };
	const struct code_graph *g = &plan->graph;
	size_t i, drops = 0, in_root = 0;

	for (i = 0; i < g->ncalls; i++) {
		const struct code_call *c = &g->call[i];

		if (!plan__wanted(unlocks, c->to->name) || plan__is_foreign_lock(c) || code__is_passed_on(g, c))
			continue;
		drops++;
		in_root += code__is_root(g, c->from);
		if (drops == 1)
			SAY(plan->lock_evidence, "%s calls %s at +0x%llx", c->from->name,
			    c->to->name, (unsigned long long)(c->addr - c->from->addr));
	}
	if (!drops && (g->err || g->truncated || !g->nfuncs)) {
		SAY(plan->lock_evidence, "the code of %s could not be read",
		    g->err_in ? g->err_in->name : "ovl_iterate_real");
		SAY(plan->cover[PLAN_LOCK_DROPPED].evidence, "%s", plan->lock_evidence);
		SAY(plan->cover[PLAN_LOCK_RETAKEN].evidence, "%s", plan->lock_evidence);
		return;
	}
	if (!drops) {
		plan->lock_drop = LOCK_DROP_ABSENT;
		SAY(plan->lock_evidence, "no release of a lock in the %zu functions that %s reaches",
		    g->nfuncs, g->func[0]->name);
		plan__cover(plan, PLAN_LOCK_DROPPED, PLAN_CODE, g->func[0]->name);
		plan__cover(plan, PLAN_LOCK_RETAKEN, PLAN_CODE, g->func[0]->name);
		SAY(plan->cover[PLAN_LOCK_DROPPED].evidence, "%s", plan->lock_evidence);
		SAY(plan->cover[PLAN_LOCK_RETAKEN].evidence, "%s", plan->lock_evidence);
		return;
	}
	/* in a helper it may be another lock: only the run itself can tell */
	plan->lock_drop = in_root ? LOCK_DROP_PRESENT : LOCK_DROP_UNKNOWN;
	plan__sites(plan, &drop);
	if (!in->quiet)
		plan__sites(plan, &wait);
	if (!plan__sites(plan, &retake)) {
		plan__cover(plan, PLAN_LOCK_RETAKEN, PLAN_NONE, "");
		SAY(plan->cover[PLAN_LOCK_RETAKEN].evidence,
		    "no return from a call that takes a lock for writing");
	}
}

static void plan_store(struct plan *plan, const struct plan_input *in)
{
	static const char *const func = "ovl_set_dir_cache";

	if (plan__called(plan, func) || plan->graph.err || plan->graph.truncated)
		plan__entry(plan, PLAN_CACHE_STORED, in->fexit ? PLAN_FENTRY : PLAN_ENTRY,
		      in->fexit ? "enter_set_dir_cache" : "on_set_dir_cache", func, in->ks);
	else
		SAY(plan->cover[PLAN_CACHE_STORED].evidence,
		    "%s is not called on the impure path: the slot is written in another way", func);
}

static void plan_free(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec spec = {
		PLAN_CACHE_FREED, frees, "at_free", false, false, false };
	struct plan_coverage *cov = &plan->cover[PLAN_CACHE_FREED];
	size_t i, n, from = plan->nprobes;

	n = plan__sites(plan, &spec);
	for (i = from; i < plan->nprobes; i++)
		plan->probe[i].may_be_entry = true;
	if (plan__called(plan, DIR_CACHE_FREE) &&
	    plan__entry(plan, PLAN_CACHE_FREED, PLAN_ENTRY, "on_dir_cache_free", DIR_CACHE_FREE, in->ks))
		n++;
	if (!n)
		SAY(cov->evidence, "no call that frees memory on the impure path");
}

static void plan_clear(struct plan *plan)
{
	static const struct site_spec spec = {
		PLAN_IMPURE_CLEARED, removexattr, "at_removexattr", true, false, false };
	struct plan_coverage *cov = &plan->cover[PLAN_IMPURE_CLEARED];

	if (plan__sites(plan, &spec))
		return;
	/* the flag at the retake and at the free: a clear of what is clear goes unseen */
	*cov = plan->cover[PLAN_CACHE_FREED];
	cov->inferred = cov->provider != PLAN_NONE;
}

static void plan_modify(struct plan *plan, const struct plan_input *in)
{
	static const char *const func = "ovl_dir_modified";
	struct plan_coverage *cov = &plan->cover[PLAN_DIR_OPERATION];
	size_t i, n = 0;

	if (plan->lock_drop == LOCK_DROP_ABSENT) {
		plan__cover(plan, PLAN_DIR_MODIFIED, PLAN_CODE, func);
		SAY(plan->cover[PLAN_DIR_MODIFIED].evidence,
		    "the lock is held during a rebuild: nobody can modify the directory");
		plan->cover[PLAN_DIR_OPERATION] = plan->cover[PLAN_DIR_MODIFIED];
		return;
	}
	if (in->quiet) {
		SAY(plan->cover[PLAN_DIR_MODIFIED].evidence, "not asked for: nobody reads it");
		SAY(cov->evidence, "not asked for: nobody reads it");
		return;
	}
	if (in->fexit && ksyms__find(in->ks, func)) {
		plan__entry(plan, PLAN_DIR_MODIFIED, PLAN_FEXIT, "after_dir_modified", func, in->ks);
	} else if (plan__entry(plan, PLAN_DIR_MODIFIED, PLAN_ENTRY, "on_dir_modified", func, in->ks)) {
		plan__entry(plan, PLAN_DIR_MODIFIED, PLAN_RETURN, "on_dir_modified_ret", func, in->ks);
	}
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		const struct ksym *sym = ksyms__find(in->ks, ops[i].func);
		struct plan_probe *p;
		int arg[2] = { 0, 0 }, args;

		args = in->dentry_args ? in->dentry_args(in->btf_ctx, ops[i].func, arg) : -1;
		if (!sym)
			continue;
		p = plan__probe_add(plan, PLAN_DIR_OPERATION, PLAN_ENTRY, "on_op", sym, sym->addr);
		if (!p)
			break;
		/* no prototype: the operation is known, the names are not */
		p->cookie = args > 0 ? OVLW_OP_COOKIE(ops[i].op, arg[0], args > 1 ? arg[1] : 0) :
				       OVLW_OP_COOKIE(ops[i].op, 0, 0);
		if (!n++)
			plan__cover(plan, PLAN_DIR_OPERATION, PLAN_ENTRY, ops[i].func);
		SAY(cov->evidence, "%zu inode operations, %s", n,
		    args > 0 ? "names by their BTF prototypes" : "no prototypes: no names");
	}
	if (!n)
		SAY(cov->evidence, "no inode operation of overlayfs is a symbol");
}

static void plan_destroy(struct plan *plan, const struct plan_input *in)
{
	const struct ksym *destroy = ksyms__find(in->ks, "ovl_destroy_inode");
	struct code_graph *g = &plan->graph;
	size_t i, from = g->ncalls;

	if (!destroy) {
		SAY(plan->cover[PLAN_INODE_DESTROYED].evidence, "no symbol ovl_destroy_inode");
		return;
	}
	code__calls_in(g, in->ks, destroy, in->read, in->read_ctx);
	for (i = from; i < g->ncalls; i++) {
		const struct code_call *c = &g->call[i];
		struct plan_coverage *cov = &plan->cover[PLAN_INODE_DESTROYED];
		struct plan_probe *p;

		if (strcmp(c->to->name, DIR_CACHE_FREE))
			continue;
		p = plan__probe_add(plan, PLAN_INODE_DESTROYED, PLAN_CALL_SITE, "at_destroy", destroy,
			      c->addr);
		if (!p)
			return;
		p->callee = c->to;
		p->cookie = OVLW_COOKIE(plan->nprobes, 0);
		plan__cover(plan, PLAN_INODE_DESTROYED, PLAN_CALL_SITE, DIR_CACHE_FREE);
		plan__evidence_site(cov->evidence, sizeof(cov->evidence), c);
		return;
	}
	plan__entry(plan, PLAN_INODE_DESTROYED, PLAN_ENTRY, "on_destroy_inode", "ovl_destroy_inode",
	      in->ks);
}

static void plan_layout(struct plan *plan, const struct plan_input *in)
{
	if (in->btf_layout) {
		plan->layout = *in->btf_layout;
		plan->layout_known = true;
		SAY(plan->layout_evidence, "BTF of overlayfs");
	} else if (!layout__learn(&plan->layout, in->ks, in->read, in->read_ctx)) {
		plan->layout_known = true;
		SAY(plan->layout_evidence, "no BTF of overlayfs: read from its accessors' code");
	} else {
		SAY(plan->layout_evidence, "no BTF of overlayfs, and its accessors are unknown");
	}
}

void plan__make(struct plan *plan, const struct plan_input *in)
{
	memset(plan, 0, sizeof(*plan));
	plan_layout(plan, in);
	graph_make(plan, in);
	plan_begin(plan, in);
	plan_lock(plan, in);
	plan_read(plan);
	plan_store(plan, in);
	plan_free(plan, in);
	plan_clear(plan);
	plan_modify(plan, in);
	plan_destroy(plan, in);
	if (in->hits)
		plan__entry(plan, PLAN_READDIR, PLAN_ENTRY, "on_iterate_real", "ovl_iterate_real", in->ks);
	else
		SAY(plan->cover[PLAN_READDIR].evidence, "not asked for (run --hits)");
}

bool plan__complete(const struct plan *plan, enum plan_event *missing)
{
	static const enum plan_event needed[] = {
		PLAN_REBUILD_BEGIN, PLAN_CONTENT_READ, PLAN_LOCK_DROPPED, PLAN_LOCK_RETAKEN,
		PLAN_CACHE_STORED,  PLAN_CACHE_FREED,  PLAN_IMPURE_CLEARED,
	};
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		*missing = needed[i];
		if (plan->cover[needed[i]].provider == PLAN_NONE ||
		    plan->cover[needed[i]].proof == PLAN_CONTRADICTED ||
		    (plan->cover[needed[i]].inferred && plan->lock_drop != LOCK_DROP_ABSENT))
			return false;
	}
	/* what could not be read may hide another way to drop the lock */
	*missing = PLAN_LOCK_DROPPED;
	return plan->layout_known && !plan->graph.err && !plan->graph.truncated;
}
