// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters and state of the programs while they are attached.
 */
#include "probe/attach_internal.h"
#include "probe/kprobe.h"

#include <bpf/bpf.h>
#include <string.h>
#include <poll.h>

#include "util/log.h"

enum {
	MERGED_END_MS = 500, /* for a getdents, an lseek or a close to end */
};

/*
 * A site of merged caches is judged only after another site has freed a cache: the
 * first cache frees its entries before itself.
 */
static bool others_free(const struct attachment *a, size_t i)
{
	size_t k;

	if (a->plan->probe[i].event != EVENT_MERGED_FREED)
		return true;
	for (k = 0; k < a->plan->nprobes; k++) {
		const struct plan_probe *p = &a->plan->probe[k];

		if (p->event == EVENT_MERGED_FREED &&
		    a->skel->bss->site_cache[OVLW_COOKIE_SITE(p->cookie) % OVLW_MAX_SITES])
			return true;
	}
	return false;
}

int attach__prune(struct attachment *a)
{
	size_t i;
	int n = 0;

	for (i = 0; i < a->plan->nprobes; i++) {
		const struct plan_probe *p = &a->plan->probe[i];
		uint32_t site = OVLW_COOKIE_SITE(p->cookie) % OVLW_MAX_SITES;

		if (!p->may_be_entry || !a->link[i] || !a->skel->bss->site_other[site] ||
		    a->skel->bss->site_cache[site] || !others_free(a, i))
			continue;
		attach__drop(a, i);
		n++;
	}
	attach__beside(a);
	return n;
}

const uint64_t *attach__lost(const struct attachment *a)
{
	return (const uint64_t *)a->skel->bss->lost;
}

const char *attach__place(enum ovlw_place place)
{
	static const char *const names[OVLW_LOST_PLACES] = {
		[OVLW_LOST_RING] = "ring buffer full",
		[OVLW_LOST_TASK] = "too many tasks in a rebuild",
		[OVLW_LOST_LEDGER] = "ledger of caches full",
	};

	return names[place];
}

enum which {
	ALL,
	OF_LISTINGS,
	OF_OPERATIONS,
	OF_OTHERS,
};

/* Programs that only watch invariants: bpf/trace/invariants.h, bpf/trace/entries.h. */
static enum which which_of(const char *name)
{
	static const struct {
		enum program prog;
		enum which which;
	} beside[] = {
		{ PROG_out_iterate, OF_LISTINGS },	  { PROG_on_iterate, OF_LISTINGS },
		{ PROG_ret_iterate, OF_LISTINGS },	  { PROG_in_real_listing, OF_LISTINGS },
		{ PROG_on_real_listing, OF_LISTINGS },	  { PROG_in_copy_up, OF_LISTINGS },
		{ PROG_in_inode_update, OF_LISTINGS },	  { PROG_out_link, OF_OPERATIONS },
		{ PROG_out_unlink, OF_OPERATIONS },	  { PROG_out_rmdir, OF_OPERATIONS },
		{ PROG_out_rename, OF_OPERATIONS },	  { PROG_on_operation, OF_OPERATIONS },
		{ PROG_at_operation_end, OF_OPERATIONS },
	};
	size_t i;

	for (i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
		if (!strcmp(name, program__name(beside[i].prog)))
			return beside[i].which;
	return OF_OTHERS;
}

static uint64_t missed(const struct bpf_object *obj, bool preemptible, enum which which)
{
	struct bpf_program *prog;
	uint64_t sum = 0;

	bpf_object__for_each_program(prog, obj) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);
		int fd = bpf_program__fd(prog);

		if (fd < 0 || (which != ALL && which_of(bpf_program__name(prog)) != which) ||
		    bpf_obj_get_info_by_fd(fd, &info, &len))
			continue;
		/*
		 * Unless tasks can be preempted, a tracepoint program is skipped only in an
		 * interrupt, where no cache is freed.
		 */
		if (bpf_program__type(prog) != BPF_PROG_TYPE_RAW_TRACEPOINT || preemptible)
			sum += info.recursion_misses;
		if (info.recursion_misses)
			debug("%s: skipped %llu times", bpf_program__name(prog),
			      (unsigned long long)info.recursion_misses);
		/* with kernel.bpf_stats_enabled */
		if (info.run_cnt)
			debug("%s: %llu times, %llu ns each", bpf_program__name(prog),
			      (unsigned long long)info.run_cnt,
			      (unsigned long long)(info.run_time_ns / info.run_cnt));
	}
	return sum;
}

uint64_t attach__merged(struct attachment *a, bool on)
{
	uint64_t active = 0;
	int ms;

	if (!a->plan->merged)
		return 0;
	__atomic_store_n(&a->skel->bss->merged_on, on, __ATOMIC_SEQ_CST);
	for (ms = 0; !on && ms < MERGED_END_MS; ms++) {
		active = __atomic_load_n(&a->skel->bss->merged_active, __ATOMIC_SEQ_CST);
		if (!active)
			break;
		poll(NULL, 0, 1);
	}
	return active;
}

uint64_t attach__nested(const struct attachment *a, size_t i)
{
	const struct plan_probe *p = &a->plan->probe[i];

	if (!a->link[i])
		return a->nested[i];
	/* the kernel counts there, too, the returns for which it has no room */
	if (attach__is_trampoline(p) || p->provider == PROVIDER_TRACEPOINT ||
	    p->provider == PROVIDER_RETURN)
		return 0;
	return kprobe__missed(a->link[i]);
}

static uint64_t nested(const struct attachment *a, enum which which)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < a->plan->nprobes; i++)
		if (which_of(program__name(a->plan->probe[i].prog)) == which)
			sum += attach__nested(a, i);
	return sum;
}

uint64_t attach__missed(const struct attachment *a)
{
	return missed(a->skel->obj, a->plan->preemptible, OF_OTHERS) + nested(a, OF_OTHERS);
}

uint64_t attach__missed_of(const struct bpf_object *obj, bool preemptible)
{
	return missed(obj, preemptible, ALL);
}

uint64_t attach__missed_listings(const struct attachment *a)
{
	return missed(a->skel->obj, a->plan->preemptible, OF_LISTINGS) + nested(a, OF_LISTINGS);
}

uint64_t attach__missed_operations(const struct attachment *a)
{
	return missed(a->skel->obj, a->plan->preemptible, OF_OPERATIONS) +
	       __atomic_load_n(&a->skel->bss->unknown_links, __ATOMIC_RELAXED) +
	       __atomic_load_n(&a->skel->bss->unknown_operations, __ATOMIC_RELAXED);
}

void attach__copy_ups(const struct attachment *a, uint64_t *n, uint64_t *wrong)
{
	*n = __atomic_load_n(&a->skel->bss->copy_ups, __ATOMIC_RELAXED);
	*wrong = __atomic_load_n(&a->skel->bss->copy_ups_wrong, __ATOMIC_RELAXED);
}

uint64_t attach__next_seq(const struct attachment *a)
{
	return __atomic_load_n(&a->skel->bss->next_seq, __ATOMIC_ACQUIRE);
}

void attach__proof_dev(struct attachment *a, uint32_t dev)
{
	__atomic_store_n(&a->skel->bss->proof_dev, dev, __ATOMIC_RELEASE);
}

void attach__proof_window(struct attachment *a, uint64_t inode, bool open)
{
	int by = open ? 1 : -1;

	/* the programs update both, too, in this order */
	__atomic_fetch_add(&a->skel->bss->windows[OVLW_WINDOW_SLOT(inode)], by, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&a->skel->bss->open_windows, by, __ATOMIC_SEQ_CST);
}
