// SPDX-License-Identifier: GPL-2.0-only
#include "session/testwatch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "session/session.h"
#include "util/clock.h"
#include "util/log.h"

enum {
	KMSG_BYTES = 8192, /* more than any record: see kernel/printk/printk.c */
	/* at most in one call, so that neither a busy log nor COMMAND can stall us */
	KMSG_RECORDS = 10000,
	PIPE_READS = 16,
	PIPE_BYTES = 16 << 10, /* of one read */
};

struct testwatch {
	struct testlog *log;
	int kmsg_fd;
	uint64_t empty_ns; /* when the log was last drained */
	int pipe[2];
	struct writer *out;
};

struct testwatch *testwatch__new(testlog_fn fn, void *ctx)
{
	struct testwatch *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->pipe[0] = t->pipe[1] = -1;
	t->log = testlog__new(fn, ctx);
	if (!t->log) {
		free(t);
		return NULL;
	}
	t->kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (t->kmsg_fd < 0 || lseek(t->kmsg_fd, 0, SEEK_END) < 0)
		debug("tests: /dev/kmsg: %s", strerror(errno));
	t->empty_ns = clock__now_ns();
	return t;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void testwatch__free(struct testwatch *t)
{
	if (!t)
		return;
	close_fd(&t->kmsg_fd);
	close_fd(&t->pipe[0]);
	close_fd(&t->pipe[1]);
	writer__free(t->out);
	testlog__free(t->log);
	free(t);
}

/* ---- the kernel's log ------------------------------------------------------ */

void testwatch__read(struct testwatch *t)
{
	char record[KMSG_BYTES];
	int i;

	if (t->kmsg_fd < 0)
		return;
	for (i = 0; i < KMSG_RECORDS; i++) {
		uint64_t before = clock__now_ns();
		ssize_t n = read(t->kmsg_fd, record, sizeof(record));

		if (n > 0) {
			testlog__kmsg(t->log, record, n, t->empty_ns, clock__now_ns());
		} else if (n < 0 && errno == EPIPE) {
			testlog__kmsg_lost(t->log, clock__now_ns());
		} else if (n < 0 && errno == EAGAIN) {
			t->empty_ns = before;
			return;
		} else if (n == 0 || errno != EINTR) {
			close_fd(&t->kmsg_fd);
			return;
		}
	}
}

void testwatch__catch_up(struct testwatch *t, uint64_t at_ns)
{
	if (t->kmsg_fd >= 0 && at_ns >= t->empty_ns)
		testwatch__read(t);
}

/* ---- COMMAND's output ------------------------------------------------------ */

int testwatch__pipe(struct testwatch *t, int out_fd)
{
	if (pipe2(t->pipe, O_CLOEXEC))
		return -errno;
	t->out = writer__new(out_fd);
	return t->out ? t->pipe[1] : -ENOMEM;
}

int testwatch__pipe_started(struct testwatch *t)
{
	close_fd(&t->pipe[1]);
	fcntl(t->pipe[0], F_SETFL, O_NONBLOCK);
	return t->pipe[0];
}

struct writer *testwatch__writer(const struct testwatch *t)
{
	return t->out;
}

/* Copies one piece. Returns its size; 0: none is there; -1: end of file, or an error. */
static ssize_t copy(struct testwatch *t)
{
	char buf[PIPE_BYTES];
	ssize_t n;

	do
		n = read(t->pipe[0], buf, sizeof(buf));
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	testlog__ktap(t->log, buf, n, clock__now_ns());
	writer__write(t->out, buf, n);
	/* the reader has closed the output: pass SIGPIPE on to COMMAND */
	return writer__has_failed(t->out) ? -1 : n;
}

enum testwatch_pipe testwatch__pass(struct testwatch *t)
{
	ssize_t n = 1;
	int i;

	if (t->pipe[0] < 0)
		return TESTWATCH_CLOSED;
	for (i = 0; i < PIPE_READS && n > 0; i++) {
		if (writer__is_full(t->out))
			return TESTWATCH_FULL;
		n = copy(t);
	}
	if (n >= 0)
		return TESTWATCH_OPEN;
	close_fd(&t->pipe[0]);
	return TESTWATCH_CLOSED;
}

/* Copies what the pipe holds now. Processes that COMMAND left behind may write more. */
static void pass_rest(struct testwatch *t)
{
	ssize_t n = 1;
	int left;

	if (t->pipe[0] < 0 || ioctl(t->pipe[0], FIONREAD, &left))
		return;
	while (left > 0 && n > 0) {
		n = copy(t);
		left -= (int)n;
	}
	close_fd(&t->pipe[0]);
}

/* ---- both ------------------------------------------------------------------ */

void testwatch__end(struct testwatch *t)
{
	testwatch__read(t);
	pass_rest(t);
	testlog__end(t->log, clock__now_ns());
}

const char *testwatch__at(const struct testwatch *t, uint64_t at_ns)
{
	return testlog__at(t->log, at_ns);
}
