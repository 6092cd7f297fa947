// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chain of providers of each logical event, best first.
 *
 * Kernel sources that this relies on: fs/overlayfs/readdir.c
 * (ovl_cache_get_impure, ovl_dir_read_impure, ovl_dir_cache_free), util.c
 * (ovl_set_dir_cache, ovl_dir_modified), super.c (ovl_destroy_inode) and dir.c
 * (ovl_dir_inode_operations), read at 6.1, 6.12 and 7.3.
 */
#include "plan/internal.h"

#include <string.h>

#define READ_IMPURE "ovl_dir_read_impure"

/* Functions that release the lock in their argument. */
const struct callee_arg plan__unlocks[] = {
	{ "up_write", 0 },
	{ "downgrade_write", 0 },
	{ NULL, 0 },
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

static const struct callee_arg path_upper[] = { { "ovl_path_upper", 0 }, { NULL, 0 } };
static const struct callee_arg reads[] = {
	{ "ovl_path_open", 0 },
	{ "ovl_dir_read", 0 },
	{ NULL, 0 },
};

/* Each returns whether its probes are in the plan; if not, the evidence says why. */

static bool begin_function(struct plan *plan, const struct plan_input *in)
{
	struct coverage *cov = &plan->cover[EVENT_REBUILD_BEGIN];

	if (!plan__called(plan, READ_IMPURE)) {
		SET_EVIDENCE(cov->evidence, "nothing calls %s: it is inlined", READ_IMPURE);
		return false;
	}
	if (!plan__entry(plan, in, HOOK(EVENT_REBUILD_BEGIN, PROVIDER_ENTRY, PROG_on_read_impure),
			 READ_IMPURE))
		return false;
	plan__entry(plan, in, HOOK(EVENT_REBUILD_BEGIN, PROVIDER_RETURN, PROG_ret_read_impure),
		    READ_IMPURE);
	plan__cover(plan, EVENT_REBUILD_BEGIN, PROVIDER_ENTRY, READ_IMPURE);
	return true;
}

static bool begin_site(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec begin = {
		EVENT_REBUILD_BEGIN, path_upper, PROG_at_path_upper, true, false, false
	};

	(void)in;
	return plan__sites_or(plan, &begin, "no call of ovl_path_upper in ovl_iterate_real");
}

/* Calls of ovl_path_upper() count only inside ovl_iterate_real(). */
static bool begin_typed(struct plan *plan, const struct plan_input *in)
{
	return plan__may_call(plan, "ovl_path_upper") &&
	       plan__typed(plan, in,
			   HOOK(EVENT_REBUILD_BEGIN, PROVIDER_FENTRY, PROG_in_iterate_real),
			   "ovl_iterate_real") &&
	       plan__typed(plan, in,
			   HOOK(EVENT_REBUILD_BEGIN, PROVIDER_FEXIT, PROG_out_iterate_real),
			   "ovl_iterate_real") &&
	       plan__typed(plan, in, HOOK(EVENT_REBUILD_BEGIN, PROVIDER_FENTRY, PROG_in_path_upper),
			   "ovl_path_upper");
}

static const struct choice begin_chain[] = {
	{ PROVIDER_ENTRY, begin_function, false },
	{ PROVIDER_CALL_SITE, begin_site, false },
	{ PROVIDER_FENTRY, begin_typed, true },
	{ 0 },
};

/* A second read matters only if the directory can change in between. */
static bool read_once(struct plan *plan, const struct plan_input *in)
{
	(void)in;
	if (plan->lock_drop != LOCK_DROP_ABSENT)
		return false;
	plan__cover(plan, EVENT_CONTENT_READ, PROVIDER_CODE, plan->graph.func[0]->name);
	SET_EVIDENCE(plan->cover[EVENT_CONTENT_READ].evidence,
		     "the lock is held during a rebuild: it reads one content");
	return true;
}

static bool read_site(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec read = {
		EVENT_CONTENT_READ, reads, PROG_at_read, true, false, false
	};

	(void)in;
	return plan__sites_or(plan, &read,
			      "no call of ovl_path_open or ovl_dir_read in ovl_iterate_real");
}

static bool read_typed(struct plan *plan, const struct plan_input *in)
{
	return plan__may_call(plan, "ovl_path_open") &&
	       plan__typed(plan, in, HOOK(EVENT_CONTENT_READ, PROVIDER_FENTRY, PROG_in_path_open),
			   "ovl_path_open");
}

static const struct choice read_chain[] = {
	{ PROVIDER_CODE, read_once, false },
	{ PROVIDER_CALL_SITE, read_site, false },
	{ PROVIDER_FENTRY, read_typed, false },
	{ 0 },
};

/* Only for code that was read completely; plan->lock_evidence says which. */
static bool never_dropped(struct plan *plan, enum logical_event ev)
{
	if (plan->lock_drop != LOCK_DROP_ABSENT) {
		SET_EVIDENCE(plan->cover[ev].evidence, "%s", plan->lock_evidence);
		return false;
	}
	plan__cover(plan, ev, PROVIDER_CODE, plan->graph.func[0]->name);
	SET_EVIDENCE(plan->cover[ev].evidence, "%s", plan->lock_evidence);
	return true;
}

/* A window is a time without the lock that a reader holds for writing. */
static bool no_windows(struct plan *plan, enum logical_event ev)
{
	if (!plan->shared)
		return false;
	plan__cover(plan, ev, PROVIDER_CODE, "ovl_iterate");
	SET_EVIDENCE(plan->cover[ev].evidence,
		     "readers share the directory's lock: there are no windows");
	return true;
}

static bool drop_shared(struct plan *plan, const struct plan_input *in)
{
	(void)in;
	return no_windows(plan, EVENT_LOCK_DROPPED);
}

static bool reacquire_shared(struct plan *plan, const struct plan_input *in)
{
	(void)in;
	return no_windows(plan, EVENT_LOCK_REACQUIRED);
}

static bool drop_never(struct plan *plan, const struct plan_input *in)
{
	(void)in;
	return never_dropped(plan, EVENT_LOCK_DROPPED);
}

static bool drop_site(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec drop = {
		EVENT_LOCK_DROPPED, plan__unlocks, PROG_at_unlock, false, true, false
	};

	(void)in;
	return plan__sites(plan, &drop);
}

/* Does the code call only listed functions of this kind? */
static bool calls_only(const struct plan *plan, const struct callee_arg *of, const char *a,
		       const char *b)
{
	size_t i;

	for (i = 0; i < plan->graph.ncalls; i++) {
		const char *to = plan->graph.call[i].to->name;

		if (plan__wanted(of, to) && !plan__is_foreign_lock(&plan->graph.call[i]) &&
		    strcmp(to, a) && strcmp(to, b))
			return false;
	}
	return true;
}

static bool drop_typed(struct plan *plan, const struct plan_input *in)
{
	if (calls_only(plan, plan__unlocks, "up_write", ""))
		return plan__typed(plan, in,
				   HOOK(EVENT_LOCK_DROPPED, PROVIDER_FENTRY, PROG_in_up_write),
				   "up_write");
	SET_EVIDENCE(plan->cover[EVENT_LOCK_DROPPED].evidence,
		     "another function than up_write is called");
	return false;
}

static const struct choice drop_chain[] = {
	{ PROVIDER_CODE, drop_shared, false },
	{ PROVIDER_CODE, drop_never, false },
	{ PROVIDER_CALL_SITE, drop_site, false },
	{ PROVIDER_FENTRY, drop_typed, true },
	{ 0 },
};

static bool reacquire_never(struct plan *plan, const struct plan_input *in)
{
	(void)in;
	return never_dropped(plan, EVENT_LOCK_REACQUIRED);
}

static bool reacquire_site(struct plan *plan, const struct plan_input *in)
{
	static const struct site_spec wait = {
		EVENT_LOCK_REACQUIRED, locks, PROG_at_lock, false, true, false
	};
	static const struct site_spec retake = {
		EVENT_LOCK_REACQUIRED, locks, PROG_at_locked, false, true, true
	};
	struct coverage *cov = &plan->cover[EVENT_LOCK_REACQUIRED];

	if (!plan__sites_or(plan, &retake,
			    plan->lock_drop != LOCK_DROP_UNKNOWN || !plan->graph.err ?
				    "no return from a call that takes a lock for writing" :
				    ""))
		return false;
	if (!in->quiet) {
		struct coverage was = *cov;
		size_t from = plan->nprobes;

		plan__sites(plan, &wait);
		*cov = was;
		/* the duration of the wait is optional */
		if (plan__refused(plan, in, EVENT_LOCK_REACQUIRED, from)) {
			plan->nprobes = from;
			*cov = was;
		}
	}
	return true;
}

static bool reacquire_typed(struct plan *plan, const struct plan_input *in)
{
	if (calls_only(plan, locks, "down_write", "down_write_killable"))
		return plan__typed(plan, in,
				   HOOK(EVENT_LOCK_REACQUIRED, PROVIDER_FENTRY, PROG_in_down_write),
				   "down_write") &&
		       plan__typed(plan, in,
				   HOOK(EVENT_LOCK_REACQUIRED, PROVIDER_FEXIT,
					PROG_out_killable_down_write),
				   "down_write_killable") &&
		       plan__typed(plan, in,
				   HOOK(EVENT_LOCK_REACQUIRED, PROVIDER_FEXIT, PROG_out_down_write),
				   "down_write");
	SET_EVIDENCE(plan->cover[EVENT_LOCK_REACQUIRED].evidence,
		     "another function than down_write and down_write_killable is called");
	return false;
}

static const struct choice reacquire_chain[] = {
	{ PROVIDER_CODE, reacquire_shared, false },
	{ PROVIDER_CODE, reacquire_never, false },
	{ PROVIDER_AFTER_CALL, reacquire_site, false },
	{ PROVIDER_FEXIT, reacquire_typed, true },
	{ 0 },
};

const struct choice *const plan__chains[EVENTS] = {
	[EVENT_REBUILD_BEGIN] = begin_chain,
	[EVENT_CONTENT_READ] = read_chain,
	[EVENT_LOCK_DROPPED] = drop_chain,
	[EVENT_LOCK_REACQUIRED] = reacquire_chain,
	[EVENT_CACHE_STORED] = plan__store_chain,
	[EVENT_CACHE_FREED] = plan__free_chain,
	[EVENT_IMPURE_CLEARED] = plan__clear_chain,
	[EVENT_DIR_MODIFIED] = plan__modify_chain,
	[EVENT_DIR_OPERATION] = plan__op_chain,
	[EVENT_INODE_DESTROYED] = plan__destroy_chain,
	[EVENT_COPY_UP_ORDER] = plan__order_chain,
	[EVENT_READDIR_RETURNED] = plan__returned_chain,
	[EVENT_KIND_SERVED] = plan__served_chain,
	[EVENT_LOCKED_LOOKUP] = plan__lookup_chain,
	[EVENT_OPERATION_RETURNED] = plan__ends_chain,
	[EVENT_READDIR] = plan__stats_chain,
};
