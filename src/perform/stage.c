// SPDX-License-Identifier: GPL-2.0-only
#include "perform/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "perform/served.h"
#include "perform/stage_child.h"
#include "perform/stage_hold.h"
#include "util/child.h"
#include "util/clock.h"

#define MS 1000000ULL

enum {
	START_MS = 30000, /* for the mounts */
	PIECE_MS = 2000, /* for a piece that waits for a lock: a held reader has it */
	PROBE_MS = 1000, /* the same, where that is the question */
	SETTLE_MS = 20000,
	SLOW_MS = 60000, /* for one that waits for no lock */
	TICK_MS = 50,
	BRISK_US = 100, /* a program that holds a reader does not wake us */
};

struct stage {
	struct served served;
	struct stage_hold hold; /* who holds instead */
	struct stage_shared *shared;
	pid_t pid;
	int command[STAGE_WORKERS], done;
	bool busy[STAGE_WORKERS]; /* it has a command that it has not completed */
	unsigned int dir;
	bool probing;
};

/* ---- waiting --------------------------------------------------------------------- */

static void take_done(struct stage *s)
{
	uint8_t worker[64];
	ssize_t i, n = read(s->done, worker, sizeof(worker));

	for (i = 0; i < n; i++)
		if (worker[i] < STAGE_WORKERS)
			s->busy[worker[i]] = false;
}

static bool is_dead(struct stage *s)
{
	if (s->pid && waitpid(s->pid, NULL, WNOHANG) == s->pid)
		s->pid = 0;
	return !s->pid;
}

/* False: nothing happened for a tick, or the child has closed its end. */
static bool serve(struct stage *s)
{
	struct pollfd p[] = { { s->served.fd, POLLIN, 0 }, { s->done, POLLIN, 0 } };
	const struct timespec tick = { .tv_nsec = TICK_MS * MS },
			      brisk = { .tv_nsec = BRISK_US * 1000L };

	if (ppoll(p, 2, s->hold.by ? &brisk : &tick, NULL) <= 0)
		return false;
	if (p[0].revents & POLLIN)
		served__answer(&s->served);
	if (p[1].revents & POLLIN)
		take_done(s);
	return !(p[1].revents & POLLHUP);
}

/* It waits for a lock: it is not only slow. */
static bool is_blocked(const struct stage *s, unsigned int worker)
{
	char path[64], text[128], state = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%u/stat", s->pid, s->shared->tid[worker]);
	f = fopen(path, "re");
	if (!f)
		return false;
	/* "tid (name) S"; our names have no parenthesis */
	if (fgets(text, sizeof(text), f))
		sscanf(text, "%*d (%*[^)]) %c", &state);
	fclose(f);
	return state == 'D';
}

static bool is_held(const struct stage *s, unsigned int reader)
{
	return s->hold.by ? hold__is_held(s->hold.by, reader) : served__is_held(&s->served, reader);
}

/* Until the worker is done, or held. */
static enum stage_answer wait_for(struct stage *s, unsigned int worker, uint64_t ms)
{
	uint64_t begin = clock__now_ns(), waited;

	while (s->busy[worker]) {
		if (worker < CACHE_READERS && is_held(s, worker))
			return STAGE_HELD;
		if (serve(s))
			continue;
		if (is_dead(s))
			return STAGE_DEAD;
		waited = clock__now_ns() - begin;
		if (waited > SLOW_MS * MS || (waited > ms * MS && is_blocked(s, worker)))
			return STAGE_LATE;
	}
	return STAGE_DONE;
}

static enum stage_answer command(struct stage *s, unsigned int worker,
				 const struct stage_command *c)
{
	s->busy[worker] = true;
	if (write(s->command[worker], c, sizeof(*c)) != sizeof(*c))
		return STAGE_DEAD;
	return wait_for(s, worker, s->probing ? PROBE_MS : PIECE_MS);
}

/* ---- start and end ------------------------------------------------------------------ */

static _Noreturn void child(struct stage *s, struct stage_channel *ch, pid_t parent)
{
	int keep[STAGE_WORKERS + 3];
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	for (i = 0; i < STAGE_WORKERS; i++)
		keep[i] = ch->command[i];
	keep[i++] = ch->done;
	keep[i++] = s->served.fd;
	keep[i] = -1;
	child__detach(keep);
	if (getppid() != parent)
		_exit(1);
	stage_child__main(ch);
}

static int start(struct stage *s)
{
	struct stage_channel ch = { .served = &s->served, .shared = s->shared };
	pid_t parent = getpid();
	int fds[2], i, err = 0;

	for (i = 0; i < STAGE_WORKERS && !err; i++) {
		err = pipe2(fds, O_CLOEXEC);
		ch.command[i] = err ? -1 : fds[0];
		s->command[i] = err ? -1 : fds[1];
	}
	if (!err)
		err = pipe2(fds, O_CLOEXEC);
	if (err)
		return -errno;
	s->done = fds[0];
	ch.done = fds[1];
	s->pid = fork();
	if (!s->pid)
		child(s, &ch, parent);
	for (i = 0; i < STAGE_WORKERS; i++)
		close(ch.command[i]);
	close(ch.done);
	return s->pid < 0 ? -errno : 0;
}

