// SPDX-License-Identifier: GPL-2.0-only
#include "util/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/mountinfo.h"

enum {
	REST_NS = 1000000,
};

enum state {
	FREE,
	WAITING,
	RUNNING,
	DONE,
};

struct request {
	enum state state;
	bool again; /* asked for while it runs: the result may be outdated */
	uint32_t dev, pid;
	uint64_t ticket; /* the order of requests */
	struct lookup_found found;
};

struct lookup {
	pthread_mutex_t lock;
	pthread_cond_t wake, done;
	pthread_t thread;
	bool started, ending, busy;
	struct request request[LOOKUP_QUEUE];
	uint64_t tickets;
	/* our own namespace, read when it has changed */
	int own_fd; /* poll() shows changes, without the lock of mounts */
	uint64_t changes;
	struct mountinfo_list own;
	bool own_read;
	uint64_t own_at; /* `changes` when it was read */
	/* only of the caller */
	uint64_t credit_ns, credit_at;
};

/* ---- the thread, without the lock ------------------------------------------ */

static void read_own(struct mountinfo_list *list)
{
	struct mountinfo_query query = { .file = "/proc/self/mountinfo", .bytes = SIZE_MAX };

	mountinfo__read(list, &query);
}

/* Whose mounts take long to read gets a quarter of a CPU at most. */
static void rest(uint64_t since)
{
	uint64_t took = clock__now_ns() - since, ns = took * 3;
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	if (took > REST_NS)
		nanosleep(&ts, NULL);
}

/* A path is shown only together with its namespace: it could pass for one of ours. */
static void find_other(uint32_t dev, uint32_t pid, struct lookup_found *found)
{
	char file[64];
	struct mountinfo_query query = { .file = file, .bytes = LOOKUP_BYTES, .dev = dev };
	struct mountinfo_list list;
	struct stat st;

	if (!pid)
		return;
	snprintf(file, sizeof(file), "/proc/%u/ns/mnt", pid);
	if (stat(file, &st))
		return;
	snprintf(file, sizeof(file), "/proc/%u/mountinfo", pid);
	mountinfo__read(&list, &query);
	if (list.n) {
		found->path = strdup(list.v[0].path);
		found->mount_ns = st.st_ino;
	}
	mountinfo__free(&list);
}

/* ---- with the lock --------------------------------------------------------- */

static bool own_is_current(struct lookup *l)
{
	struct pollfd p = { .fd = l->own_fd, .events = POLLPRI };

	if (l->own_fd < 0 || (poll(&p, 1, 0) == 1 && p.revents & (POLLPRI | POLLERR)))
		l->changes++;
	return l->own_read && l->own_at == l->changes;
}

/* False: it has to be read, or the overlay is not in it. */
static bool find_own(struct lookup *l, uint32_t dev, struct lookup_found *found)
{
	const char *path = mountinfo__find(&l->own, dev);

	if (!path)
		return false;
	found->path = strdup(path);
	found->mount_ns = 0;
	return true;
}

static struct request *next(struct lookup *l)
{
	struct request *first = NULL;
	size_t i;

	for (i = 0; i < LOOKUP_QUEUE; i++) {
		struct request *r = &l->request[i];

		if (r->state == WAITING && (!first || r->ticket < first->ticket))
			first = r;
	}
	return first;
}

static void refresh_own(struct lookup *l)
{
	struct mountinfo_list list, old;
	uint64_t at = l->changes;

	if (l->own_read && l->own_at == at)
		return;
	pthread_mutex_unlock(&l->lock);
	read_own(&list);
	pthread_mutex_lock(&l->lock);
	old = l->own;
	l->own = list;
	l->own_at = at;
	l->own_read = true;
	mountinfo__free(&old);
}

static void serve(struct lookup *l, struct request *r)
{
	struct lookup_found found = { 0 };
	uint32_t dev = r->dev, pid = r->pid;
	uint64_t begin = 0;
	bool own;

	r->state = RUNNING;
	r->again = false;
	refresh_own(l);
	own = find_own(l, dev, &found);
	if (!own) {
		pthread_mutex_unlock(&l->lock);
		begin = clock__now_ns();
		find_other(dev, pid, &found);
		pthread_mutex_lock(&l->lock);
	}
	free(r->found.path);
	r->found = found;
	r->state = r->again ? WAITING : DONE;
	pthread_cond_broadcast(&l->done);
	if (own)
		return;
	pthread_mutex_unlock(&l->lock);
	rest(begin);
	pthread_mutex_lock(&l->lock);
}

static void delete (struct lookup *l)
{
	size_t i;

	for (i = 0; i < LOOKUP_QUEUE; i++)
		free(l->request[i].found.path);
	mountinfo__free(&l->own);
	pthread_cond_destroy(&l->wake);
	pthread_cond_destroy(&l->done);
	pthread_mutex_destroy(&l->lock);
	if (l->own_fd >= 0)
		close(l->own_fd);
	free(l);
}

