// SPDX-License-Identifier: GPL-2.0-only
#include "probe/kprobe.h"
#include "probe/dirstat_probe.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe/attach_internal.h"
#include "probe/libbpf_log.h"
#include "probe/refusal.h"
#include "stats.skel.h"

struct dirstat_probe {
	struct stats_bpf *skel;
	const struct plan *plan;
	struct bpf_link *link[PLAN_MAX_PROBES];
	struct ring_buffer *ring;
	struct dirstat_probe_opts opts;
};

enum {
	SLOW_RING = 1 << 20, /* bytes */
};

#define WHY(...) snprintf(why, 256, __VA_ARGS__)

static int on_path(void *ctx, void *data, size_t size)
{
	struct dirstat_probe *p = ctx;

	if (size < offsetof(struct ovls_path, path))
		return 0;
	if (((const struct ovls_path *)data)->reported == OVLS_REPORTED_PATH)
		dirstat__path(p->opts.into, data, size);
	if (p->opts.path)
		p->opts.path(p->opts.ctx, data);
	return 0;
}

static int on_slow(void *ctx, void *data, size_t size)
{
	struct dirstat_probe *p = ctx;

	if (size >= offsetof(struct ovls_slow, at.path))
		p->opts.slow(p->opts.ctx, data);
	return 0;
}

static bool is_ours(const struct plan_probe *p)
{
	return program__object(p->prog) == PROGRAM_OBJECT_stats;
}

static void set_constants(struct dirstat_probe *p, struct kernel *k)
{
	struct stats_bpf__rodata *ro = p->skel->rodata;
	size_t i;

	ro->layout = p->plan->layout;
	kernel__dirstat_layout(k, &ro->more);
	ro->sees_begin = plan__stats_prog(p->plan, PROG_stat_at_path_upper) ||
			 plan__stats_prog(p->plan, PROG_stat_on_read_impure);
	ro->ndevs = p->opts.ndevs;
	for (i = 0; i < p->opts.ndevs && i < 16; i++)
		ro->devs[i] = p->opts.devs[i];
	ro->trees = p->opts.trees;
	ro->by_task = p->opts.wants;
	if (p->opts.wants)
		bpf_map__set_max_entries(p->skel->maps.shares,
					 bpf_map__max_entries(p->skel->maps.dirs));
	dirstat__layout(p->opts.into, &ro->more);
	ro->slow_ns = p->opts.slow_ns;
	if (!p->opts.slow_ns)
		return;
	bpf_map__set_max_entries(p->skel->maps.slow, SLOW_RING);
	bpf_map__set_max_entries(p->skel->maps.changes, bpf_map__max_entries(p->skel->maps.dirs));
}

static int load_once(struct dirstat_probe *p, struct kernel *k, char *why)
{
	int err;

	p->skel = stats_bpf__open();
	if (!p->skel) {
		WHY("the BPF object cannot be opened: %s", strerror(errno));
		return -errno;
	}
	refusal__choose_programs(p->skel->obj, p->plan, PROGRAM_OBJECT_stats, p->opts.refused);
	set_constants(p, k);
	err = p->opts.trees ? bpf_map__reuse_fd(p->skel->maps.pids, p->opts.members) : 0;
	if (err) {
		WHY("the map of processes cannot be shared: %s", strerror(-err));
		return err;
	}
	libbpf_log__forget();
	err = stats_bpf__load(p->skel);
	if (err)
		WHY("the BPF programs that count listings cannot be loaded: %s", strerror(-err));
	return err;
}

/* As that of src/probe/attach.c. */
static int load(struct dirstat_probe *p, struct kernel *k, char *why)
{
	size_t known = p->opts.refused->n;
	int err;

	while ((err = load_once(p, k, why)) && refusal__of_load(p->opts.refused, err)) {
		stats_bpf__destroy(p->skel);
		p->skel = NULL;
	}
	if (err || p->opts.refused->n == known)
		return err;
	refusal__why(p->opts.refused, known, why);
	return -EAGAIN;
}

enum {
	ATTACH_TURNS = 3,
};

/*
 * The entry of a listing comes last, so that listings are seen as a whole; that of an operation
 * first, so that it is known when a version rises.
 */
static int attach_turn(enum program prog)
{
	return prog == PROG_stat_on_op					    ? 0 :
	       prog == PROG_stat_in_iterate || prog == PROG_stat_on_iterate ? 2 :
									      1;
}

