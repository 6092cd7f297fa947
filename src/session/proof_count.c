// SPDX-License-Identifier: GPL-2.0-only
/* Counts the events of the proof's known operations. Pure. */
#include "session/proof_judge.h"

#include <string.h>

#include "ovltrace/wire.h"

static struct proof_rebuild *current(struct proof_seen *seen)
{
	return seen->begins && seen->begins <= PROOF_ROOM ? &seen->rebuild[seen->begins - 1] : NULL;
}

static void count_begin(struct proof_seen *seen, const struct ovlw_event *ev)
{
	struct proof_rebuild *r;

	if (!seen->inode)
		seen->inode = ev->dir.inode;
	if (ev->dir.inode != seen->inode) {
		seen->strange++;
		return;
	}
	seen->begins++;
	r = current(seen);
	if (!r)
		return;
	r->version = ev->dir.version;
	r->impure = ev->dir.impure;
}

static void count_set(struct proof_seen *seen, const struct ovlw_cache *ev)
{
	struct proof_rebuild *r = current(seen);

	if (!ev->cache)
		return;
	seen->stores++;
	if (!r || r->stored)
		return;
	r->stored = true;
	r->cache = ev->cache;
	r->stamp = ev->stamp;
	r->entries = ev->entries;
	r->reads = ev->reads;
	r->bad_list = ev->flags & OVLW_F_BADLIST;
}

static void count_free(struct proof_seen *seen, const struct ovlw_cache *ev)
{
	struct proof_rebuild *r = current(seen);
	size_t i;

	if (ev->flags & OVLW_F_NEW) {
		seen->freed_new++;
		if (!r)
			return;
		r->ended = true;
		r->reads = ev->reads;
		r->cleared = !ev->dir.impure;
		return;
	}
	/* addresses are reused: search from the latest store */
	for (i = PROOF_ROOM; i-- > 0;) {
		r = &seen->rebuild[i];
		if (!r->stored || r->cache != ev->cache)
			continue;
		r->freed++;
		return;
	}
	seen->freed_other++;
}

static void count_modify(struct proof_seen *seen, const struct ovlw_modify *ev)
{
	if (ev->dir.inode != seen->inode)
		return;
	seen->mods++;
	seen->mod_version = ev->dir.version;
	if (ev->op != OVLW_OP_RENAME)
		return;
	seen->ops++;
	seen->names += !strncmp(ev->name, PROOF_OLD_NAME, OVLW_NAME) &&
		       !strncmp(ev->name2, PROOF_NEW_NAME, OVLW_NAME);
}

void proof__count(struct proof_seen *seen, const struct ovlw_hdr *hdr, size_t size)
{
	const struct ovlw_event *ev = (const void *)hdr;
	struct proof_rebuild *r = current(seen);

	if (size < sizeof(*hdr) || size < event__size(hdr->type))
		return;
	/*
	 * Only the child sees its mount. When that is gone its device may be given to another
	 * one, as that of another ovltrace's proof.
	 */
	if (hdr->type == OVLW_BEGIN && !seen->begins && !seen->strange)
		seen->pid = hdr->pid;
	seen->over |= hdr->type == OVLW_BEGIN && hdr->pid != seen->pid;
	if (seen->over)
		return;
	switch (hdr->type) {
	case OVLW_BEGIN:
		count_begin(seen, ev);
		break;
	case OVLW_DROP:
		seen->unowned_drops += !ev->locked;
		if (r)
			r->drops++;
		break;
	case OVLW_REACQUIRE:
		if (r)
			r->retakes++;
		break;
	case OVLW_CLEAR:
		if (r)
			r->clears++;
		break;
	case OVLW_SET:
		count_set(seen, (const void *)hdr);
		break;
	case OVLW_FREE:
		count_free(seen, (const void *)hdr);
		break;
	case OVLW_MODIFY:
		count_modify(seen, (const void *)hdr);
		break;
	case OVLW_DESTROY:
		seen->destroyed += ev->dir.inode == seen->inode;
		break;
	default:
		break;
	}
}
