// SPDX-License-Identifier: GPL-2.0-only
#include "probe/hold.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hold.skel.h"
#include "probe/kprobe.h"
#include "util/log.h"

enum role {
	ROLE_WIDEN,
	ROLE_READDIR,
	ROLE_MODIFIED,
	ROLE_COPY_UP,
	ROLE_PUBLISH,
	ROLE_HOLD,
	ROLE_STORE,
	ROLES,
};

struct hook {
	enum role role;
	size_t tramp, kprobe; /* programs, as offsets in the skeleton; kprobe 0: none */
	const char *func;
};

#define PROG(name) offsetof(struct hold_bpf, progs.ovlt_hold_##name)

/* For each role, the first hook whose function exists. */
static const struct hook hooks[] = {
	{ ROLE_WIDEN, PROG(in_update), PROG(on_update), "ovl_cache_update" },
	{ ROLE_WIDEN, PROG(in_update), PROG(on_update), "ovl_cache_update_ino" },
	{ ROLE_READDIR, PROG(in_readdir), PROG(on_readdir), "ovl_iterate_real" },
	{ ROLE_READDIR, PROG(in_readdir), PROG(on_readdir), "ovl_iterate" },
	{ ROLE_MODIFIED, PROG(in_modified), PROG(on_modified), "ovl_dir_modified" },
	{ ROLE_COPY_UP, PROG(in_copy_up), PROG(on_copy_up), "ovl_copy_up_start" },
	{ ROLE_PUBLISH, PROG(in_publish), PROG(on_publish), "ovl_inode_update" },
	{ ROLE_HOLD, PROG(out_publish), 0, "ovl_inode_update" },
	{ ROLE_STORE, PROG(in_store), PROG(on_store), "ovl_set_dir_cache" },
};

enum {
	NHOOKS = sizeof(hooks) / sizeof(hooks[0]),
	PROVOKE_US = 3000,
};

struct hold {
	struct hold_bpf *skel;
	const struct hook *hook[ROLES]; /* NULL: not available, or not wanted */
	const struct ksym *sym[ROLES]; /* where it is attached */
	bool tramp[ROLES];
	struct bpf_link *link[ROLES], *watch[HAZARD_MAX_LOOKUPS], *write[CODE_MAX_STORES];
	size_t nwatches, nwrites;
	bool tramps;
};

static bool has_type(const struct kernel *k, const char *func)
{
	const struct btf *btf = k->ks.module ? k->overlay : k->vmlinux;

	return btf && btf__find_by_name_kind(btf, func, BTF_KIND_FUNC) > 0;
}

static bool wanted(enum role role, const struct hold_opts *opts)
{
	switch (role) {
	case ROLE_WIDEN:
		return opts->widen_us || opts->readers_ms;
	case ROLE_READDIR:
		return opts->widen_us || opts->provoke;
	case ROLE_MODIFIED:
		return opts->widen_us && opts->free_cpu == UINT32_MAX;
	case ROLE_HOLD:
	case ROLE_STORE:
		return opts->provoke;
	default:
		return opts->order;
	}
}

static const struct ksym *find_clone(const struct kernel *k, const char *func)
{
	size_t i;

	for (i = 0; i < k->ks.n; i++)
		if (k->ks.v[i].text && ksym__is(k->ks.v[i].name, func) &&
		    ksym__form(k->ks.v[i].name, func) == KSYM_CHANGED)
			return &k->ks.v[i];
	return NULL;
}

static void choose(struct hold *p, const struct kernel *k, const struct hold_opts *opts)
{
	size_t i;

	for (i = 0; i < NHOOKS; i++) {
		const struct hook *h = &hooks[i];

		const struct ksym *exact = ksyms__find(&k->ks, h->func), *sym = exact;
		bool tramp = p->tramps && exact && has_type(k, h->func);

		/* func.constprop.0 has no BTF, but its first argument is the same */
		if (!sym)
			sym = find_clone(k, h->func);
		if (p->hook[h->role] || !wanted(h->role, opts) || !sym || !(tramp || h->kprobe))
			continue;
		p->hook[h->role] = h;
		p->sym[h->role] = sym;
		p->tramp[h->role] = tramp;
	}
}

