// SPDX-License-Identifier: GPL-2.0-only
/*
 * With --provoke: what a directory's copy-up in the wrong order leads to. Who
 * opens it after it is published and before OVL_WHITEOUTS is set takes it for a
 * real one, and goes on to as long as the stream is not rewound. When somebody
 * else holds a counted cache of it that has gone out of date, a read of that
 * stream frees the cache under him.
 */
#include "check/race.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	KEPT = 64, /* streams: the last ones that were opened */
};

struct provoker {
	struct area *a;
	char name[AREA_NAME];
	pthread_t thread;
	int kept[KEPT];
	unsigned int n;
	bool stop;
};

static void keep(struct provoker *p, int fd)
{
	int *slot = &p->kept[p->n++ % KEPT];

	if (p->n > KEPT)
		close(*slot);
	*slot = fd;
}

/* Opens the directory over and over while it is copied up; not at its begin, an open heals there. */
static void *open_meanwhile(void *arg)
{
	struct provoker *p = arg;

	area__thread_name("opener");
	while (!__atomic_load_n(&p->stop, __ATOMIC_ACQUIRE)) {
		int fd = openat(p->a->merged_fd, p->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		lseek(fd, 1, SEEK_SET);
		keep(p, fd);
	}
	return NULL;
}

struct provoker *provoke__begin(struct area *a, const char *dir)
{
	struct provoker *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->a = a;
	snprintf(p->name, sizeof(p->name), "%s", dir);
	if (!pthread_create(&p->thread, NULL, open_meanwhile, p))
		return p;
	free(p);
	return NULL;
}

/* Somebody else is in the middle of a listing, and the directory changes: a file comes and goes. */
static int hold_outdated(struct provoker *p)
{
	char path[AREA_PATH];
	int fd = openat(p->a->merged_fd, p->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), file;

	if (fd < 0)
		return fd;
	view__read(p->a->st, fd, 64);
	snprintf(path, sizeof(path), "%s/new", p->name);
	file = openat(p->a->merged_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (file >= 0)
		close(file);
	unlinkat(p->a->merged_fd, path, 0);
	return fd;
}

void provoke__end(struct provoker *p)
{
	unsigned int i, n;
	int holder;

	if (!p)
		return;
	__atomic_store_n(&p->stop, true, __ATOMIC_RELEASE);
	pthread_join(p->thread, NULL);
	holder = hold_outdated(p);
	n = p->n < KEPT ? p->n : KEPT;
	for (i = 0; i < n; i++) {
		view__read(p->a->st, p->kept[i], 512);
		close(p->kept[i]);
	}
	if (holder >= 0)
		close(holder);
	free(p);
}
