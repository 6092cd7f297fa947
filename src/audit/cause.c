// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a listing differs from statx(), where overlayfs has a reason for it. Most reasons are
 * visible in the layers only; without them the likeliest one is inferred.
 */
#include <dirent.h>

#include "audit/listing.h"

static void set(struct listing_diff *d, enum listing_cause cause, bool exact)
{
	d->cause = cause;
	d->exact = exact;
}

static void explain_phantom(struct listing_diff *d, const struct listing_place *place,
			    const struct layer_name *layer)
{
	/* listings of merged directories hide whiteouts, and are served from a cache */
	if (place->merged && (!layer->known || !layer->exists || layer->whiteout))
		set(d, LISTING_STALE_CACHE, false);
	else if (layer->known && layer->whiteout)
		set(d, LISTING_WHITEOUT, true);
	else if (layer->known && layer->exists)
		/* the lookup found nothing when the overlay last looked, and that is kept */
		set(d, LISTING_LAYER_CHANGED, true);
	else if (!layer->known && d->listed_type == DT_CHR)
		set(d, LISTING_WHITEOUT, false);
}

static void explain_number(struct listing_diff *d, const struct listing_place *place,
			   const struct layer_name *layer)
{
	bool as_layer = layer->known && layer->exists && layer->ino == d->listed_ino;

	if (place->numbers == TRISTATE_NO || d->flags & AUDIT_FOREIGN)
		set(d, LISTING_XINO, true);
	else if (place->rootless)
		set(d, LISTING_ROOTLESS, layer->known && layer->origin);
	else if (place->merged && d->flags & (AUDIT_DIR | AUDIT_LINKS))
		set(d, LISTING_RENUMBERED, false);
	else if (as_layer && !layer->origin)
		/* the overlay still has the file that was there before */
		set(d, LISTING_LAYER_CHANGED, true);
	else if (place->numbers == TRISTATE_UNKNOWN && d->flags & AUDIT_DIR)
		set(d, LISTING_XINO, false);
	else if (!place->merged && d->flags & AUDIT_LINKS &&
		 (!layer->known || (as_layer && layer->upper)))
		set(d, LISTING_HARD_LINK, layer->known);
	else if (layer->known && (layer->origin || place->merged))
		set(d, LISTING_STALE_CACHE, false);
}

void listing__explain(struct listing_diff *d, const struct listing_place *place,
		      const struct layer_name *layer)
{
	set(d, LISTING_UNKNOWN, false);
	switch (d->kind) {
	case LISTING_PHANTOM:
		explain_phantom(d, place, layer);
		break;
	case LISTING_INO:
		explain_number(d, place, layer);
		break;
	case LISTING_TYPE:
		if (layer->known && layer->exists && layer->type == d->listed_type)
			set(d, LISTING_LAYER_CHANGED, true);
		else if (place->merged)
			set(d, LISTING_STALE_CACHE, false);
		break;
	case LISTING_MISSING:
		set(d, LISTING_STALE_CACHE, false);
		break;
	default:
		break;
	}
}

static const struct {
	const char *name, *text;
} causes[LISTING_CAUSES] = {
	[LISTING_UNKNOWN] = { "unknown", "no reason is known" },
	[LISTING_WHITEOUT] = { "whiteout",
			       "a whiteout in a directory that is not merged: overlayfs lists it, "
			       "and no lookup finds it" },
	[LISTING_HARD_LINK] = { "hard_link",
				"a hard link to a copied-up file was made while the directory's "
				"impure cache was fresh, and the kernel still serves that cache" },
	[LISTING_STALE_CACHE] = { "stale_cache",
				  "the directory's cache is wrong, see 'ovltrace audit', or a "
				  "layer was changed beneath the mount" },
	[LISTING_LAYER_CHANGED] = { "layer_changed",
				    "a layer was changed beneath the mount, which overlayfs does "
				    "not support; mount it again" },
	[LISTING_ROOTLESS] = { "rootless",
			       "in a rootless mount (userxattr) overlayfs cannot decode the "
			       "origins of copied-up files" },
	[LISTING_XINO] = { "xino",
			   "the layers are on several filesystems and xino is not in use, so "
			   "numbers in listings are arbitrary" },
	[LISTING_RENUMBERED] = { "renumbered",
				 "in a merged directory, copying up a hard link or recording the "
				 "origin of a directory changes its number, and the cache that an "
				 "open stream holds keeps the earlier one" },
};

bool listing_cause__is_limit(enum listing_cause cause)
{
	return cause >= LISTING_LAYER_CHANGED;
}

const char *listing_cause__name(enum listing_cause cause)
{
	return causes[cause].name;
}

const char *listing_cause__text(enum listing_cause cause)
{
	return causes[cause].text;
}
