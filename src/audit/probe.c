// SPDX-License-Identifier: GPL-2.0-only
#include "audit/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audit.skel.h"

enum {
	WALK_TRIES = 5,
};

struct audit_probe {
	struct audit_bpf *skel;
	struct bpf_link *link;
};

int audit_probe__load(struct audit_probe **out, const struct ovla_layout *layout)
{
	struct audit_probe *p = calloc(1, sizeof(*p));
	int err;

	*out = NULL;
	if (!p)
		return -ENOMEM;
	p->skel = audit_bpf__open();
	if (p->skel) {
		memcpy((void *)&p->skel->rodata->layout, layout, sizeof(*layout));
		err = audit_bpf__load(p->skel);
	} else {
		err = -errno;
	}
	if (err)
		audit_probe__free(p);
	else
		*out = p;
	return err;
}

int audit_probe__attach(struct audit_probe *p)
{
	union bpf_iter_link_info info = { .task.tid = syscall(SYS_gettid) };
	LIBBPF_OPTS(bpf_iter_attach_opts, opts);

	/* an initializer would leave the padding undefined, which libbpf checks */
	opts.link_info = &info;
	opts.link_info_len = sizeof(info);
	p->link = bpf_program__attach_iter(p->skel->progs.ovlt_audit, &opts);
	return p->link ? 0 : -errno;
}

int audit_probe__new(struct audit_probe **p, const struct ovla_layout *layout)
{
	int err = audit_probe__load(p, layout);

	if (err)
		return err;
	err = audit_probe__attach(*p);
	if (err) {
		audit_probe__free(*p);
		*p = NULL;
	}
	return err;
}

int audit_probe__fd(const struct audit_probe *p)
{
	return bpf_program__fd(p->skel->progs.ovlt_audit);
}

void audit_probe__free(struct audit_probe *p)
{
	if (!p)
		return;
	bpf_link__destroy(p->link);
	audit_bpf__destroy(p->skel);
	free(p);
}

static int run(struct audit_probe *p, enum ovla_what what, int fd, uint64_t only, uint32_t skip)
{
	struct audit_bpf__bss *bss = p->skel->bss;
	char buf[64];
	int iter, err = 0;
	ssize_t n;

	bss->what = what;
	bss->target_fd = fd;
	bss->only_inode = only;
	bss->skip = skip;
	bss->runs = bss->flags = bss->used = bss->records = 0;
	bss->inodes = bss->root_len = 0;
	memset(&bss->dir, 0, sizeof(bss->dir));
	iter = bpf_iter_create(bpf_link__fd(p->link));
	if (iter < 0)
		return iter;
	/* the program writes no output, so the first read visits all files */
	while ((n = read(iter, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			err = -errno;
			break;
		}
	}
	close(iter);
	if (!err && bss->runs != 1)
		err = -ESTALE;
	return err;
}

int audit_probe__walk(struct audit_probe *p, int fd, uint64_t only_inode, struct audit_walk *w)
{
	const struct audit_bpf__bss *bss = p->skel->bss;
	int i, err;

	for (i = 0; i < WALK_TRIES; i++) {
		err = run(p, OVLA_WALK, fd, only_inode, 0);
		if (err)
			return err;
		if (!(bss->flags & OVLA_TORN))
			break;
		usleep(1000 << i);
	}
	w->inodes = bss->inodes;
	w->flags = bss->flags;
	w->xino_mode = bss->xino_mode;
	return audit__parse_walk(&w->found, bss->out, bss->used, bss->root_len);
}

void audit_walk__deinit(struct audit_walk *w)
{
	audit_founds__deinit(&w->found);
}

int audit_probe__dump(struct audit_probe *p, int fd, struct audit_dump *d)
{
	const struct audit_bpf__bss *bss = p->skel->bss;
	uint32_t known = 0;
	int err;

	memset(d, 0, sizeof(*d));
	do {
		err = run(p, OVLA_DUMP, fd, 0, known);
		if (err)
			return err;
		/* all parts must be of one cache */
		if (known && memcmp(&d->dir, &bss->dir, sizeof(d->dir)))
			d->flags |= OVLA_TORN;
		d->dir = bss->dir;
		d->flags |= bss->flags & ~OVLA_FULL;
		known += bss->records;
		err = audit__parse_entries(&d->entries, bss->out, bss->used);
		if (err == -EBADMSG)
			d->flags |= OVLA_TORN;
		else if (err)
			return err;
	} while (bss->flags & OVLA_FULL && bss->records && !(d->flags & OVLA_TORN));
	return 0;
}

void audit_dump__deinit(struct audit_dump *d)
{
	audit_list__deinit(&d->entries);
}
