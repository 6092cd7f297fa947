// SPDX-License-Identifier: GPL-2.0-only
#include "check/explore_pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/child.h"
#include "util/clock.h"

#define MS 1000000ULL

enum {
	PREPARE_MS = 120000, /* to make the directories of a chunk */
	HISTORY_MS = 20000, /* for one step of a history */
	KILLED_MS = 2000, /* for a killed child to die */
	LOOK_MS = 20,
	LOOK_BLIND_MS = 1, /* where the end of a child wakes no poll */
};

int pool_job__init(struct pool_job *j, const struct perform_caches *caches)
{
	memset(j, 0, sizeof(*j));
	j->chunk = calloc(1, sizeof(*j->chunk));
	j->state = mmap(NULL, sizeof(*j->state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (j->chunk && j->state != MAP_FAILED) {
		if (caches)
			j->chunk->reader = caches->open(j->state->caches_why);
		j->chunk->caches = j->chunk->reader ? caches : NULL;
		return 0;
	}
	pool_job__deinit(j);
	return -1;
}

void pool_job__deinit(struct pool_job *j)
{
	if (j->chunk && j->chunk->caches)
		j->chunk->caches->close(j->chunk->reader);
	free(j->chunk);
	if (j->state && j->state != MAP_FAILED)
		munmap(j->state, sizeof(*j->state));
	memset(j, 0, sizeof(*j));
}

static _Noreturn void child(struct pool_job *j, pid_t parent)
{
	const struct perform_chunk *c = j->chunk;
	const int keep[] = { c->caches ? c->caches->fd(c->reader) : -1, -1 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* a signal of the terminal is for the parent, which then waits for us */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	child__detach(keep);
	if (getppid() == parent)
		perform__run(j->chunk, j->state);
	_exit(0);
}

int pool_job__start(struct pool_job *j)
{
	pid_t parent = getpid(), pid;

	memset(j->state, 0, sizeof(*j->state));
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		child(j, parent);
	j->pid = pid;
	j->pidfd = pidfd_open(pid, 0);
	j->begun_ns = j->moved_ns = clock__now_ns();
	j->progress = 0;
	return 0;
}

static uint32_t phase_of(const struct pool_job *j)
{
	return __atomic_load_n(&j->state->phase, __ATOMIC_ACQUIRE);
}

static bool hangs(struct pool_job *j)
{
	uint32_t phase = phase_of(j);
	uint64_t progress = (uint64_t)__atomic_load_n(&j->state->at, __ATOMIC_ACQUIRE) << 16 |
			    phase << 8 | __atomic_load_n(&j->state->step, __ATOMIC_ACQUIRE);
	uint64_t now = clock__now_ns();

	if (progress != j->progress) {
		j->progress = progress;
		j->moved_ns = now;
	}
	return now - j->moved_ns > (phase == PERFORM_RUNNING ? HISTORY_MS : PREPARE_MS) * MS;
}

/* Looking often takes the children's processors away. */
void pool_jobs__pause(const struct pool_job *j, unsigned int n)
{
	struct pollfd p[EXPLORE_JOBS_MAX];
	unsigned int i, running = 0;
	int ms = LOOK_MS;

	for (i = 0; i < n; i++) {
		if (!j[i].pid)
			continue;
		p[running++] = (struct pollfd){ j[i].pidfd, POLLIN, 0 };
		if (j[i].pidfd < 0)
			ms = LOOK_BLIND_MS;
	}
	if (running)
		poll(p, running, ms);
}

/* Kills a child that hangs, and leaves one behind that survives this. */
static void kill_child(struct pool_job *j)
{
	uint64_t until = clock__now_ns() + KILLED_MS * MS;

	kill(j->pid, SIGKILL);
	while (!waitpid(j->pid, NULL, WNOHANG) && clock__now_ns() < until)
		pool_jobs__pause(j, 1);
}

static void forget_child(struct pool_job *j)
{
	if (j->pidfd >= 0)
		close(j->pidfd);
	j->pid = 0;
}

enum pool_end pool_job__look(struct pool_job *j)
{
	pid_t pid = waitpid(j->pid, NULL, WNOHANG);

	if (!pid && !hangs(j))
		return POOL_RUNS;
	if (!pid)
		kill_child(j);
	forget_child(j);
	switch (phase_of(j)) {
	case PERFORM_DONE:
		return POOL_DONE;
	case PERFORM_UNFIT:
		return POOL_UNFIT;
	case PERFORM_RUNNING:
		return pid ? POOL_DIED : POOL_HUNG;
	default:
		snprintf(j->state->why, sizeof(j->state->why), "its mounts %s",
			 pid ? "could not be made: the process died" : "were not made in time");
		return POOL_UNFIT;
	}
}

enum pool_end pool_job__wait(struct pool_job *j)
{
	enum pool_end end;

	while ((end = pool_job__look(j)) == POOL_RUNS)
		pool_jobs__pause(j, 1);
	return end;
}
