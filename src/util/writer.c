// SPDX-License-Identifier: GPL-2.0-only
#include "util/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/clock.h"

enum {
	POLL_MS = 10,
};

struct chunk {
	struct chunk *next;
	size_t len;
	int fd; /* to write to from here on; -1: as before */
	char *bytes;
	size_t cap; /* of bytes, which are used again; 0: they are not */
};

struct writer {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	struct chunk *first, **last; /* first: being written, if the thread is busy */
	size_t waiting; /* bytes */
	char *spare; /* written bytes of writer__take() */
	size_t spare_cap;
	int fd; /* of what comes next */
	int space_fd;
	int err; /* -errno; nothing is written after it */
	bool error_reported, started, full, signalled, ending, busy;
};

/* Cuts a regular file back to its last complete line. `off` bytes of a chunk are in it. */
static void cut(int fd, const char *bytes, size_t off)
{
	const char *end = memrchr(bytes, '\n', off);
	size_t line = end ? (size_t)(end + 1 - bytes) : 0;
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < (off_t)(off - line))
		return;
	if (off > line && ftruncate(fd, st.st_size - (off_t)(off - line)))
		return; /* the last line is then cut, which a reader notices */
}

static int put(int fd, const struct chunk *c)
{
	size_t off = 0;

	while (off < c->len) {
		ssize_t n = write(fd, c->bytes + off, c->len - off);
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		if (n >= 0) {
			off += n;
		} else if (errno == EAGAIN) {
			/* another process that shares the descriptor made it so */
			poll(&p, 1, -1);
		} else if (errno != EINTR) {
			int err = -errno;

			cut(fd, c->bytes, off);
			return err;
		}
	}
	return 0;
}

/* Called with the lock held, as the next two are. */
static void drop(struct writer *w)
{
	struct chunk *c = w->first;

	w->waiting -= c->len;
	if (c->fd >= 0) {
		close(w->fd);
		w->fd = c->fd;
	}
	w->first = c->next;
	if (!w->first)
		w->last = &w->first;
	if (c->cap && !w->spare) {
		w->spare = c->bytes;
		w->spare_cap = c->cap;
	} else {
		free(c->bytes);
	}
	free(c);
}

static void signal_space(struct writer *w)
{
	uint64_t one = 1;

	if (w->signalled || !(w->full || w->err) || w->waiting > WRITER_BOUND / 2)
		return;
	w->full = false;
	w->signalled = true;
	/* it fails only after 2^64 such signals that were not read */
	if (write(w->space_fd, &one, sizeof(one)) < 0)
		return;
}

static void destroy(struct writer *w)
{
	while (w->first)
		drop(w);
	close(w->fd);
	close(w->space_fd);
	free(w->spare);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void *work(void *arg)
{
	struct writer *w = arg;
	bool abandoned;

	pthread_mutex_lock(&w->lock);
	while (!w->ending) {
		int err = w->err;

		if (!w->first) {
			pthread_cond_wait(&w->wake, &w->lock);
			continue;
		}
		if (!err) {
			w->busy = true;
			pthread_mutex_unlock(&w->lock);
			err = put(w->fd, w->first);
			pthread_mutex_lock(&w->lock);
			w->busy = false;
		}
		if (err && !w->err)
			w->err = err;
		drop(w);
		signal_space(w);
	}
	/* writer__free() did not wait for a write that may never end */
	abandoned = !w->started;
	pthread_mutex_unlock(&w->lock);
	if (abandoned)
		destroy(w);
	return NULL;
}

struct writer *writer__new(int fd)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->space_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (w->space_fd < 0) {
		close(w->fd);
		free(w);
		return NULL;
	}
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	w->last = &w->first;
	return w;
}

void writer__free(struct writer *w)
{
	bool wait;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	wait = w->started && !w->busy;
	if (w->started && !wait) {
		w->started = false;
		pthread_detach(w->thread);
		pthread_mutex_unlock(&w->lock);
		return;
	}
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (wait)
		pthread_join(w->thread, NULL);
	destroy(w);
}

/* Signals are left to the caller. A thread that starts late has the privileges of that moment. */
static int start(struct writer *w)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	w->started = !err;
	return -err;
}

static struct chunk *chunk_new(char *bytes, size_t len)
{
	struct chunk *c = malloc(sizeof(*c));

	if (c)
		*c = (struct chunk){ .bytes = bytes, .len = len, .fd = -1 };
	return c;
}

