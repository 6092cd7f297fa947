// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel sources that this relies on: fs/overlayfs/readdir.c
 * (ovl_cache_get_impure, ovl_dir_read_impure, ovl_dir_cache_free), util.c
 * (ovl_set_dir_cache, ovl_dir_modified), super.c (ovl_destroy_inode) and dir.c
 * (ovl_dir_inode_operations), read at 6.1, 6.12 and 7.3.
 */
#include "plan.h"

#include <stdarg.h>
#include <string.h>

#define DIR_CACHE_FREE "ovl_dir_cache_free"
#define READ_IMPURE "ovl_dir_read_impure"

struct callee_arg {
	const char *name;
	int arg;
};

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

const char *plan_event__name(enum plan_event ev)
{
	static const char *const names[PLAN_EVENTS] = {
		[PLAN_REBUILD_BEGIN] = "rebuild_begin",
		[PLAN_CONTENT_READ] = "content_read",
		[PLAN_LOCK_DROPPED] = "lock_dropped",
		[PLAN_LOCK_RETAKEN] = "lock_retaken",
		[PLAN_CACHE_STORED] = "cache_stored",
		[PLAN_CACHE_FREED] = "cache_freed",
		[PLAN_IMPURE_CLEARED] = "impure_cleared",
		[PLAN_DIR_MODIFIED] = "dir_modified",
		[PLAN_DIR_OPERATION] = "dir_operation",
		[PLAN_INODE_DESTROYED] = "inode_destroyed",
		[PLAN_READDIR] = "readdir",
	};

	return names[ev];
}

const char *plan_provider__name(enum plan_provider p)
{
	static const char *const names[] = {
		[PLAN_NONE] = "none",	   [PLAN_CODE] = "code",
		[PLAN_CALL_SITE] = "kprobe-call-site", [PLAN_ENTRY] = "kprobe",
		[PLAN_RETURN] = "kretprobe", [PLAN_FEXIT] = "fexit",
		[PLAN_FENTRY] = "fentry",
		[PLAN_AFTER_CALL] = "kprobe-after-call",
		[PLAN_OTHER] = "other",
	};

	return names[p];
}

const char *plan__lock_drop_name(const struct plan *plan)
{
	static const char *const names[] = { "unknown", "absent", "present" };

	return names[plan->lock_drop];
}

__attribute__((format(printf, 3, 4))) static void say(char *buf, size_t size,
						       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, size, fmt, ap);
	va_end(ap);
}

#define SAY(buf, ...) say(buf, sizeof(buf), __VA_ARGS__)

static struct plan_probe *probe_add(struct plan *plan, enum plan_event ev,
				    enum plan_provider how, const char *prog,
				    const struct ksym *func, uint64_t addr)
{
	struct plan_probe *p;

	if (plan->nprobes == PLAN_MAX_PROBES) {
		plan->graph.truncated = true;
		SAY(plan->cover[ev].evidence, "more than %d probes are wanted", PLAN_MAX_PROBES);
		return NULL;
	}
	p = &plan->probe[plan->nprobes++];
	memset(p, 0, sizeof(*p));
	p->event = ev;
	p->provider = how;
	p->prog = prog;
	p->func = func;
	p->addr = addr;
	return p;
}

static void cover(struct plan *plan, enum plan_event ev, enum plan_provider how,
		  const char *target)
{
	plan->cover[ev].provider = how;
	SAY(plan->cover[ev].target, "%s", target);
}

static const struct callee_arg *wanted(const struct callee_arg *list, const char *name)
{
	for (; list->name; list++)
		if (ksym__is(name, list->name))
			return list;
	return NULL;
}

/* Appends "func+0x12" to what evidence says already. */
static void evidence_site(char *evidence, size_t size, const struct code_call *c)
{
	size_t n = strlen(evidence);

	say(evidence + n, size - n, "%s%s+0x%llx", n ? " " : "", c->from->name,
	    (unsigned long long)(c->addr - c->from->addr));
}

struct site_spec {
	enum plan_event event;
	const struct callee_arg *callees;
	const char *prog;
	bool roots_only;
	bool through; /* callers of a function that does only this, too */
	bool after; /* probe the instruction after the call */
};

/*
 * ovl_check_whiteouts() takes and releases the lock of the *upper* directory,
 * not of the overlay's: it says nothing about the lock drop, and frees no cache.
 */
