// SPDX-License-Identifier: GPL-2.0-only
/* The record `directory`: see docs/json.md. */
#include "record/write.h"

static void count(struct json *j, const char *key, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		json__null(j, key);
	else
		json__u64(j, key, v);
}

static void actors(struct json *j, const char *key, const struct rec_actor *a, size_t n,
		   bool rebuilders)
{
	size_t i;

	json__open(j, key, '[');
	for (i = 0; i < n; i++) {
		json__open(j, NULL, '{');
		json__task(j, &a[i].task);
		if (!rebuilders)
			json__word(j, "op", ovlw_op__name(a[i].op));
		json__u64(j, "count", a[i].count);
		if (rebuilders)
			json__u64(j, "ns", a[i].ns);
		json__close(j, '}');
	}
	json__close(j, ']');
}

void json__directory(struct json *j, const struct rec_directory *d)
{
	json__dir(j, &d->dir);
	json__word(j, "kind", d->merged ? "merged" : "impure");
	json__u64(j, "listings", d->listings);
	json__u64(j, "readdirs", d->readdirs);
	json__u64(j, "hits", d->hits);
	json__u64(j, "rebuilds", d->rebuilds);
	json__u64(j, "cold", d->cold);
	json__u64(j, "rebuild_ns", d->rebuild_ns);
	json__u64(j, "max_rebuild_ns", d->max_rebuild_ns);
	count(j, "lock_held_ns", d->lock_held_ns);
	json__u64(j, "entries", d->entries);
	count(j, "bytes", d->bytes);
	count(j, "modifications", d->modifications);
	if (d->sees_invalidations)
		actors(j, "invalidations", d->invalidators, d->ninvalidators, false);
	else
		json__null(j, "invalidations");
	count(j, "invalidators_others",
	      d->sees_invalidations ? d->invalidators_others : COUNT_UNSEEN);
	actors(j, "rebuilders", d->rebuilders, d->nrebuilders, true);
	json__u64(j, "rebuilders_others", d->rebuilders_others);
}