static int attach(struct dirstat_probe *p, char *why)
{
	size_t i, known = p->opts.refused->n;
	int turn, err;

	for (turn = 0; turn < ATTACH_TURNS; turn++)
		for (i = 0; i < p->plan->nprobes; i++) {
			const struct plan_probe *pr = &p->plan->probe[i];

			if (!is_ours(pr) || attach_turn(pr->prog) != turn)
				continue;
			err = attach__probe(p->skel->obj, pr, &p->link[i]);
			if (!err || pr->optional)
				continue;
			if (!refusal__of_probe(p->opts.refused, pr, err)) {
				WHY("%s on '%s': %s", provider__name(pr->provider), pr->func->name,
				    strerror(-err));
				return err;
			}
		}
	if (p->opts.refused->n == known)
		return 0;
	refusal__why(p->opts.refused, known, why);
	return -EAGAIN;
}

int dirstat_probe__check(const struct plan *plan, bool no_kprobes, char why[256])
{
	const struct coverage *c = &plan->cover[EVENT_READDIR];

	if (plan->layout_known && c->provider != PROVIDER_NONE)
		return kprobe__check(!no_kprobes && c->provider == PROVIDER_ENTRY, why);
	/* kprobe__check() gives a reason with a remedy */
	if (no_kprobes || !kprobe__check(true, why))
		snprintf(why, 256, "%s", plan->layout_known ? c->evidence : plan->layout_evidence);
	return -EOPNOTSUPP;
}

int dirstat_probe__new(struct dirstat_probe **out, struct kernel *k, const struct plan *plan,
		       const struct dirstat_probe_opts *opts, char why[256])
{
	struct dirstat_probe *p = calloc(1, sizeof(*p));
	int err;

	*out = NULL;
	if (!p) {
		WHY("out of memory");
		return -ENOMEM;
	}
	p->plan = plan;
	p->opts = *opts;
	err = load(p, k, why);
	if (!err) {
		p->ring = ring_buffer__new(bpf_map__fd(p->skel->maps.paths), on_path, p, NULL);
		err = p->ring ? 0 : -errno;
	}
	if (!err && opts->slow_ns)
		err = ring_buffer__add(p->ring, bpf_map__fd(p->skel->maps.slow), on_slow, p);
	if (!err)
		err = attach(p, why);
	if (err) {
		dirstat_probe__free(p);
		return err;
	}
	*out = p;
	return 0;
}

int dirstat_probe__try(struct kernel *k, const struct plan *plan,
		       const struct dirstat_probe_opts *opts, char why[256])
{
	struct dirstat_probe p = { .plan = plan, .opts = *opts };
	int err = load(&p, k, why);

	stats_bpf__destroy(p.skel);
	return err;
}

void dirstat_probe__detach(struct dirstat_probe *p)
{
	size_t i;

	for (i = 0; i < PLAN_MAX_PROBES; i++) {
		bpf_link__destroy(p->link[i]);
		p->link[i] = NULL;
	}
}

void dirstat_probe__free(struct dirstat_probe *p)
{
	if (!p)
		return;
	dirstat_probe__detach(p);
	ring_buffer__free(p->ring);
	stats_bpf__destroy(p->skel);
	free(p);
}

int dirstat_probe__fd(const struct dirstat_probe *p)
{
	return ring_buffer__epoll_fd(p->ring);
}

void dirstat_probe__poll(struct dirstat_probe *p)
{
	ring_buffer__consume(p->ring);
}

/* Deletes the keys that want() selects; all, if it is NULL. Reads the next key before it deletes. */
static void map_delete(const struct bpf_map *map,
		       bool (*want)(const struct dirstat *ds, const void *key),
		       const struct dirstat *ds)
{
	union {
		struct ovls_key dir;
		struct ovls_actor actor;
		struct ovls_share share;
	} key, next;
	int fd = bpf_map__fd(map);
	int more = bpf_map_get_next_key(fd, NULL, &next) == 0;

	while (more) {
		key = next;
		more = bpf_map_get_next_key(fd, &key, &next) == 0;
		if (!want || want(ds, &key))
			bpf_map_delete_elem(fd, &key);
	}
}

void dirstat_probe__reset(struct dirstat_probe *p)
{
	dirstat_probe__poll(p);
	map_delete(p->skel->maps.dirs, NULL, NULL);
	map_delete(p->skel->maps.actors, NULL, NULL);
	map_delete(p->skel->maps.shares, NULL, NULL);
	memset(p->skel->bss->rest, 0, sizeof(p->skel->bss->rest));
	p->skel->bss->unfinished = p->skel->bss->no_room = 0;
	dirstat__reset(p->opts.into);
}

static bool is_idle_dir(const struct dirstat *ds, const void *key)
{
	return dirstat__is_idle(ds, key);
}

static bool is_idle_actor(const struct dirstat *ds, const void *key)
{
	return dirstat__is_idle(ds, &((const struct ovls_actor *)key)->dir);
}