static bool is_foreign_lock(const struct code_call *c)
{
	return ksym__is(c->from->name, "ovl_check_whiteouts");
}

/* Probes every call of the listed functions. Returns how many there are. */
static size_t sites(struct plan *plan, const struct site_spec *s)
{
	struct plan_coverage *cov = &plan->cover[s->event];
	size_t i, found = 0;

	for (i = 0; i < plan->graph.ncalls; i++) {
		const struct code_call *c = &plan->graph.call[i];
		const struct callee_arg *callee = wanted(s->callees, c->to->name);
		struct plan_probe *p;

		if (!callee || (s->roots_only && !code__is_root(&plan->graph, c->from)) ||
		    is_foreign_lock(c))
			continue;
		/* a jump is followed by its callers' returns, which have their own entries */
		if (s->after ? c->tail : c->through && !s->through)
			continue;
		p = probe_add(plan, s->event, s->after ? PLAN_AFTER_CALL : PLAN_CALL_SITE,
			      s->prog, c->from, c->addr + (s->after ? CODE_CALL_LEN : 0));
		if (!p)
			break;
		p->callee = c->to;
		p->optional = code__is_passed_on(&plan->graph, c);
		p->cookie = OVLW_COOKIE(plan->nprobes,
					s->through ? p->optional : callee->arg);
		if (!found++) {
			cover(plan, s->event, p->provider, c->to->name);
			cov->evidence[0] = 0;
		}
		evidence_site(cov->evidence, sizeof(cov->evidence), c);
	}
	return found;
}

static bool entry(struct plan *plan, enum plan_event ev, enum plan_provider how,
		  const char *prog, const char *func, const struct ksyms *ks)
{
	const struct ksym *sym = ksyms__find(ks, func);

	if (!sym) {
		SAY(plan->cover[ev].evidence, "no symbol %s", func);
		return false;
	}
	if (!probe_add(plan, ev, how, prog, sym, sym->addr))
		return false;
	cover(plan, ev, how, func);
	SAY(plan->cover[ev].evidence, "symbol %s", func);
	return true;
}

static bool called(const struct plan *plan, const char *name)
{
	size_t i;

	for (i = 0; i < plan->graph.ncalls; i++)
		if (!strcmp(plan->graph.call[i].to->name, name))
			return true;
	return false;
}

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
	static const struct site_spec read = {
		PLAN_CONTENT_READ, reads, "at_read", true, false, false };

	if (ksyms__find(in->ks, READ_IMPURE) && called(plan, READ_IMPURE)) {
		entry(plan, PLAN_REBUILD_BEGIN, PLAN_ENTRY, "on_read_impure", READ_IMPURE, in->ks);
		entry(plan, PLAN_REBUILD_BEGIN, PLAN_RETURN, "on_read_impure_ret", READ_IMPURE,
		      in->ks);
		cover(plan, PLAN_REBUILD_BEGIN, PLAN_ENTRY, READ_IMPURE);
	} else if (!sites(plan, &begin)) {
		SAY(plan->cover[PLAN_REBUILD_BEGIN].evidence,
		    "no call of ovl_path_upper in ovl_iterate_real");
	}
	if (!sites(plan, &read))
		SAY(plan->cover[PLAN_CONTENT_READ].evidence,
		    "no call of ovl_path_open or ovl_dir_read in ovl_iterate_real");
}

static void plan_lock(struct plan *plan)
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

		if (!wanted(unlocks, c->to->name) || is_foreign_lock(c) || code__is_passed_on(g, c))
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
		cover(plan, PLAN_LOCK_DROPPED, PLAN_CODE, g->func[0]->name);
		cover(plan, PLAN_LOCK_RETAKEN, PLAN_CODE, g->func[0]->name);
		SAY(plan->cover[PLAN_LOCK_DROPPED].evidence, "%s", plan->lock_evidence);
		SAY(plan->cover[PLAN_LOCK_RETAKEN].evidence, "%s", plan->lock_evidence);
		return;
	}
	/* in a helper it may be another lock: only the run itself can tell */
	plan->lock_drop = in_root ? LOCK_DROP_PRESENT : LOCK_DROP_UNKNOWN;
	sites(plan, &drop);
	sites(plan, &wait);
	if (!sites(plan, &retake)) {
		cover(plan, PLAN_LOCK_RETAKEN, PLAN_NONE, "");
		SAY(plan->cover[PLAN_LOCK_RETAKEN].evidence,
		    "no return from a call that takes a lock for writing");
	}
}

