// SPDX-License-Identifier: GPL-2.0-only
/*
 * With --provoke: the consequence of a copy-up in the wrong order. A task that
 * opens the directory after it is published, and before OVL_WHITEOUTS is set,
 * takes it for a real directory until the stream is rewound. If another stream
 * holds an outdated refcounted cache of it, a read of the first stream frees
 * this cache while it is in use.
 */
#include "check/race.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	KEPT = 64, /* the streams that were opened last */
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

/* Opens the directory repeatedly during its copy-up, but not at its begin: an open repairs it there. */
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

/* Keeps another listing half read while a file is created and removed in the directory. */
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