static bool is_idle_share(const struct dirstat *ds, const void *key)
{
	return dirstat__is_idle(ds, &((const struct ovls_share *)key)->dir);
}

void dirstat_probe__tidy(struct dirstat_probe *p)
{
	uint32_t dirs = bpf_map__max_entries(p->skel->maps.dirs);
	uint32_t actors = bpf_map__max_entries(p->skel->maps.actors);

	if (dirstat__dirs(p->opts.into) < dirs / 4UL * 3 &&
	    dirstat__actors(p->opts.into) < actors / 4UL * 3)
		return;
	map_delete(p->skel->maps.actors, is_idle_actor, p->opts.into);
	map_delete(p->skel->maps.shares, is_idle_share, p->opts.into);
	map_delete(p->skel->maps.dirs, is_idle_dir, p->opts.into);
	dirstat__forget_idle(p->opts.into);
}

static bool is_wanted(const struct dirstat_probe *p, uint64_t cgroup, const char *comm)
{
	struct rec_task task = { .cgroup = cgroup };

	memcpy(task.comm, comm, sizeof(task.comm));
	return !p->opts.wants || p->opts.wants(p->opts.ctx, &task);
}

/* The counters of the tasks that are wanted; dirs has none then. */
static void read_shares(struct dirstat_probe *p)
{
	int fd = bpf_map__fd(p->skel->maps.shares);
	struct ovls_share share, *at = NULL;
	struct ovls_dir n;

	while (!bpf_map_get_next_key(fd, at, &share)) {
		at = &share;
		if (is_wanted(p, share.cgroup, share.comm) && !bpf_map_lookup_elem(fd, &share, &n))
			dirstat__share(p->opts.into, &share.dir, &n);
	}
}

static void read_actors(struct dirstat_probe *p)
{
	int fd = bpf_map__fd(p->skel->maps.actors);
	struct ovls_actor actor, *at = NULL;
	struct ovls_actor_count n;

	while (!bpf_map_get_next_key(fd, at, &actor)) {
		at = &actor;
		if ((actor.what != OVLS_REBUILDS || is_wanted(p, actor.cgroup, actor.comm)) &&
		    !bpf_map_lookup_elem(fd, &actor, &n))
			dirstat__actor(p->opts.into, &actor, &n);
	}
}

void dirstat_probe__read(struct dirstat_probe *p)
{
	int dirs = bpf_map__fd(p->skel->maps.dirs);
	struct ovls_key key, *key_at = NULL;
	struct ovls_dir dir;
	int i;

	dirstat_probe__poll(p);
	dirstat__begin(p->opts.into);
	/* actors first, so that their sums do not exceed the directory's count */
	read_actors(p);
	read_shares(p);
	while (!bpf_map_get_next_key(dirs, key_at, &key)) {
		key_at = &key;
		if (!bpf_map_lookup_elem(dirs, &key, &dir))
			dirstat__dir(p->opts.into, &key, &dir);
	}
	for (i = 0; i < OVLS_KINDS && !p->opts.wants; i++)
		dirstat__rest(p->opts.into, i, (const struct ovls_rest *)&p->skel->bss->rest[i]);
	dirstat__end(p->opts.into);
}

uint64_t dirstat_probe__missed(const struct dirstat_probe *p)
{
	const struct stats_bpf__bss *bss = p->skel->bss;
	uint64_t missed = attach__missed_of(p->skel->obj, p->plan->preemptible) + bss->unfinished +
			  bss->no_room;
	int i;

	/* no table says whose these are */
	for (i = 0; i < OVLS_KINDS && p->opts.wants; i++)
		missed += bss->rest[i].readdirs;
	return missed;
}

void dirstat_probe__listings(const struct dirstat_probe *p, struct dirstat_probe_listings *out)
{
	const struct stats_bpf__bss *bss = p->skel->bss;
	__s64 open = __atomic_load_n(&bss->open_listings, __ATOMIC_RELAXED);

	out->seen = __atomic_load_n(&bss->listings_seen, __ATOMIC_RELAXED);
	out->slow = __atomic_load_n(&bss->slow_seen, __ATOMIC_RELAXED);
	out->lost = __atomic_load_n(&bss->slow_lost, __ATOMIC_RELAXED);
	out->running = open > 0 ? (uint64_t)open : 0;
}

void dirstat_probe__sees(const struct kernel *k, const struct plan *plan, struct slow_sees *out)
{
	struct ovls_layout l;

	kernel__dirstat_layout(k, &l);
	out->types = l.file_is_real >= 0 && l.file_realfile >= 0;
	out->calls = plan__slow_sees_calls(plan);
	out->lookups = plan__slow_sees_lookups(plan);
	out->stores = plan__stats_sees_stores(plan);
	out->windows = plan__stats_sees_windows(plan);
}
