// SPDX-License-Identifier: GPL-2.0-only
#include "util/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"

enum {
	ERR_BYTES = 64 << 10, /* of standard error; the rest is dropped */
	READ_BYTES = 64 << 10,
	GRACE_S = 10, /* to end after SIGTERM */
	NS_PER_MS = 1000000,
	NS_PER_S = 1000000000,
};

/* One of the two outputs. */
struct stream {
	int fd;
	char *bytes;
	size_t len, most;
};

struct run {
	const struct capture_spec *spec;
	struct capture *capture;
	struct stream s[2];
	pid_t pid;
	uint64_t deadline_ns;
	bool asked; /* SIGTERM was sent */
};

static void child(const struct capture_spec *spec, const int out[2], const int err[2])
{
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out[1], 1) < 0 || dup2(err[1], 2) < 0)
		_exit(127);
	execv(spec->path, spec->argv);
	_exit(127);
}

static int start(struct run *r)
{
	int out[2], err[2];

	r->s[0].fd = r->s[1].fd = -1;
	if (pipe2(out, O_CLOEXEC))
		return -errno;
	r->s[0].fd = out[0];
	if (pipe2(err, O_CLOEXEC)) {
		close(out[1]);
		return -EMFILE;
	}
	r->pid = fork();
	if (!r->pid)
		child(r->spec, out, err);
	close(out[1]);
	close(err[1]);
	r->s[0] = (struct stream){ .fd = out[0], .most = 2 * r->spec->limit };
	r->s[1] = (struct stream){ .fd = err[0], .most = ERR_BYTES };
	return r->pid < 0 ? -EAGAIN : 0;
}

static void finish(struct run *r, bool *why)
{
	if (r->asked)
		return;
	*why = true;
	r->asked = true;
	r->deadline_ns = clock__now_ns() + (uint64_t)GRACE_S * NS_PER_S;
	kill(r->pid, SIGTERM);
}

/* False: it has ended. What exceeds `most` is dropped. */
static bool take(struct run *r, struct stream *s)
{
	static char buf[READ_BYTES];
	ssize_t n = read(s->fd, buf, sizeof(buf));
	size_t room = s->most - s->len;
	char *bytes;

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	if ((size_t)n > room) {
		r->capture->cut |= s == &r->s[0];
		n = (ssize_t)room;
	}
	bytes = realloc(s->bytes, s->len + (size_t)n + 1);
	if (!bytes) {
		r->capture->cut = true;
		return true;
	}
	memcpy(bytes + s->len, buf, (size_t)n);
	s->bytes = bytes;
	s->len += (size_t)n;
	bytes[s->len] = 0;
	return true;
}

/* Reads both until they end, or the program is killed. */
static void read_all(struct run *r)
{
	struct pollfd p[2] = { { r->s[0].fd, POLLIN, 0 }, { r->s[1].fd, POLLIN, 0 } };
	int i;

	while ((p[0].fd >= 0 || p[1].fd >= 0) && !r->capture->cut) {
		uint64_t now = clock__now_ns();

		if (now >= r->deadline_ns) {
			r->capture->cut = r->asked;
			finish(r, &r->capture->timed_out);
			continue;
		}
		if (poll(p, 2, (int)((r->deadline_ns - now) / NS_PER_MS) + 1) < 0) {
			/* revents are those of the call before: a read could block */
			r->capture->cut = errno != EINTR;
			continue;
		}
		for (i = 0; i < 2; i++)
			if (p[i].fd >= 0 && p[i].revents && !take(r, &r->s[i]))
				p[i].fd = -1;
		if (r->s[0].len > r->spec->limit)
			finish(r, &r->capture->over_limit);
	}
}

int capture__run(struct capture *c, const struct capture_spec *spec)
{
	struct run r = { .spec = spec, .capture = c };
	int err, status = 0, i;

	memset(c, 0, sizeof(*c));
	err = start(&r);
	if (!err) {
		r.deadline_ns = clock__now_ns() + (uint64_t)spec->seconds * NS_PER_S;
		read_all(&r);
		if (c->cut)
			kill(r.pid, SIGKILL);
		while (waitpid(r.pid, &status, 0) < 0 && errno == EINTR)
			;
		c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	for (i = 0; i < 2; i++)
		if (r.s[i].fd >= 0)
			close(r.s[i].fd);
	c->out = r.s[0].bytes;
	c->out_len = r.s[0].len;
	c->err = r.s[1].bytes;
	c->err_len = r.s[1].len;
	return err;
}

void capture__deinit(struct capture *c)
{
	free(c->out);
	free(c->err);
}
