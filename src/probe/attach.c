// SPDX-License-Identifier: GPL-2.0-only
#include "probe/attach_internal.h"
#include "probe/kprobe.h"
#include "probe/libbpf_log.h"
#include "probe/programs.h"
#include "probe/refusal.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plain.skel.h"
#include "util/log.h"

enum {
	RINGS_BYTES = 8 << 20, /* of all rings, divided among the CPUs */
	RING_MIN = 128 << 10, /* some thousand events */
	RING_MAX = 2 << 20,
	ATTACH_PASSES = 3,
	MERGED_CACHES = 1 << 16, /* places for those that exist at the same time */
};

#define STALL_NS 200000000ULL /* after this, read the events that tasks still buffer */
#define STALL_MAX_NS 5000000000ULL /* after this, a missing event counts as lost */
#define WHY(...) snprintf(why, 256, __VA_ARGS__)

bool attach__is_trampoline(const struct plan_probe *p)
{
	return p->provider == PROVIDER_FEXIT || p->provider == PROVIDER_FENTRY;
}

int attach__probe(struct bpf_object *obj, const struct plan_probe *p, struct bpf_link **link)
{
	struct bpf_program *prog = program__find(obj, p->prog);
	struct kprobe_at at = { p->addr, p->cookie, p->provider == PROVIDER_RETURN };

	debug("probe: %s on %s+0x%llx runs %s", provider__name(p->provider), p->func->name,
	      (unsigned long long)(p->addr - p->func->addr), program__name(p->prog));
	if (!attach__is_trampoline(p) && p->provider != PROVIDER_TRACEPOINT) {
		int err = kprobe__attach(link, prog, &at);

		if (!err || !p->call)
			return err;
		debug("refused before the call: on the call");
		at.addr = p->call;
		at.cookie = p->call_cookie;
		return kprobe__attach(link, prog, &at);
	}
	*link = bpf_program__attach(prog);
	return *link ? 0 : -errno;
}

/* Another object counts listings: src/probe/dirstat_probe.c. */
static bool is_ours(const struct plan_probe *p)
{
	return program__object(p->prog) == PROGRAM_OBJECT_trace;
}

static size_t ring_bytes(const struct attach_opts *opts)
{
	size_t cpus = libbpf_num_possible_cpus(), n = RING_MAX;

	if (opts->ring_bytes)
		return opts->ring_bytes;
	while (n > RING_MIN && n * cpus > RINGS_BYTES)
		n /= 2;
	return n;
}

static void set_constants(struct attachment *a, const struct attach_opts *opts)
{
	struct trace_bpf__rodata *ro = a->skel->rodata;
	size_t i;

	ro->layout = a->plan->layout;
	ro->want_entries = !opts->quiet;
	ro->stacks = opts->stacks;
	ro->merged = a->plan->merged;
	ro->sees_leaves = plan__sees_leaves(a->plan);
	if (a->plan->merged) {
		bpf_map__set_max_entries(a->skel->maps.merged_caches, MERGED_CACHES);
		a->skel->rodata->merged_caches_size = MERGED_CACHES;
	}
	ro->sees_destroy = a->plan->cover[EVENT_INODE_DESTROYED].provider != PROVIDER_NONE;
	ro->frees_impure_only = a->plan->graph.nfuncs &&
				!ksym__is(a->plan->graph.func[0]->name, "ovl_iterate");
	ro->ndevs = opts->ndevs;
	for (i = 0; i < opts->ndevs; i++)
		ro->devs[i] = opts->devs[i];
	bpf_map__set_max_entries(a->skel->maps.rings, libbpf_num_possible_cpus());
	ro->wake_bytes = ring_bytes(opts) / 4;
}

/*
 * bpf/plain/ has the programs, maps and variables of bpf/trace/, and needs
 * bpf_rdonly_cast().
 */
static struct trace_bpf *open_programs(bool plain)
{
	struct trace_bpf *skel;
	int err;

	if (!plain)
		return trace_bpf__open();
	skel = calloc(1, sizeof(*skel));
	if (!skel)
		return NULL;
	err = trace_bpf__create_skeleton(skel);
	if (!err) {
		skel->skeleton->data = plain_bpf__elf_bytes(&skel->skeleton->data_sz);
		err = bpf_object__open_skeleton(skel->skeleton, NULL);
	}
	if (!err)
		return skel;
	trace_bpf__destroy(skel);
	errno = -err;
	return NULL;
}