static void plan_store(struct plan *plan, const struct plan_input *in)
{
	static const char *const func = "ovl_set_dir_cache";

	if (called(plan, func) || plan->graph.err || plan->graph.truncated)
		entry(plan, PLAN_CACHE_STORED, in->fexit ? PLAN_FENTRY : PLAN_ENTRY,
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

	n = sites(plan, &spec);
	for (i = from; i < plan->nprobes; i++)
		plan->probe[i].may_be_entry = true;
	if (called(plan, DIR_CACHE_FREE) &&
	    entry(plan, PLAN_CACHE_FREED, PLAN_ENTRY, "on_dir_cache_free", DIR_CACHE_FREE, in->ks))
		n++;
	if (!n) {
		SAY(cov->evidence, "no call that frees memory on the impure path");
		SAY(plan->cover[PLAN_IMPURE_CLEARED].evidence, "%s", cov->evidence);
		return;
	}
	/* the flag is read when the empty cache, never stored, is freed */
	plan->cover[PLAN_IMPURE_CLEARED] = *cov;
}

static void plan_modify(struct plan *plan, const struct plan_input *in)
{
	static const char *const func = "ovl_dir_modified";
	struct plan_coverage *cov = &plan->cover[PLAN_DIR_OPERATION];
	size_t i, n = 0;

	if (plan->lock_drop == LOCK_DROP_ABSENT) {
		cover(plan, PLAN_DIR_MODIFIED, PLAN_CODE, func);
		SAY(plan->cover[PLAN_DIR_MODIFIED].evidence,
		    "the lock is held during a rebuild: nobody can modify the directory");
		plan->cover[PLAN_DIR_OPERATION] = plan->cover[PLAN_DIR_MODIFIED];
		return;
	}
	if (in->fexit && ksyms__find(in->ks, func)) {
		entry(plan, PLAN_DIR_MODIFIED, PLAN_FEXIT, "after_dir_modified", func, in->ks);
	} else if (entry(plan, PLAN_DIR_MODIFIED, PLAN_ENTRY, "on_dir_modified", func, in->ks)) {
		entry(plan, PLAN_DIR_MODIFIED, PLAN_RETURN, "on_dir_modified_ret", func, in->ks);
	}
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		const struct ksym *sym = ksyms__find(in->ks, ops[i].func);
		struct plan_probe *p;
		int arg[2] = { 0, 0 }, args;

		args = in->dentry_args ? in->dentry_args(in->btf_ctx, ops[i].func, arg) : -1;
		if (!sym)
			continue;
		p = probe_add(plan, PLAN_DIR_OPERATION, PLAN_ENTRY, "on_op", sym, sym->addr);
		if (!p)
			break;
		/* no prototype: the operation is known, the names are not */
		p->cookie = args > 0 ? OVLW_OP_COOKIE(ops[i].op, arg[0], args > 1 ? arg[1] : 0) :
				       OVLW_OP_COOKIE(ops[i].op, 0, 0);
		if (!n++)
			cover(plan, PLAN_DIR_OPERATION, PLAN_ENTRY, ops[i].func);
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
		p = probe_add(plan, PLAN_INODE_DESTROYED, PLAN_CALL_SITE, "at_destroy", destroy,
			      c->addr);
		if (!p)
			return;
		p->callee = c->to;
		p->cookie = OVLW_COOKIE(plan->nprobes, 0);
		cover(plan, PLAN_INODE_DESTROYED, PLAN_CALL_SITE, DIR_CACHE_FREE);
		evidence_site(cov->evidence, sizeof(cov->evidence), c);
		return;
	}
	entry(plan, PLAN_INODE_DESTROYED, PLAN_ENTRY, "on_destroy_inode", "ovl_destroy_inode",
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
	plan_lock(plan);
	plan_store(plan, in);
	plan_free(plan, in);
	plan_modify(plan, in);
	plan_destroy(plan, in);
	if (in->hits)
		entry(plan, PLAN_READDIR, PLAN_ENTRY, "on_iterate_real", "ovl_iterate_real", in->ks);
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
		if (plan->cover[needed[i]].provider == PLAN_NONE)
			return false;
	}
	/* what could not be read may hide another way to drop the lock */
	*missing = PLAN_LOCK_DROPPED;
	return plan->layout_known && !plan->graph.err && !plan->graph.truncated;
}
