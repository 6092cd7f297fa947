// SPDX-License-Identifier: GPL-2.0-only
#include "session/testwatch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/session.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/output.h"

enum {
	KMSG_BYTES = 8192, /* more than any record: see kernel/printk/printk.c */
	KMSG_RECORDS = 10000, /* at most in one call, so that a busy log cannot stall us */
};

struct testwatch {
	struct testlog *log;
	int kmsg_fd;
	uint64_t empty_ns; /* when the log was last drained */
	int pipe[2], out_fd;
};

struct testwatch *testwatch__new(testlog_fn fn, void *ctx)
{
	struct testwatch *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->pipe[0] = t->pipe[1] = t->out_fd = -1;
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
	t->out_fd = out_fd;
	return t->pipe[1];
}

int testwatch__pipe_started(struct testwatch *t)
{
	close_fd(&t->pipe[1]);
	fcntl(t->pipe[0], F_SETFL, O_NONBLOCK);
	return t->pipe[0];
}

bool testwatch__pass(struct testwatch *t)
{
	char buf[16 << 10];
	ssize_t n;

	while (t->pipe[0] >= 0) {
		n = read(t->pipe[0], buf, sizeof(buf));
		if (n > 0) {
			testlog__ktap(t->log, buf, n, clock__now_ns());
			if (!output__write(t->out_fd, buf, n))
				continue;
			/* the reader has closed the output: pass SIGPIPE on to COMMAND */
			close_fd(&t->pipe[0]);
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n < 0 && errno == EAGAIN) {
			return true;
		} else {
			close_fd(&t->pipe[0]);
		}
	}
	return false;
}

/* ---- both ------------------------------------------------------------------ */

void testwatch__end(struct testwatch *t)
{
	testwatch__read(t);
	testwatch__pass(t);
	testlog__end(t->log, clock__now_ns());
}

const char *testwatch__at(const struct testwatch *t, uint64_t at_ns)
{
	return testlog__at(t->log, at_ns);
}