/* NULL: there was no memory for it. */
static void queue(struct writer *w, struct chunk *c)
{
	pthread_mutex_lock(&w->lock);
	if (!w->err && !c)
		w->err = -ENOMEM;
	if (!w->err && !w->started)
		w->err = start(w);
	if (!w->err) {
		*w->last = c;
		w->last = &c->next;
		w->waiting += c->len;
		pthread_cond_signal(&w->wake);
	} else if (c) {
		if (c->fd >= 0)
			close(c->fd);
		free(c->bytes);
		free(c);
	}
	pthread_mutex_unlock(&w->lock);
}

static void queue_bytes(struct writer *w, char *bytes, size_t len, size_t cap)
{
	struct chunk *c = bytes ? chunk_new(bytes, len) : NULL;

	if (c)
		c->cap = cap;
	else
		free(bytes);
	queue(w, c);
}

void writer__write(struct writer *w, const void *bytes, size_t len)
{
	char *copy;

	if (!len)
		return;
	copy = malloc(len);
	if (copy)
		memcpy(copy, bytes, len);
	queue_bytes(w, copy, len, 0);
}

void writer__take(struct writer *w, char **bytes, size_t len, size_t *cap)
{
	queue_bytes(w, *bytes, len, *cap);
	pthread_mutex_lock(&w->lock);
	*bytes = w->spare;
	*cap = w->spare ? w->spare_cap : 0;
	w->spare = NULL;
	pthread_mutex_unlock(&w->lock);
}

void writer__switch(struct writer *w, int fd)
{
	struct chunk *c = chunk_new(NULL, 0);

	if (c)
		c->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (c && c->fd < 0)
		writer__fail(w, -errno);
	queue(w, c);
}

void writer__fail(struct writer *w, int err)
{
	pthread_mutex_lock(&w->lock);
	if (!w->err)
		w->err = err;
	signal_space(w);
	pthread_mutex_unlock(&w->lock);
}

static ssize_t stream_write(void *cookie, const char *buf, size_t len)
{
	struct writer *w = cookie;

	writer__write(w, buf, len);
	pthread_mutex_lock(&w->lock);
	errno = -w->err;
	if (w->err)
		len = 0;
	pthread_mutex_unlock(&w->lock);
	return (ssize_t)len;
}

FILE *writer__stream(struct writer *w)
{
	return fopencookie(w, "w", (cookie_io_functions_t){ .write = stream_write });
}

bool writer__is_full(struct writer *w)
{
	uint64_t ticks;
	bool full;

	pthread_mutex_lock(&w->lock);
	if (w->signalled && read(w->space_fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		w->signalled = false;
	full = !w->err && w->waiting > WRITER_BOUND;
	w->full |= full;
	pthread_mutex_unlock(&w->lock);
	return full;
}

int writer__fd(const struct writer *w)
{
	return w->space_fd;
}

bool writer__is_idle(struct writer *w)
{
	bool idle;

	pthread_mutex_lock(&w->lock);
	idle = w->err || !w->first;
	pthread_mutex_unlock(&w->lock);
	return idle;
}

bool writer__has_failed(struct writer *w)
{
	bool failed;

	pthread_mutex_lock(&w->lock);
	failed = w->err != 0;
	pthread_mutex_unlock(&w->lock);
	return failed;
}

int writer__error(struct writer *w)
{
	int err;

	pthread_mutex_lock(&w->lock);
	err = w->error_reported ? 0 : w->err;
	w->error_reported |= err != 0;
	pthread_mutex_unlock(&w->lock);
	return err;
}

static void on_signal(struct writer_wait *wait, uint64_t now)
{
	struct signalfd_siginfo si;

	if (read(wait->signal_fd, &si, sizeof(si)) != sizeof(si) || si.ssi_signo == SIGCHLD)
		return;
	if (!wait->signal_ns)
		wait->signal_ns = now;
	else if (now - wait->signal_ns > WRITER_AGAIN_NS)
		wait->over = true;
}

bool writer__finish(struct writer *w, struct writer_wait *wait)
{
	while (!writer__is_idle(w)) {
		struct pollfd p = { .fd = wait->signal_fd, .events = POLLIN };
		uint64_t now = clock__now_ns(), from = wait->begin_ns;

		if (wait->signal_ns > from)
			from = wait->signal_ns;
		if (wait->over || (wait->signal_ns && now - from > wait->grace_ns))
			return false;
		if (poll(&p, 1, POLL_MS) > 0)
			on_signal(wait, now);
	}
	return true;
}
