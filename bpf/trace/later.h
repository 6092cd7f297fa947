/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frees by something else than a rebuild (an RCU callback, a worker, another reader), and
 * frees anywhere in the system.
 */
#ifndef OVLTRACE_BPF_TRACE_LATER_H
#define OVLTRACE_BPF_TRACE_LATER_H

#include "trace/free.h"

/*
 * p is freed outside of a rebuild, perhaps in an interrupt: what the current task does has
 * nothing to do with it. So only a known cache can be distinguished from other objects.
 */
static __always_inline void freed_later(__u64 p, __u32 site)
{
	struct free_info f = { .site = site, .flags = OVLW_F_LATER };
	struct freed_early early = { .key = p };
	struct ovlw_cache *ev;

	if (!owner_get(&f.is, p)) {
		/* a cache from before the trace does not make the site one of entries */
		if (read_u64(p + layout.cache_entries) != p + layout.cache_entries)
			site_other[site]++;
		return;
	}
	site_cache[site]++;
	f.is.cache = p;
	ev = ring_reserve(sizeof(*ev), 1);
	if (ev) {
		free_fill(ev, &f);
		bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
	}
	/*
	 * It is in the slot until the task that handed it over overwrites it, which may be
	 * now, on another processor. Each of the two notes what it does before it removes the
	 * cache from the ledger. The one that finds it removed drops both notes.
	 */
	if (!freed_early_put(&early))
		lose(OVLW_LOST_LEDGER, 1);
	if (!ledger_remove(p)) {
		freed_early_drop(p);
		overwritten_drop(p);
	}
}

/* Any kfree() of the system. Most have no state and no ledger entry, and return at once. */
static __always_inline void freed_anywhere(__u64 p)
{
	struct ovlw_state *st;

	if (!p)
		return;
	st = state_peek();
	if ((st && (st->inode || st->inside)) || ledger_find(p))
		freed_by_site(NULL, p, 0);
}

#endif
