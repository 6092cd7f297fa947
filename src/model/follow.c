// SPDX-License-Identifier: GPL-2.0-only
#include "model/follow.h"

#include <stdlib.h>

#include "util/hash.h"

/* A process of a tree; the latest one of its pid is first. */
struct period {
	uint64_t from_ns, to_ns; /* to_ns 0: it has not ended */
	uint32_t trees;
	struct period *older;
};

struct process {
	UT_hash_handle hh; /* by pid */
	uint32_t pid;
	struct period last;
};

struct link {
	uint32_t parent, pid;
};

struct follow {
	struct process *processes;
	struct link *links;
	size_t nlinks, cap;
	uint32_t trees; /* that any process has belonged to */
	uint64_t incomplete_ns, lost_ns; /* UINT64_MAX: never */
};

struct follow *follow__new(void)
{
	struct follow *f = calloc(1, sizeof(*f));

	if (f)
		f->incomplete_ns = f->lost_ns = UINT64_MAX;
	return f;
}

static void older_free(struct period *p)
{
	struct period *older;

	for (; p; p = older) {
		older = p->older;
		free(p);
	}
}

static void process_free(struct follow *f, struct process *p)
{
	HASH_DEL(f->processes, p);
	older_free(p->last.older);
	free(p);
}

void follow__free(struct follow *f)
{
	struct process *p, *tmp;

	if (!f)
		return;
	HASH_ITER(hh, f->processes, p, tmp)
		process_free(f, p);
	free(f->links);
	free(f);
}

void follow__incomplete(struct follow *f, uint64_t ts_ns)
{
	if (ts_ns < f->incomplete_ns)
		f->incomplete_ns = ts_ns;
}

void follow__lost(struct follow *f, uint64_t ts_ns)
{
	if (ts_ns < f->lost_ns)
		f->lost_ns = ts_ns;
}

static struct process *find(const struct follow *f, uint32_t pid)
{
	struct process *p;

	HASH_FIND(hh, f->processes, &pid, sizeof(pid), p);
	return p;
}

static struct process *add(struct follow *f, uint32_t pid)
{
	struct process *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->pid = pid;
	HASH_ADD(hh, f->processes, pid, sizeof(p->pid), p);
	if (hash__holds(p))
		return p;
	free(p);
	return NULL;
}

static void close_period(struct process *p, uint64_t ts_ns)
{
	if (!p->last.to_ns)
		p->last.to_ns = ts_ns;
}

static void open_period(struct follow *f, uint32_t pid, uint32_t trees, uint64_t from_ns)
{
	struct process *p = find(f, pid);
	struct period *older = NULL;

	if (p) {
		close_period(p, from_ns);
		older = malloc(sizeof(*older));
		if (older)
			*older = p->last;
	} else {
		p = add(f, pid);
	}
	f->trees |= trees;
	if (!p || (p->last.trees && !older)) {
		follow__lost(f, from_ns);
		return;
	}
	p->last = (struct period){ .from_ns = from_ns, .trees = trees, .older = older };
}

void follow__move(struct follow *f, const struct ovlf_move *move)
{
	struct process *p;

	if (move->what == OVLF_FORK) {
		open_period(f, move->pid, move->trees, move->ts_ns);
		return;
	}
	if (move->what == OVLF_OTHER) {
		follow__link(f, move->parent, move->pid);
		return;
	}
	p = find(f, move->pid);
	if (p)
		close_period(p, move->ts_ns);
}

enum tristate follow__belongs(const struct follow *f, uint32_t pid, uint64_t ts_ns,
			      enum ovlf_tree tree)
{
	const struct process *proc;
	const struct period *p;

	if (!pid || ts_ns >= f->lost_ns)
		return TRISTATE_UNKNOWN;
	proc = find(f, pid);
	for (p = proc ? &proc->last : NULL; p; p = p->older)
		if (p->trees & tree && p->from_ns <= ts_ns && (!p->to_ns || ts_ns <= p->to_ns))
			return TRISTATE_YES;
	return ts_ns >= f->incomplete_ns ? TRISTATE_UNKNOWN : TRISTATE_NO;
}

bool follow__has(const struct follow *f, enum ovlf_tree tree)
{
	return f->trees & tree;
}

void follow__forget(struct follow *f, uint64_t before_ns)
{
	struct process *proc, *tmp;
	struct period *p;

	HASH_ITER(hh, f->processes, proc, tmp) {
		for (p = &proc->last; p->older && p->older->to_ns >= before_ns;)
			p = p->older;
		older_free(p->older);
		p->older = NULL;
		if (proc->last.to_ns && proc->last.to_ns < before_ns)
			process_free(f, proc);
	}
}

void follow__link(struct follow *f, uint32_t parent, uint32_t pid)
{
	if (f->nlinks == f->cap) {
		size_t cap = f->cap ? 2 * f->cap : 256;
		struct link *links = realloc(f->links, cap * sizeof(*links));

		if (!links) {
			follow__incomplete(f, 0);
			return;
		}
		f->links = links;
		f->cap = cap;
	}
	f->links[f->nlinks++] = (struct link){ parent, pid };
}

/* It may have belonged to the tree before, so there is no beginning. */
static void join(struct follow *f, uint32_t pid, enum ovlf_tree tree)
{
	struct process *p = find(f, pid);

	f->trees |= tree;
	if (p && !p->last.to_ns)
		p->last.trees |= tree;
	else
		open_period(f, pid, tree, 0);
}

void follow__root(struct follow *f, uint32_t pid, enum ovlf_tree tree)
{
	join(f, pid, tree);
}

static bool is_in(const struct follow *f, uint32_t pid, enum ovlf_tree tree)
{
	const struct process *p = find(f, pid);

	return p && p->last.trees & tree;
}

bool follow__join(struct follow *f, enum ovlf_tree tree, uint32_t *pid)
{
	size_t i;

	for (i = 0; i < f->nlinks; i++) {
		if (!is_in(f, f->links[i].parent, tree) || is_in(f, f->links[i].pid, tree))
			continue;
		*pid = f->links[i].pid;
		join(f, *pid, tree);
		return true;
	}
	return false;
}

void follow__gathered(struct follow *f)
{
	free(f->links);
	f->links = NULL;
	f->nlinks = f->cap = 0;
}