static struct bpf_program *program(const struct hold *p, enum role role)
{
	const struct hook *h = p->hook[role];

	size_t at = p->tramp[role] ? h->tramp : h->kprobe;

	return *(struct bpf_program **)((char *)p->skel + at);
}

static struct bpf_program *watcher(const struct hold *p, int arg)
{
	return arg == 1 ? p->skel->progs.ovlt_hold_arg1_lookup :
			  p->skel->progs.ovlt_hold_arg2_lookup;
}

static int note_root(struct hold *p)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);

	return bpf_prog_test_run_opts(bpf_program__fd(p->skel->progs.ovlt_hold_note_root), &run) ?
		       -errno :
		       0;
}

static int load(struct hold *p, const struct plan *plan, const struct hold_opts *opts)
{
	struct bpf_program *prog;
	int role, err = 0;
	size_t i;

	p->skel = hold_bpf__open();
	if (!p->skel)
		return -errno;
	bpf_object__for_each_program(prog, p->skel->obj)
		bpf_program__set_autoload(prog, false);
	for (role = 0; !err && role < ROLES; role++) {
		if (!p->hook[role])
			continue;
		prog = program(p, role);
		bpf_program__set_autoload(prog, true);
		if (p->tramp[role])
			err = bpf_program__set_attach_target(prog, 0, p->hook[role]->func);
	}
	for (i = 0; opts->hazard && i < opts->hazard->nlookups; i++)
		bpf_program__set_autoload(watcher(p, opts->hazard->arg[i]), true);
	bpf_program__set_autoload(p->skel->progs.ovlt_hold_note_root, true);
	bpf_program__set_autoload(p->skel->progs.ovlt_hold_at_store, opts->provoke);
	p->skel->rodata->layout = plan->layout;
	p->skel->rodata->widen_ns = (uint64_t)opts->widen_us * 1000;
	p->skel->rodata->provoke_ns = opts->provoke ? PROVOKE_US * 1000 : 0;
	p->skel->rodata->free_cpu = opts->free_cpu;
	p->skel->rodata->max_waiting = opts->max_waiting;
	p->skel->rodata->gives_up = opts->gives_up;
	p->skel->rodata->readers_ns = (uint64_t)opts->readers_ms * 1000000;
	if (!err)
		err = hold_bpf__load(p->skel);
	return err ? err : note_root(p);
}

static int attach_at(struct bpf_link **link, struct bpf_program *prog, const struct ksym *sym)
{
	struct kprobe_at at = { .addr = sym->addr };

	return kprobe__attach(link, prog, &at);
}

/* The slot's writes that the plan probes as instructions. */
static int attach_writes(struct hold *p, const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->nprobes && p->nwrites < CODE_MAX_STORES; i++) {
		const struct plan_probe *at = &plan->probe[i];
		struct kprobe_at where = { .addr = at->addr, .cookie = at->cookie };
		int err;

		if (at->prog != PROG_at_slot_write)
			continue;
		err = kprobe__attach(&p->write[p->nwrites], p->skel->progs.ovlt_hold_at_store,
				     &where);
		if (err)
			return err;
		p->nwrites++;
	}
	return 0;
}

static int attach(struct hold *p, const struct hazard *h)
{
	int role, err;
	size_t i;

	for (role = 0; role < ROLES; role++) {
		if (!p->hook[role])
			continue;
		if (p->tramp[role])
			p->link[role] = bpf_program__attach(program(p, role));
		err = p->tramp[role] ? p->link[role] ? 0 : -errno :
				       attach_at(&p->link[role], program(p, role), p->sym[role]);
		if (err)
			return err;
		debug("probe: %s on %s runs %s", p->tramp[role] ? "fentry or fexit" : "kprobe",
		      p->sym[role]->name, bpf_program__name(program(p, role)));
	}
	for (i = 0; h && i < h->nlookups; i++) {
		err = attach_at(&p->watch[i], watcher(p, h->arg[i]), h->lookup[i]);
		if (err)
			return err;
		p->nwatches++;
	}
	return 0;
}