static int load_once(struct attachment *a, const struct attach_opts *opts, bool plain, char *why)
{
	int err;

	a->skel = open_programs(plain);
	if (!a->skel) {
		WHY("the BPF object cannot be opened: %s", strerror(errno));
		return -errno;
	}
	refusal__choose_programs(a->skel->obj, a->plan, PROGRAM_OBJECT_trace, opts->refused);
	set_constants(a, opts);
	libbpf_log__forget();
	err = trace_bpf__load(a->skel);
	if (err)
		WHY("the BPF programs cannot be loaded: %s", strerror(-err));
	return err;
}

/* Each program that the kernel refuses is left out, so that all of them are known at the end. */
static int load(struct attachment *a, const struct attach_opts *opts, char *why)
{
	size_t known = opts->refused->n;
	int err;

	if (opts->plain_loads) {
		if (!load_once(a, opts, true, why))
			return 0;
		debug("plain loads are refused: reading by helpers");
		trace_bpf__destroy(a->skel);
		a->skel = NULL;
	}
	while ((err = load_once(a, opts, false, why)) && refusal__of_load(opts->refused, err)) {
		trace_bpf__destroy(a->skel);
		a->skel = NULL;
	}
	if (err || opts->refused->n == known)
		return err;
	refusal__why(opts->refused, known, why);
	return -EAGAIN;
}

static int on_event(void *ctx, void *data, size_t size)
{
	struct attachment *a = ctx;

	return sequencer__push(a->order, data, size);
}

/* Creates a ring for each CPU, and adds it to the programs' map and to our reader. */
static int rings_make(struct attachment *a, const struct attach_opts *opts)
{
	int outer = bpf_map__fd(a->skel->maps.rings), cpus = libbpf_num_possible_cpus();
	int cpu, err = 0;

	a->ring_fd = calloc(cpus, sizeof(*a->ring_fd));
	if (!a->ring_fd)
		return -ENOMEM;
	for (cpu = 0; !err && cpu < cpus; cpu++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, ring_bytes(opts), NULL);

		if (fd < 0)
			return -errno;
		a->ring_fd[a->nrings++] = fd;
		if (!a->ring) {
			a->ring = ring_buffer__new(fd, on_event, a, NULL);
			err = a->ring ? 0 : -errno;
		} else {
			err = ring_buffer__add(a->ring, fd, on_event, a);
		}
		if (!err)
			err = bpf_map_update_elem(outer, &cpu, &fd, BPF_ANY);
	}
	return err;
}

/*
 * Stores come after all that may free what they store: a free must not be missed. The
 * start of a rebuild comes last, so that rebuilds that already run are ignored.
 */
static int attach_pass(const struct plan_probe *p)
{
	if (p->event == EVENT_REBUILD_BEGIN && p->provider != PROVIDER_RETURN)
		return ATTACH_PASSES - 1;
	return p->event == EVENT_CACHE_STORED || p->event == EVENT_MERGED_STORED;
}

/* After a refusal the other probes are still tried, so that all refusals are known. */
static int attach_all(struct attachment *a, struct refusals *refused, char *why)
{
	size_t i, known = refused->n;
	int pass, err;

	for (pass = 0; pass < ATTACH_PASSES; pass++)
		for (i = 0; i < a->plan->nprobes; i++) {
			const struct plan_probe *p = &a->plan->probe[i];

			if (attach_pass(p) != pass || !is_ours(p) || p->later)
				continue;
			err = attach__probe(a->skel->obj, p, &a->link[i]);
			if (err && p->optional)
				debug("not attached, but its callers are: %s", strerror(-err));
			else if (err && !refusal__of_probe(refused, p, err)) {
				WHY("%s on '%s': %s", provider__name(p->provider), p->func->name,
				    strerror(-err));
				return err;
			}
		}
	if (refused->n == known)
		return 0;
	refusal__why(refused, known, why);
	return -EAGAIN;
}

int attach__new(struct attachment **out, const struct plan *plan, const struct attach_opts *opts,
		const struct attach_receiver *to, char why[256])
{
	struct attachment *a = calloc(1, sizeof(*a));
	int err;

	*out = NULL;
	if (!a) {
		WHY("out of memory");
		return -ENOMEM;
	}
	a->plan = plan;
	a->order = sequencer__new(to->fn, to->ctx);
	err = load(a, opts, why);
	if (!err) {
		err = a->order ? rings_make(a, opts) : -ENOMEM;
		if (err)
			WHY("ring buffers: %s", strerror(-err));
	}
	debug("loaded");
	if (!err)
		err = attach_all(a, opts->refused, why);
	if (err) {
		attach__free(a);
		return err;
	}
	*out = a;
	return 0;
}

