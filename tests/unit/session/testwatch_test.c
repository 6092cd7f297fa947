// SPDX-License-Identifier: GPL-2.0-only
/* COMMAND's output is passed on piece by piece, whatever COMMAND and its reader do. */
#include "session/testwatch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "util/child.h"

static struct testwatch *t;
static int out[2];
static int readable; /* when COMMAND has written */

static void on_test(void *ctx, const struct rec_test *test)
{
	(void)ctx;
	(void)test;
}

/* Starts a COMMAND that writes for ever. */
static pid_t begin(void)
{
	static char line[4000];
	char *yes[] = { "yes", line, NULL };
	struct child child;
	pid_t pid;
	int fd;

	memset(line, 'y', sizeof(line) - 1);
	signal(SIGPIPE, SIG_IGN);
	t = testwatch__new(on_test, NULL);
	CHECK(t && !pipe2(out, O_CLOEXEC));
	fd = testwatch__pipe(t, out[1]);
	CHECK(fd >= 0);
	CHECK_EQ(child__hold(&child, &(struct child_spec){ .argv = yes, .out_fd = fd }), 0);
	pid = child__go(&child);
	CHECK(pid > 0);
	readable = testwatch__pipe_started(t);
	CHECK(readable >= 0);
	return pid;
}

static int end(pid_t pid)
{
	int status = 0;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	testwatch__free(t);
	close(out[0]);
	close(out[1]);
	return status;
}

/* Each call ends, although COMMAND does not; and so does the end. */
static void endless(void)
{
	pid_t pid = begin(), reader = fork();
	int i;

	if (!reader) {
		char buf[65536];

		close(out[1]);
		while (read(out[0], buf, sizeof(buf)) > 0)
			;
		_exit(0);
	}
	for (i = 0; i < 100; i++)
		CHECK_EQ(testwatch__pass(t), TESTWATCH_OPEN);
	testwatch__end(t);
	kill(reader, SIGKILL);
	waitpid(reader, NULL, 0);
	/* the pipe is closed now */
	CHECK_EQ(WTERMSIG(end(pid)), SIGPIPE);
}

/* COMMAND has to wait, and we do not. */
static void not_read(void)
{
	pid_t pid = begin();
	enum testwatch_pipe state;

	do {
		poll(&(struct pollfd){ .fd = readable, .events = POLLIN }, 1, -1);
		state = testwatch__pass(t);
	} while (state == TESTWATCH_OPEN);
	CHECK_EQ(state, TESTWATCH_FULL);
	CHECK(!writer__is_idle(testwatch__writer(t)));
	testwatch__end(t);
	CHECK_EQ(WTERMSIG(end(pid)), SIGPIPE);
}

/* COMMAND gets SIGPIPE, as if it wrote to the reader. */
static void closed(void)
{
	pid_t pid = begin();
	enum testwatch_pipe state;

	close(out[0]);
	do
		state = testwatch__pass(t);
	while (state == TESTWATCH_OPEN);
	CHECK_EQ(state, TESTWATCH_CLOSED);
	CHECK_EQ(WTERMSIG(end(pid)), SIGPIPE);
}

int main(void)
{
	TEST(endless);
	TEST(not_read);
	TEST(closed);
	return test_done();
}