static void reset(struct hold *p)
{
	int role;

	for (role = 0; role < ROLES; role++) {
		bpf_link__destroy(p->link[role]);
		p->link[role] = NULL;
		p->hook[role] = NULL;
	}
	while (p->nwatches)
		bpf_link__destroy(p->watch[--p->nwatches]);
	while (p->nwrites)
		bpf_link__destroy(p->write[--p->nwrites]);
	hold_bpf__destroy(p->skel);
	p->skel = NULL;
}

int hold__new(struct hold **out, const struct kernel *k, const struct plan *plan,
	      const struct hold_opts *opts, char why[256])
{
	struct hold *p = calloc(1, sizeof(*p));
	int way, err = -ENOMEM;

	*out = NULL;
	/* trampolines cost less and keep interrupts enabled; kprobes need no BTF */
	for (way = 0; p && way < 2; way++) {
		p->tramps = way == 0;
		choose(p, k, opts);
		err = load(p, plan, opts);
		if (!err)
			err = attach(p, opts->hazard);
		if (!err && opts->provoke)
			err = attach_writes(p, plan);
		/* finding no hook is a failure, maybe for lack of BTF: try kprobes */
		if (!err && (p->hook[opts->order ? ROLE_PUBLISH : ROLE_WIDEN] || way)) {
			*out = p;
			return 0;
		}
		reset(p);
	}
	snprintf(why, 256, "cannot attach the probes that hold windows open: %s",
		 strerror(err < 0 ? -err : ENOENT));
	free(p);
	return err < 0 ? err : -ENOENT;
}

void hold__free(struct hold *p)
{
	if (!p)
		return;
	reset(p);
	free(p);
}

void hold__counts(const struct hold *p, struct hold_counts *c)
{
	c->waits = p->skel->bss->waits;
	c->waits_over = p->skel->bss->waits_over;
	c->waited_ns = p->skel->bss->waited_ns;
	c->copy_ups = p->skel->bss->copy_ups;
	c->copy_ups_wrong = p->skel->bss->copy_ups_wrong;
	c->mixed_stores = p->skel->bss->mixed_stores;
	c->mixed_frees = p->skel->bss->mixed_frees;
	c->lookups = p->skel->bss->lookups;
	c->lookups_locked = p->skel->bss->lookups_locked;
}

bool hold__sees_order(const struct hold *p)
{
	return p && p->hook[ROLE_COPY_UP] && p->hook[ROLE_PUBLISH];
}

bool hold__watches(const struct hold *p)
{
	return p && p->nwatches;
}

bool hold__widens(const struct hold *p)
{
	return p && p->hook[ROLE_WIDEN];
}

/* ---- readers of schedules ------------------------------------------------------ */

/* A program reads these at any time. */
#define SHARED(member) (*(volatile __typeof__(member) *)&(member))

void hold__arm(struct hold *p, unsigned int reader, uint32_t tid, uint64_t ino)
{
	SHARED(p->skel->bss->reader_at[reader]) = ino;
	SHARED(p->skel->bss->reader_tid[reader]) = tid;
}

void hold__disarm(struct hold *p, unsigned int reader)
{
	SHARED(p->skel->bss->reader_tid[reader]) = 0;
	hold__release(p, reader);
}

bool hold__is_held(const struct hold *p, unsigned int reader)
{
	return SHARED(p->skel->bss->reader_came[reader]) !=
	       SHARED(p->skel->bss->reader_let[reader]);
}

void hold__release(struct hold *p, unsigned int reader)
{
	SHARED(p->skel->bss->reader_let[reader]) = SHARED(p->skel->bss->reader_came[reader]);
}

void hold__readers(const struct hold *p, uint64_t *over, uint64_t *locked)
{
	*over = SHARED(p->skel->bss->readers_over);
	*locked = SHARED(p->skel->bss->readers_locked);
}