static int wait_started(struct stage *s)
{
	unsigned int i;

	for (i = 0; i < STAGE_WORKERS; i++)
		s->busy[i] = true;
	for (i = 0; i < STAGE_WORKERS; i++)
		if (wait_for(s, i, START_MS) != STAGE_DONE)
			return -ECHILD;
	return 0;
}

int stage__new(struct stage **stage, char why[PERFORM_TEXT])
{
	struct stage *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	memset(s->command, -1, sizeof(s->command));
	s->done = -1;
	signal(SIGPIPE, SIG_IGN);
	s->shared = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	err = s->shared == MAP_FAILED ? -ENOMEM : served__open(&s->served);
	if (err) {
		snprintf(why, PERFORM_TEXT, "open '/dev/fuse': %s", strerror(-err));
		free(s);
		return err;
	}
	err = start(s);
	if (!err)
		err = wait_started(s);
	if (!err) {
		*stage = s;
		return 0;
	}
	snprintf(why, PERFORM_TEXT, "%s", *s->shared->st.why ? s->shared->st.why : strerror(-err));
	stage__free(s);
	return err;
}

void stage__free(struct stage *s)
{
	unsigned int i;

	if (!s)
		return;
	stage_hold__end(&s->hold);
	/* this aborts the connection: no task waits for an answer any more */
	served__close(&s->served);
	if (s->pid > 0) {
		uint64_t until = clock__now_ns() + PIECE_MS * MS;

		kill(s->pid, SIGKILL);
		while (!is_dead(s) && clock__now_ns() < until)
			poll(NULL, 0, 1);
	}
	for (i = 0; i < STAGE_WORKERS; i++)
		close(s->command[i]);
	close(s->done);
	munmap(s->shared, sizeof(*s->shared));
	free(s);
}

const struct stage_shared *stage__shared(const struct stage *s)
{
	return s->shared;
}

unsigned int stage__hold_by(struct stage *s, struct hold *hold)
{
	return stage_hold__begin(&s->hold, hold, s->shared);
}

uint64_t stage__overdue(const struct stage *s)
{
	uint64_t over = 0, locked;

	if (s->hold.by)
		hold__readers(s->hold.by, &over, &locked);
	return over;
}

void stage__probe(struct stage *s, bool on)
{
	s->probing = on;
}

/* ---- pieces --------------------------------------------------------------------------- */

enum stage_answer stage__make(struct stage *s, unsigned int dir)
{
	const struct stage_command c = { .task = TASK_MAKE, .dir = dir };

	s->dir = dir;
	return command(s, STAGE_MODIFIER, &c);
}

static enum stage_answer start_reader(struct stage *s, unsigned int reader, bool hold)
{
	const struct stage_command c = { .task = TASK_LIST, .dir = s->dir };

	if (s->hold.by)
		stage_hold__arm(&s->hold, reader, hold);
	else if (hold)
		served__arm(&s->served, reader, s->shared->tid[reader]);
	return command(s, reader, &c);
}

static void disarm(struct stage *s, unsigned int reader)
{
	if (s->hold.by)
		stage_hold__disarm(&s->hold, reader);
	else
		served__disarm(&s->served, reader);
}

static enum stage_answer release(struct stage *s, unsigned int reader, bool hold)
{
	if (!hold)
		disarm(s, reader);
	else if (s->hold.by)
		hold__release(s->hold.by, reader);
	else
		served__release(&s->served, reader);
	return wait_for(s, reader, PIECE_MS);
}

enum stage_answer stage__piece(struct stage *s, const struct piece *p, bool hold)
{
	const struct stage_command c = { .task = TASK_MODIFY, .dir = s->dir, .step = p->step };
	enum stage_answer a;

	switch (p->kind) {
	case PIECE_START:
		a = start_reader(s, p->reader, hold);
		break;
	case PIECE_WHOLE:
		a = start_reader(s, p->reader, false);
		break;
	case PIECE_RELEASE:
		a = release(s, p->reader, hold);
		break;
	default:
		return command(s, STAGE_MODIFIER, &c);
	}
	/* it has ended without a lookup of x: none of a later schedule is to be held */
	if (a == STAGE_DONE)
		disarm(s, p->reader);
	return a;
}

enum stage_answer stage__settle(struct stage *s)
{
	enum stage_answer a = STAGE_DONE;
	unsigned int i;

	for (i = 0; i < CACHE_READERS; i++)
		disarm(s, i);
	for (i = 0; i < STAGE_WORKERS && a == STAGE_DONE; i++)
		a = wait_for(s, i, SETTLE_MS);
	return a;
}

enum stage_answer stage__check(struct stage *s)
{
	const struct stage_command c = { .task = TASK_CHECK, .dir = s->dir };

	return command(s, STAGE_MODIFIER, &c);
}
