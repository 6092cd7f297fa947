// SPDX-License-Identifier: GPL-2.0-only
#include "perform/stage_child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "perform/internal.h"

struct worker {
	unsigned int index;
	const struct stage_channel *ch;
	struct run *run; /* the modifier's; readers use its fd */
};

static void say_done(const struct stage_channel *ch, uint8_t worker)
{
	/* without a reader we are about to be killed */
	if (write(ch->done, &worker, 1) != 1)
		_exit(1);
}

/* One call is all of it: the directory is small. */
static long list(const struct run *r)
{
	char buffer[READ_ALL];
	int fd = openat(r->fd, "D", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long n;

	if (fd < 0)
		return -errno;
	n = syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
	if (n < 0)
		n = -errno;
	close(fd);
	return n;
}

static void make(struct worker *w, unsigned int dir)
{
	struct stage_shared *sh = w->ch->shared;
	struct run *r = w->run;
	struct stat st;

	sh->st.nviolations = 0;
	r->history = dir;
	r->bad = false;
	if (world__make_served(r->world, dir))
		run__report(r, RULE_OPERATIONS, "%s", sh->st.why);
	else
		run__begin(r);
	if (!r->bad && !fstatat(r->fd, "D", &st, 0))
		sh->ino = st.st_ino;
	/* x keeps the upper file's number */
	if (!r->bad && !fstatat(r->fd, "D/x", &st, 0))
		sh->held_at = st.st_ino;
}

static void work(struct worker *w, const struct stage_command *c)
{
	struct run *r = w->run;

	switch (c->task) {
	case TASK_LIST:
		w->ch->shared->returned[w->index] = list(r);
		break;
	case TASK_MAKE:
		make(w, c->dir);
		break;
	case TASK_MODIFY:
		if (!r->bad)
			run__step(r, c->step);
		break;
	case TASK_CHECK:
		run__end(r);
		break;
	}
}

static void *worker_main(void *ctx)
{
	struct worker *w = ctx;
	struct stage_command c;
	char name[16];

	w->ch->shared->tid[w->index] = syscall(SYS_gettid);
	if (w->index < CACHE_READERS)
		snprintf(name, sizeof(name), "R%u", w->index + 1);
	else
		snprintf(name, sizeof(name), "modifier");
	prctl(PR_SET_NAME, name);
	say_done(w->ch, w->index);
	while (read(w->ch->command[w->index], &c, sizeof(c)) == sizeof(c)) {
		work(w, &c);
		say_done(w->ch, w->index);
	}
	return NULL;
}

static int note_dev(struct world *w, struct stage_shared *sh)
{
	struct stat st;

	if (fstat(w->merged_fd, &st))
		return -1;
	sh->dev = major(st.st_dev) << 20 | minor(st.st_dev);
	return 0;
}

_Noreturn void stage_child__main(const struct stage_channel *ch)
{
	static struct worker worker[STAGE_WORKERS];
	struct perform_state *st = &ch->shared->st;
	struct world w = {
		.config = &schedule_config,
		.why = st->why,
		.why_size = sizeof(st->why),
		.served = ch->served,
	};
	struct run run = { .world = &w, .st = st, .fd = -1 };
	pthread_t thread;
	unsigned int i;

	if (world__make(&w) || note_dev(&w, ch->shared))
		_exit(1);
	for (i = 0; i < STAGE_WORKERS; i++) {
		worker[i] = (struct worker){ i, ch, &run };
		if (pthread_create(&thread, NULL, worker_main, &worker[i]))
			_exit(1);
	}
	for (;;)
		pause();
}