static void *work(void *arg)
{
	struct lookup *l = arg;
	struct request *r;
	bool abandoned;

	pthread_mutex_lock(&l->lock);
	while (!l->ending) {
		r = next(l);
		l->busy = r != NULL;
		if (r)
			serve(l, r);
		else
			pthread_cond_wait(&l->wake, &l->lock);
	}
	/* lookup__free() did not wait for a read that may take long */
	abandoned = !l->started;
	pthread_mutex_unlock(&l->lock);
	if (abandoned)
		delete (l);
	return NULL;
}

static bool start(struct lookup *l)
{
	sigset_t all, old;

	if (l->started)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	l->started = !pthread_create(&l->thread, NULL, work, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return l->started;
}

static struct request *find(struct lookup *l, uint32_t dev)
{
	size_t i;

	for (i = 0; i < LOOKUP_QUEUE; i++)
		if (l->request[i].state != FREE && l->request[i].dev == dev)
			return &l->request[i];
	return NULL;
}

/* One that is free, or else the oldest that does not run. */
static struct request *make_room(struct lookup *l)
{
	struct request *best = NULL;
	size_t i;

	for (i = 0; i < LOOKUP_QUEUE; i++) {
		struct request *r = &l->request[i];

		if (r->state == FREE)
			return r;
		if (r->state != RUNNING && (!best || r->ticket < best->ticket))
			best = r;
	}
	free(best->found.path);
	best->found.path = NULL;
	return best;
}

static struct request *ask(struct lookup *l, uint32_t dev, uint32_t pid)
{
	struct request *r = find(l, dev);

	if (!r) {
		r = make_room(l);
		r->state = FREE;
		r->dev = dev;
	}
	r->pid = pid;
	if (r->state == RUNNING) {
		r->again = true;
		return r;
	}
	if (r->state != WAITING)
		r->ticket = ++l->tickets;
	r->state = WAITING;
	pthread_cond_signal(&l->wake);
	return r;
}

static bool take(struct lookup *l, uint32_t dev, struct lookup_found *found)
{
	struct request *r = find(l, dev);

	if (!r || r->state != DONE)
		return false;
	*found = r->found;
	r->found.path = NULL;
	r->state = FREE;
	return true;
}

/* ---- the caller ------------------------------------------------------------ */

struct lookup *lookup__new(void)
{
	struct lookup *l = calloc(1, sizeof(*l));
	pthread_condattr_t attr;

	if (!l)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->wake, NULL);
	pthread_cond_init(&l->done, &attr);
	pthread_condattr_destroy(&attr);
	l->own_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	l->credit_ns = LOOKUP_CREDIT_NS;
	l->credit_at = clock__now_ns();
	return l;
}

void lookup__free(struct lookup *l)
{
	bool wait;

	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->ending = true;
	wait = l->started && !l->busy;
	if (l->started && !wait) {
		l->started = false;
		pthread_detach(l->thread);
		pthread_mutex_unlock(&l->lock);
		return;
	}
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
	if (wait)
		pthread_join(l->thread, NULL);
	delete (l);
}

/* How long it may wait now. */
static uint64_t credit(struct lookup *l, uint64_t now)
{
	l->credit_ns += (now - l->credit_at) / LOOKUP_CREDIT_SHARE;
	l->credit_at = now;
	if (l->credit_ns > LOOKUP_CREDIT_NS)
		l->credit_ns = LOOKUP_CREDIT_NS;
	return l->credit_ns < LOOKUP_WAIT_NS ? l->credit_ns : LOOKUP_WAIT_NS;
}

static bool wait_for(struct lookup *l, uint32_t dev, struct lookup_found *found)
{
	uint64_t begin = clock__now_ns(), until = begin + credit(l, begin), waited;
	struct timespec ts = { until / 1000000000, until % 1000000000 };
	bool done = take(l, dev, found);

	while (!done && pthread_cond_timedwait(&l->done, &l->lock, &ts) != ETIMEDOUT)
		done = take(l, dev, found);
	waited = clock__now_ns() - begin;
	l->credit_ns -= waited < l->credit_ns ? waited : l->credit_ns;
	return done;
}

bool lookup__mount(struct lookup *l, uint32_t dev, uint32_t pid, struct lookup_found *found)
{
	bool done = false;

	memset(found, 0, sizeof(*found));
	pthread_mutex_lock(&l->lock);
	if (own_is_current(l))
		done = find_own(l, dev, found);
	if (!done && start(l)) {
		ask(l, dev, pid);
		done = wait_for(l, dev, found);
	}
	pthread_mutex_unlock(&l->lock);
	return done;
}

bool lookup__result(struct lookup *l, uint32_t dev, struct lookup_found *found)
{
	bool done;

	pthread_mutex_lock(&l->lock);
	done = take(l, dev, found);
	pthread_mutex_unlock(&l->lock);
	return done;
}
