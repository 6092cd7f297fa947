// SPDX-License-Identifier: GPL-2.0-only
#include "probe/follow_probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "follow.skel.h"
#include "probe/attach_internal.h"
#include "probe/libbpf_log.h"

struct follow_probe {
	struct follow_bpf *skel;
	struct ring_buffer *ring;
	struct follow *table;
	uint64_t read_ns; /* since when events are read without a pause; 0: they are not */
};

enum {
	/* longer than any event waits for the ones before it: see src/probe/attach_state.c */
	KEEP_NS_SECONDS = 10,
	NS = 1000000000,
};

/* A program reads or writes these at any time. */
#define SHARED(member) (*(volatile __typeof__(member) *)&(member))

static int on_move(void *ctx, void *data, size_t size)
{
	struct follow_probe *p = ctx;

	if (size >= sizeof(struct ovlf_move))
		follow__move(p->table, data);
	return 0;
}

/* What did not fit is noted after what did: read it last. */
static void read_moves(struct follow_probe *p)
{
	const struct follow_bpf__bss *bss = p->skel->bss;

	ring_buffer__consume(p->ring);
	if (SHARED(bss->full_ns))
		follow__incomplete(p->table, SHARED(bss->full_ns));
	if (SHARED(bss->lost_ns))
		follow__lost(p->table, SHARED(bss->lost_ns));
}

static int note_us(struct follow_probe *p)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);

	return bpf_prog_test_run_opts(bpf_program__fd(p->skel->progs.ovlt_follow_note_us), &run) ?
		       -errno :
		       0;
}

static int start(struct follow_probe *p)
{
	int err;

	p->table = follow__new();
	if (!p->table)
		return -ENOMEM;
	libbpf_log__forget();
	p->skel = follow_bpf__open_and_load();
	if (!p->skel)
		return -errno;
	p->ring = ring_buffer__new(bpf_map__fd(p->skel->maps.moves), on_move, p, NULL);
	err = p->ring ? note_us(p) : -errno;
	return err ? err : follow_bpf__attach(p->skel);
}

int follow_probe__new(struct follow_probe **out, char why[256])
{
	struct follow_probe *p = calloc(1, sizeof(*p));
	int err = p ? start(p) : -ENOMEM;

	*out = err ? NULL : p;
	if (!err)
		return 0;
	snprintf(why, 256, "the programs that follow processes cannot be attached: %s",
		 strerror(-err));
	follow_probe__free(p);
	return err;
}

void follow_probe__free(struct follow_probe *p)
{
	if (!p)
		return;
	ring_buffer__free(p->ring);
	follow_bpf__destroy(p->skel);
	follow__free(p->table);
	free(p);
}

/* The parent of a process; 0: it is gone. Its name may contain anything. */
static uint32_t parent_of(const char *pid)
{
	char path[300], line[1024];
	uint32_t parent = 0;
	const char *after;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[n] = 0;
	after = strrchr(line, ')');
	if (after && strlen(after) > 4)
		parent = (uint32_t)strtoul(after + 4, NULL, 10);
	return parent;
}

static int link_all(struct follow_probe *p)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;

	if (!proc)
		return -errno;
	while ((d = readdir(proc))) {
		uint32_t parent = *d->d_name >= '1' && *d->d_name <= '9' ? parent_of(d->d_name) : 0;

		if (parent)
			follow__link(p->table, parent, (uint32_t)strtoul(d->d_name, NULL, 10));
	}
	closedir(proc);
	return 0;
}

/* From now on what it forks belongs to the tree, too. */
static int add(struct follow_probe *p, uint32_t pid)
{
	struct ovlf_member m = { .trees = OVLF_PIDS };

	return bpf_map_update_elem(bpf_map__fd(p->skel->maps.members), &pid, &m, BPF_ANY) ? -errno :
											    0;
}

/*
 * While we look, all forks are reported, so that one by a process that we have not come to
 * yet is known all the same. When nothing more joins, each process of the tree is in the map.
 */
int follow_probe__gather(struct follow_probe *p, const uint32_t *pids, size_t n)
{
	uint32_t pid;
	size_t i;
	int err = 0;

	SHARED(p->skel->bss->gathering) = 1;
	for (i = 0; !err && i < n; i++) {
		follow__root(p->table, pids[i], OVLF_PIDS);
		err = add(p, pids[i]);
	}
	if (!err)
		err = link_all(p);
	read_moves(p);
	while (!err && follow__join(p->table, OVLF_PIDS, &pid)) {
		err = add(p, pid);
		read_moves(p);
	}
	SHARED(p->skel->bss->gathering) = 0;
	follow__gathered(p->table);
	return err;
}

void follow_probe__adopt(struct follow_probe *p, bool on)
{
	SHARED(p->skel->bss->adopting) = on ? OVLF_COMMAND : 0;
	read_moves(p);
	/* the root must have been seen */
	if (!on && !follow__has(p->table, OVLF_COMMAND))
		follow__incomplete(p->table, 0);
}

void follow_probe__tick(struct follow_probe *p, uint64_t now_ns, bool unread)
{
	const uint64_t keep_ns = (uint64_t)KEEP_NS_SECONDS * NS;

	read_moves(p);
	/* a fork that the kernel skipped: see docs/locks.md on preemption */
	if (attach__missed_of(p->skel->obj, true))
		follow__lost(p->table, now_ns - NS);
	if (unread)
		p->read_ns = 0;
	else if (!p->read_ns)
		p->read_ns = now_ns;
	else if (now_ns - p->read_ns > keep_ns)
		follow__forget(p->table, now_ns - keep_ns);
}

enum tristate follow_probe__belongs(struct follow_probe *p, uint32_t pid, uint64_t ts_ns,
				    enum ovlf_tree tree)
{
	read_moves(p);
	return follow__belongs(p->table, pid, ts_ns, tree);
}

int follow_probe__map(const struct follow_probe *p)
{
	return bpf_map__fd(p->skel->maps.members);
}

uint64_t follow_probe__missing(const struct follow_probe *p)
{
	return p && (SHARED(p->skel->bss->full_ns) || attach__missed_of(p->skel->obj, true));
}
