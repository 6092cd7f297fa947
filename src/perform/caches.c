// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cache of D itself, where the system lets us read it. It is read before anything
 * is listed or looked up at the end of a history, and compared when that was done.
 */
#include "perform/internal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

static unsigned int open_streams(const struct run *r)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < EXPLORE_STREAMS; i++)
		n += r->model.stream[i].open && !r->model.stream[i].dead;
	return n;
}

static void check_counts(struct run *r)
{
	const struct perform_cache *c = &r->cache;
	unsigned int streams = open_streams(r);

	if (c->stamp > c->version)
		run__report(r, RULE_CACHES,
			    "the cache is stamped with version %" PRIu64 ", D has version %" PRIu64,
			    c->stamp, c->version);
	/* kernels count none; a change may count the slot, and readers without the lock */
	else if (!c->merged && (c->refcount < 0 || c->refcount > streams + 1))
		run__report(r, RULE_CACHES,
			    "the cache of a directory that is not merged has refcount %" PRId64
			    ", and %u streams are open",
			    c->refcount, streams);
	else if (c->merged && (c->refcount < 1 || c->refcount > streams))
		run__report(r, RULE_CACHES,
			    "the cache has refcount %" PRId64 ", and %u streams are open",
			    c->refcount, streams);
}

void caches__read(struct run *r)
{
	int fd;

	r->cache.exists = false;
	if (!r->caches || !r->model.exists)
		return;
	fd = openat(r->fd, r->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (r->caches->read(r->reader, fd, &r->cache))
		r->cache.exists = false;
	close(fd);
	if (!r->cache.exists)
		return;
	r->st->caches++;
	run__describe(r, "\nthe cache: version %" PRIu64 " of %" PRIu64 ", refcount %" PRId64,
		      r->cache.stamp, r->cache.version, r->cache.refcount);
	check_counts(r);
}

void caches__compare(struct run *r, int name, uint64_t st_ino)
{
	const struct perform_cache *c = &r->cache;
	bool has = c->names & 1u << name;

	/* an outdated one, and an impure one without the flag, are not served */
	if (!c->exists || c->stamp != c->version || !(c->merged || c->impure))
		return;
	if (has && !st_ino)
		run__report(r, RULE_CACHES, "a fresh cache has '%s', which is not there",
			    explore_names[name]);
	else if (!has && st_ino && c->merged)
		run__report(r, RULE_CACHES, "a fresh cache lacks '%s'", explore_names[name]);
	else if (has && !c->merged && c->ino[name] != st_ino)
		run__report(r, RULE_CACHES,
			    "a fresh cache has the number %" PRIu64
			    " for '%s', stat gives it %" PRIu64,
			    c->ino[name], explore_names[name], st_ino);
}
