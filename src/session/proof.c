// SPDX-License-Identifier: GPL-2.0-only
#include "session/proof.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/proof_child.h"
#include "session/session.h"
#include "util/clock.h"
#include "util/log.h"

#define DEADLINE_NS 5000000000ULL /* for the whole proof */
#define EVENT_NS 300000000ULL /* how long to wait for an event */
#define LAST_NS 1000000000ULL /* the same at the end */
#define KEPT_NS 20000000ULL /* after this, read the events that tasks still buffer */

#define WHY(p, ...) snprintf((p)->why, sizeof((p)->why), __VA_ARGS__)

struct runner {
	struct proof *p;
	struct attachment *a;
	uint64_t deadline_ns;
	pid_t pid;
	int fd;
};

static void on_record(void *ctx, const struct ovl_record *rec)
{
	(void)ctx;
	(void)rec;
}

bool proof__takes(struct proof *p, const struct ovlw_hdr *ev, size_t size)
{
	const struct ovlw_event *dir = (const void *)ev;
	bool has_dir = ev->type != OVLW_STACK && size >= sizeof(ev[0]) + sizeof(dir->dir);

	if (p->dev && has_dir && dir->dir.dev == p->dev && (p->running || ev->seq < p->end_seq)) {
		if (!p->running)
			return true;
		proof__count(&p->seen, ev, size);
		model__event(p->model, ev, size);
		return true;
	}
	return p->running && ev->type != OVLW_PATH_NAME && ev->type != OVLW_DESTROY;
}

void proof__not_run(struct proof *p, const char *why)
{
	p->result = PROOF_NOT_RUN;
	p->asked = why != NULL;
	WHY(p, "%s", why ? why : "not requested");
}

/* Waits until the child reaches the step. Returns 0, or -errno with p->why. */
static int await(struct runner *r, enum proof_step step, struct proof_msg *msg)
{
	struct pollfd pfd = { .fd = r->fd, .events = POLLIN };

	for (;;) {
		int n = poll(&pfd, 1, 1);

		attach__tick(r->a, clock__now_ns());
		if (n > 0)
			break;
		if (clock__now_ns() > r->deadline_ns) {
			WHY(r->p, "its operations timed out");
			return -ETIMEDOUT;
		}
	}
	if (recv(r->fd, msg, sizeof(*msg), 0) != sizeof(*msg)) {
		WHY(r->p, "its process exited early");
		return -EPIPE;
	}
	if (msg->step == step)
		return 0;
	if (msg->step != PROOF_FAILED)
		WHY(r->p, "its process sent an unexpected message");
	else if (msg->err)
		WHY(r->p, "%s: %s", msg->what, strerror(-msg->err));
	else
		WHY(r->p, "%s", msg->what);
	return msg->err ? msg->err : -EIO;
}

static int go(struct runner *r)
{
	if (send(r->fd, "g", 1, MSG_NOSIGNAL) == 1)
		return 0;
	WHY(r->p, "its process exited early");
	return -EPIPE;
}

/* Waits until all events before seq have arrived, at most wait_ns. */
static bool catch_up(struct runner *r, uint64_t seq, uint64_t wait_ns)
{
	uint64_t start = clock__now_ns();

	while (!attach__caught_up(r->a, seq, clock__now_ns() - start > KEPT_NS)) {
		if (clock__now_ns() - start > wait_ns)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/*
 * Modifications are reported only while a window is open, and a single task cannot
 * modify its directory in its own window. So the probes treat the directory as if it
 * had an open window during this rename.
 */
static int rename_within(struct runner *r)
{
	struct proof_msg msg;
	uint64_t inode;
	int err;

	catch_up(r, attach__next_seq(r->a), EVENT_NS);
	inode = r->p->seen.inode;
	if (inode)
		attach__proof_window(r->a, inode, true);
	err = go(r);
	if (!err)
		err = await(r, PROOF_RENAMED, &msg);
	if (inode)
		attach__proof_window(r->a, inode, false);
	r->p->seen.armed = inode && !err;
	return err ? err : go(r);
}

static int operations(struct runner *r)
{
	struct proof_msg msg;
	int err;

	err = await(r, PROOF_MOUNTED, &msg);
	if (err)
		return err;
	r->p->dev = msg.dev;
	attach__proof_dev(r->a, msg.dev);
	err = go(r);
	if (!err)
		err = await(r, PROOF_LISTED, &msg);
	if (!err)
		err = rename_within(r);
	if (!err)
		err = await(r, PROOF_DONE, &msg);
	r->p->end_seq = attach__next_seq(r->a);
	attach__proof_dev(r->a, 0);
	if (!err && !catch_up(r, r->p->end_seq, LAST_NS)) {
		WHY(r->p, "other rebuilds delay its events");
		err = -ETIMEDOUT;
	}
	return err;
}

/* On a kernel that deadlocks in a listing the child never exits: give up after a second. */
static void reap(struct runner *r)
{
	int i;

	close(r->fd);
	kill(r->pid, SIGKILL);
	for (i = 0; i < 1000 && waitpid(r->pid, NULL, WNOHANG) != r->pid; i++)
		poll(NULL, 0, 1);
}

/* Losses that would make the counts wrong. */
static uint64_t lost(const struct attachment *a)
{
	uint64_t sum = attach__missed(a);
	int i;

	for (i = 0; i < OVLW_LOST_PLACES; i++)
		sum += attach__lost(a)[i];
	return sum;
}

static void run(struct runner *r, struct plan *plan)
{
	uint64_t before = lost(r->a);
	int err;

	r->pid = proof_child__start(&r->fd);
	if (r->pid < 0) {
		WHY(r->p, "cannot start its process: %s", strerror(-r->pid));
		return;
	}
	err = operations(r);
	reap(r);
	r->p->end_seq = attach__next_seq(r->a);
	if (err)
		return;
	if (lost(r->a) != before) {
		WHY(r->p, "records were lost during the proof");
		return;
	}
	r->p->seen.inconsistencies = model__inconsistencies(r->p->model);
	r->p->seen.entries_known = r->p->entries_known;
	attach__copy_ups(r->a, &r->p->seen.copy_ups, &r->p->seen.copy_ups_wrong);
	proof__judge(plan, &r->p->seen);
	r->p->result = proof__result(plan);
}

void proof__run(struct proof *p, struct attachment *a, struct plan *plan)
{
	const struct model_opts opts = {
		.emit = on_record,
		.complete = true,
		.sees_windows = true,
		.sees_stores = true,
		.sees_frees = true,
		.sees_clears = true,
		.sees_leaves = plan__sees_leaves(plan),
		.shared = plan->shared,
		.late_frees = plan->late_frees,
	};
	uint64_t start_ns = clock__now_ns();
	struct runner r = { .p = p, .a = a, .deadline_ns = start_ns + DEADLINE_NS };

	memset(&p->seen, 0, sizeof(p->seen));
	p->dev = 0;
	p->model = model__new(&opts);
	if (!p->model) {
		proof__not_run(p, "out of memory");
		return;
	}
	p->asked = p->running = true;
	p->why[0] = 0;
	run(&r, plan);
	p->running = false;
	p->seen.inconsistencies = NULL;
	model__free(p->model);
	p->model = NULL;
	p->took_ns = clock__now_ns() - start_ns;
	debug("proof: %s %s", proof_state__name(p->result), p->why);
}
