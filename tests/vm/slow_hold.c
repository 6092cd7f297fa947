// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: slow-hold DIR MILLISECONDS
 *
 * Holds the lock of an overlay's directory for at least that time: a listing copies its
 * entries to a page that is not there, and userfaultfd delays the page. The delay begins when
 * another thread waits for the lock, to list the same directory. Prints
 *
 *	holder TID waiter TID called NS waits NS released NS
 *
 * with CLOCK_MONOTONIC times: the waiter's call, when it was seen to wait, and when the page
 * was given.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	SAME = 20, /* looks, a millisecond apart, that must find the waiter asleep */
};

static const char *dir;
static int uffd;
static char *page;
static long hold_ms;
static _Atomic int waiter_tid;
static _Atomic uint64_t called, waits, released;

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static void fail(const char *what)
{
	fprintf(stderr, "slow-hold: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int dir_open(void)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		fail(dir);
	return fd;
}

static void *waiter(void *arg)
{
	static char buf[PAGE];
	int fd = dir_open();

	(void)arg;
	called = now_ns();
	waiter_tid = (int)syscall(SYS_gettid);
	if (syscall(SYS_getdents64, fd, buf, sizeof(buf)) < 0)
		fail("getdents64 of the waiter");
	close(fd);
	return NULL;
}

/* Is that thread in an uninterruptible or killable sleep? */
static int asleep(int tid)
{
	char name[64], line[512] = "", *at;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", tid);
	f = fopen(name, "r");
	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		*line = 0;
	fclose(f);
	at = strrchr(line, ')');
	return at && at[1] && at[2] == 'D';
}

static void *handler(void *arg)
{
	struct pollfd p = { .fd = uffd, .events = POLLIN };
	struct uffdio_zeropage zero = { .range = { (uintptr_t)page, PAGE } };
	struct uffd_msg msg;
	pthread_t thread;
	int same = 0;

	(void)arg;
	if (poll(&p, 1, -1) != 1 || read(uffd, &msg, sizeof(msg)) != sizeof(msg))
		fail("userfaultfd");
	if (pthread_create(&thread, NULL, waiter, NULL))
		fail("thread");
	while (same < SAME) {
		sleep_ms(1);
		same = waiter_tid && asleep(waiter_tid) ? same + 1 : 0;
	}
	waits = now_ns();
	sleep_ms(hold_ms);
	released = now_ns();
	if (ioctl(uffd, UFFDIO_ZEROPAGE, &zero))
		fail("UFFDIO_ZEROPAGE");
	pthread_join(thread, NULL);
	return NULL;
}

int main(int argc, char **argv)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	pthread_t thread;
	int fd;

	if (argc != 3)
		return 2;
	dir = argv[1];
	hold_ms = strtol(argv[2], NULL, 10);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (page == MAP_FAILED || uffd < 0)
		fail("userfaultfd");
	reg.range.start = (uintptr_t)page;
	reg.range.len = PAGE;
	if (ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &reg))
		fail("UFFDIO_REGISTER");
	fd = dir_open();
	if (pthread_create(&thread, NULL, handler, NULL))
		fail("thread");
	if (syscall(SYS_getdents64, fd, page, PAGE) < 0)
		fail("getdents64 of the holder");
	pthread_join(thread, NULL);
	printf("holder %ld waiter %d called %llu waits %llu released %llu\n", syscall(SYS_gettid),
	       waiter_tid, (unsigned long long)called, (unsigned long long)waits,
	       (unsigned long long)released);
	return 0;
}
