// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/check_caches.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/probe.h"
#include "probe/kernel.h"

static struct ovla_layout layout;

static void *open_reader(char why[PERFORM_TEXT])
{
	struct audit_probe *p;
	int err = audit_probe__load(&p, &layout);

	if (!err)
		return p;
	snprintf(why, PERFORM_TEXT, "the kernel rejects the BPF iterator: %s", strerror(-err));
	return NULL;
}

static void close_reader(void *reader)
{
	audit_probe__free(reader);
}

static int attach(void *reader)
{
	return audit_probe__attach(reader);
}

static int fd_of(const void *reader)
{
	return audit_probe__fd(reader);
}

/* The name's index; EXPLORE_NAMES: it is none of ours. */
static int name_of(const struct audit_list *l, const struct audit_item *item)
{
	const char *name = audit_list__name(l, item);
	int i = 0;

	while (i < EXPLORE_NAMES && (item->len != 1 || *name != *explore_names[i]))
		i++;
	return i;
}

static void take(const struct audit_dump *d, struct perform_cache *c)
{
	size_t i;
	int name;

	c->exists = d->dir.cache;
	c->merged = d->dir.whiteouts;
	c->impure = d->dir.impure;
	c->version = d->dir.version;
	c->stamp = d->dir.stamp;
	c->refcount = d->dir.refcount;
	for (i = 0; i < d->entries.n; i++) {
		const struct audit_item *item = &d->entries.v[i];

		name = name_of(&d->entries, item);
		if (name == EXPLORE_NAMES || item->flags & (AUDIT_WHITEOUT | AUDIT_XWHITEOUT))
			continue;
		c->names |= 1u << name;
		c->ino[name] = item->ino;
	}
}

static int read_cache(void *reader, int fd, struct perform_cache *c)
{
	struct audit_dump d;
	int err = audit_probe__dump(reader, fd, &d);

	memset(c, 0, sizeof(*c));
	if (!err && d.flags)
		err = -EAGAIN;
	if (!err)
		take(&d, c);
	audit_dump__deinit(&d);
	return err;
}

static const struct perform_caches caches = {
	.open = open_reader,
	.close = close_reader,
	.attach = attach,
	.fd = fd_of,
	.read = read_cache,
};

const struct perform_caches *check_caches__new(char why[PERFORM_TEXT])
{
	struct kernel kernel = { 0 };
	int err;

	if (geteuid()) {
		snprintf(why, PERFORM_TEXT, "this needs root");
		return NULL;
	}
	err = kernel__audit_layout(&kernel, &layout);
	if (err)
		snprintf(why, PERFORM_TEXT, "%.200s", kernel.why);
	kernel__deinit(&kernel);
	return err ? NULL : &caches;
}