int attach__try(const struct plan *plan, const struct attach_opts *opts, char why[256])
{
	struct attachment a = { .plan = plan };
	int err = load(&a, opts, why);

	trace_bpf__destroy(a.skel);
	return err;
}

void attach__detach(struct attachment *a)
{
	size_t i;
	int pass;

	attach__beside_end(a);
	attach__delegate_end(a);
	/* the other way round: no store comes without the start of its rebuild */
	for (pass = ATTACH_PASSES - 1; pass >= 0; pass--)
		for (i = 0; i < a->plan->nprobes; i++) {
			if (attach_pass(&a->plan->probe[i]) != pass)
				continue;
			a->nested[i] = attach__nested(a, i);
			bpf_link__destroy(a->link[i]);
			a->link[i] = NULL;
		}
}

void attach__free(struct attachment *a)
{
	if (!a)
		return;
	attach__detach(a);
	ring_buffer__free(a->ring);
	sequencer__free(a->order);
	while (a->nrings)
		close(a->ring_fd[--a->nrings]);
	free(a->ring_fd);
	trace_bpf__destroy(a->skel);
	free(a);
}

int attach__fd(const struct attachment *a)
{
	return ring_buffer__epoll_fd(a->ring);
}

int attach__poll(struct attachment *a)
{
	int n = ring_buffer__consume(a->ring);

	return n < 0 ? n : 0;
}

/*
 * If the sequencer stalls on an event still buffered in a task's slot, copy it from the
 * map. A slot that changes during the copy is skipped: its events reach a ring soon.
 */
static void take_kept(struct attachment *a)
{
	const struct ovlw_state *tasks = a->skel->bss->tasks;
	struct ovlw_state one, two;
	size_t i, n;

	for (i = 0; i < OVLW_TASKS; i++) {
		if (!*(const volatile uint32_t *)&tasks[i].nevents)
			continue;
		memcpy(&one, &tasks[i], sizeof(one));
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		memcpy(&two, &tasks[i], sizeof(two));
		if (memcmp(&one, &two, sizeof(one)))
			continue;
		for (n = 0; n < one.nevents && n < OVLW_TASK_EVENTS; n++)
			if (one.ev[n].hdr.seq < a->end_seen)
				sequencer__push(a->order, &one.ev[n], sizeof(one.ev[n]));
	}
}

bool attach__caught_up(struct attachment *a, uint64_t seq, bool kept)
{
	attach__poll(a);
	if (kept && sequencer__next(a->order) < seq) {
		a->end_seen = a->end_seen > seq ? a->end_seen : seq;
		take_kept(a);
	}
	return sequencer__next(a->order) >= seq;
}

/* Counts missing events as lost, even if no loss counter explains them. */
static void give_up(struct attachment *a, uint64_t upto)
{
	a->given_up += sequencer__give_up(a->order, upto);
}

void attach__tick(struct attachment *a, uint64_t now_ns)
{
	uint64_t lost = attach__lost(a)[OVLW_LOST_RING];
	bool stalls;

	attach__poll(a);
	stalls = sequencer__waits(a->order) && sequencer__next(a->order) == a->next_seen;
	if (stalls && now_ns - a->stall_ns < STALL_NS)
		return;
	if (stalls) {
		take_kept(a);
		stalls = sequencer__next(a->order) == a->next_seen;
	}
	if (stalls && lost <= a->given_up && now_ns - a->stall_ns < STALL_MAX_NS)
		return;
	if (stalls)
		give_up(a, a->end_seen);
	a->stall_ns = now_ns;
	a->next_seen = sequencer__next(a->order);
	a->end_seen = sequencer__end(a->order);
}

uint64_t attach__drain(struct attachment *a)
{
	uint64_t lost;

	attach__poll(a);
	a->end_seen = UINT64_MAX;
	take_kept(a);
	give_up(a, sequencer__end(a->order));
	lost = attach__lost(a)[OVLW_LOST_RING];
	return a->given_up > lost ? a->given_up - lost : 0;
}
