// SPDX-License-Identifier: GPL-2.0-only
/*
 * No state: a node's number says what it is. The kernel may keep all of it, but for the
 * name x: each lookup of that is a request.
 */
#include "perform/served.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	BUFFER = 1 << 17, /* the kernel wants room for its largest request */
	MAX_WRITE = 4096,
	MINOR = 31, /* of the protocol */
	KINDS = 16, /* nodes of a cN */
	CHUNKS = 1 << 20,
	VALID_S = 86400,
};

/* A node's number: (N + 1) * KINDS + its kind; the root's is FUSE_ROOT_ID. */
enum node_kind {
	NODE_CHUNK,
	NODE_S,
	NODE_T,
	NODE_A,
	NODE_B,
	NODE_X,
	NODE_Y,
	NODE_NONE,
};

static const struct {
	enum node_kind parent;
	const char *name;
} nodes[] = {
	[NODE_S] = { NODE_CHUNK, "S" }, [NODE_T] = { NODE_CHUNK, "T" }, [NODE_A] = { NODE_S, "a" },
	[NODE_B] = { NODE_S, "b" },	[NODE_X] = { NODE_T, "x" },	[NODE_Y] = { NODE_T, "y" },
};

struct request {
	struct fuse_in_header *head;
	void *body;
};

int served__open(struct served *s)
{
	memset(s, 0, sizeof(*s));
	s->fd = open("/dev/fuse", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return s->fd < 0 ? -errno : 0;
}

void served__options(const struct served *s, char *text, unsigned long size)
{
	snprintf(text, size, "fd=%d,rootmode=40000,user_id=0,group_id=0", s->fd);
}

void served__close(struct served *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* ---- nodes ---------------------------------------------------------------------- */

static enum node_kind kind_of(uint64_t node)
{
	return node == FUSE_ROOT_ID ? NODE_NONE : node % KINDS;
}

static bool is_dir(uint64_t node)
{
	return node == FUSE_ROOT_ID || kind_of(node) <= NODE_T;
}

/* The node of that name; 0: there is none. */
static uint64_t find(uint64_t parent, const char *name)
{
	unsigned int kind;
	unsigned long n;
	char *end;

	if (parent == FUSE_ROOT_ID) {
		if (name[0] != 'c' || name[1] < '0' || name[1] > '9')
			return 0;
		n = strtoul(name + 1, &end, 10);
		return *end || n >= CHUNKS ? 0 : (n + 1) * KINDS + NODE_CHUNK;
	}
	for (kind = NODE_S; kind < NODE_NONE; kind++)
		if (nodes[kind].parent == kind_of(parent) && !strcmp(nodes[kind].name, name))
			return parent - kind_of(parent) + kind;
	return 0;
}

static struct fuse_attr attr_of(uint64_t node)
{
	struct fuse_attr a = {
		.ino = node,
		.mode = is_dir(node) ? S_IFDIR | 0755 : S_IFREG | 0644,
		.nlink = is_dir(node) || kind_of(node) == NODE_X ? 2 : 1,
		.blksize = 4096,
	};

	return a;
}

/* ---- answers ---------------------------------------------------------------------- */

static void answer(struct served *s, uint64_t request, int err, const void *body, size_t size)
{
	struct fuse_out_header head = {
		.len = sizeof(head) + size,
		.error = err,
		.unique = request,
	};
	const struct iovec iov[] = { { &head, sizeof(head) }, { (void *)body, size } };

	/* an error: the request was aborted, nothing waits for it */
	if (writev(s->fd, iov, 2) < 0)
		return;
}

static void answer_entry(struct served *s, uint64_t request, uint64_t node)
{
	/* node 0: there is no such name */
	const struct fuse_entry_out out = {
		.nodeid = node,
		.entry_valid = kind_of(node) == NODE_X ? 0 : VALID_S,
		.attr_valid = VALID_S,
		.attr = attr_of(node),
	};

	answer(s, request, 0, &out, sizeof(out));
}

static void answer_init(struct served *s, const struct request *r)
{
	const struct fuse_init_in *in = r->body;
	const struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = MINOR,
		.max_readahead = in->max_readahead,
		/* overlayfs needs file handles of the origin */
		.flags = FUSE_EXPORT_SUPPORT & in->flags,
		.max_write = MAX_WRITE,
	};

	answer(s, r->head->unique, 0, &out, sizeof(out));
}

/* Who looks it up, and is it to be held? */
static bool hold(struct served *s, const struct request *r, uint64_t node)
{
	unsigned int i;

	for (i = 0; i < SERVED_HOLDS; i++) {
		struct served_hold *h = &s->hold[i];

		if (h->tid != r->head->pid || h->request || kind_of(node) != NODE_X)
			continue;
		h->request = r->head->unique;
		h->node = node;
		return true;
	}
	return false;
}

static void answer_lookup(struct served *s, const struct request *r)
{
	uint64_t parent = r->head->nodeid, node;

	/* "." is asked for by file handles */
	node = !strcmp(r->body, ".") ? parent : find(parent, r->body);
	if (node && hold(s, r, node))
		return;
	answer_entry(s, r->head->unique, node);
}

static void answer_one(struct served *s, const struct request *r)
{
	const struct fuse_attr_out attr = { .attr_valid = VALID_S,
					    .attr = attr_of(r->head->nodeid) };
	const struct fuse_statfs_out fs = { .st = { .bsize = 4096, .namelen = 255 } };

	switch (r->head->opcode) {
	case FUSE_INIT:
		answer_init(s, r);
		break;
	case FUSE_LOOKUP:
		answer_lookup(s, r);
		break;
	case FUSE_GETATTR:
		answer(s, r->head->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_READ:
	case FUSE_READDIR:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
		answer(s, r->head->unique, 0, NULL, 0);
		break;
	case FUSE_STATFS:
		answer(s, r->head->unique, 0, &fs, sizeof(fs));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		/* without an answer to the first open the kernel asks for no other one */
		answer(s, r->head->unique, -ENOSYS, NULL, 0);
	}
}

void served__answer(struct served *s)
{
	static uint64_t buffer[BUFFER / sizeof(uint64_t)];
	struct request r = { .head = (void *)buffer, .body = (char *)buffer + sizeof(*r.head) };
	ssize_t n;

	while ((n = read(s->fd, buffer, sizeof(buffer) - 1)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < (ssize_t)sizeof(*r.head))
			continue;
		((char *)buffer)[n] = 0;
		answer_one(s, &r);
	}
}

/* ---- holding ------------------------------------------------------------------------ */

void served__arm(struct served *s, unsigned int hold, uint32_t tid)
{
	s->hold[hold] = (struct served_hold){ .tid = tid };
}

void served__disarm(struct served *s, unsigned int hold)
{
	s->hold[hold].tid = 0;
	served__release(s, hold);
}

bool served__is_held(const struct served *s, unsigned int hold)
{
	return s->hold[hold].request;
}

void served__release(struct served *s, unsigned int hold)
{
	uint64_t request = s->hold[hold].request;

	s->hold[hold].request = 0;
	if (request)
		answer_entry(s, request, s->hold[hold].node);
}
