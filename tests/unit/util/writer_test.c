// SPDX-License-Identifier: GPL-2.0-only
/* Output whose reader does not read, or that fails, never makes the caller wait. */
#include "util/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "test.h"
#include "util/clock.h"

enum {
	MIB = 1 << 20,
	MS = 1000000,
};

static char block[MIB];

static int signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool finish(struct writer *w)
{
	struct writer_wait wait = { .signal_fd = -1 };

	return writer__finish(w, &wait);
}

static void in_order(void)
{
	int fd = memfd_create("writer_test", 0), i;
	struct writer *w = writer__new(fd);
	FILE *f = writer__stream(w);
	char got[8192], want[8192] = "";

	for (i = 0; i < 500; i++) {
		char line[16];

		snprintf(line, sizeof(line), "%d\n", i);
		strcat(want, line);
		if (i % 2)
			writer__write(w, line, strlen(line));
		else
			fprintf(f, "%s", line);
		fflush(f);
	}
	CHECK(finish(w));
	CHECK_EQ(writer__error(w), 0);
	fclose(f);
	writer__free(w);
	memset(got, 0, sizeof(got));
	CHECK_EQ(pread(fd, got, sizeof(got) - 1, 0), strlen(want));
	CHECK_STR(got, want);
	close(fd);
}

/* Nothing is written at all, and nothing waits. */
static void unused(void)
{
	struct writer *w = writer__new(-1);

	CHECK(writer__is_idle(w));
	CHECK(!writer__is_full(w));
	CHECK(finish(w));
	writer__free(w);
	writer__free(NULL);
}

static void not_read(void)
{
	int fds[2], i, sig = signals();
	struct writer_wait wait = { .signal_fd = sig, .grace_ns = 100 * MS };
	struct pollfd space = { .events = POLLIN };
	uint64_t begin = clock__now_ns();
	struct writer *w;
	ssize_t n;

	CHECK(!pipe(fds));
	w = writer__new(fds[1]);
	space.fd = writer__fd(w);
	for (i = 0; i < WRITER_BOUND / MIB; i++)
		writer__write(w, block, MIB);
	CHECK(!writer__is_idle(w));
	for (; !writer__is_full(w); i++)
		writer__write(w, block, MIB);
	CHECK(i <= WRITER_BOUND / MIB + 2);
	CHECK_EQ(poll(&space, 1, 0), 0);

	/* after a signal the wait has an end */
	kill(getpid(), SIGTERM);
	wait.begin_ns = clock__now_ns();
	CHECK(!writer__finish(w, &wait));
	CHECK(wait.signal_ns > 0);
	CHECK(clock__now_ns() - begin < 5000 * (uint64_t)MS);
	/* and after another one there is no wait */
	wait.grace_ns = ~0ULL >> 1;
	wait.signal_ns -= 2 * WRITER_AGAIN_NS;
	kill(getpid(), SIGTERM);
	CHECK(!writer__finish(w, &wait));
	CHECK(wait.over);

	/* the reader reads again */
	for (n = 0; n < (ssize_t)i * MIB / 4 * 3;)
		n += read(fds[0], block, MIB);
	CHECK_EQ(poll(&space, 1, 10000), 1);
	CHECK(!writer__is_full(w));
	CHECK_EQ(poll(&space, 1, 0), 0);
	/* what still waits is dropped, also if the thread is in the middle of a write */
	writer__free(w);
	close(fds[0]);
	close(sig);
}

static void no_reader(void)
{
	struct writer *w;
	int fds[2];
	FILE *f;

	signal(SIGPIPE, SIG_IGN);
	CHECK(!pipe(fds));
	close(fds[0]);
	w = writer__new(fds[1]);
	f = writer__stream(w);
	fputs("x", f);
	fflush(f);
	CHECK(finish(w));
	CHECK(writer__has_failed(w));
	CHECK_EQ(writer__error(w), -EPIPE);
	CHECK_EQ(writer__error(w), 0);
	fputs("x", f);
	CHECK(fflush(f) && errno == EPIPE);
	/* what is dropped does not pile up */
	writer__write(w, block, MIB);
	CHECK(writer__is_idle(w));
	fclose(f);
	writer__free(w);
	close(fds[1]);
}

/* A file that cannot grow ends after a line. */
static void full_disk(void)
{
	struct rlimit limit = { 10, RLIM_INFINITY };
	char name[] = "/tmp/writer_test.XXXXXX", got[32] = "";
	int fd = mkstemp(name);
	struct writer *w = writer__new(fd);

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	writer__write(w, "one\n", 4);
	writer__write(w, "two\nthree\n", 10);
	CHECK(finish(w));
	CHECK_EQ(writer__error(w), -EFBIG);
	CHECK_EQ(pread(fd, got, sizeof(got) - 1, 0), 8);
	CHECK_STR(got, "one\ntwo\n");
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	writer__free(w);
	unlink(name);
	close(fd);
}

int main(void)
{
	TEST(in_order);
	TEST(unused);
	TEST(not_read);
	TEST(no_reader);
	TEST(full_disk);
	return test_done();
}
