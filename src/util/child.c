// SPDX-License-Identifier: GPL-2.0-only
#include "util/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/log.h"
#include "util/privileges.h"

/* In the child. */
_Noreturn static void exec_when_told(const struct child_spec *spec, int go, int failed)
{
	sigset_t none;
	int err = 0;
	char c;

	/* our parent has ended, or has given up */
	if (read(go, &c, 1) != 1)
		_exit(127);
	/* the command must not inherit our signal mask and handlers */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (spec->out_fd != STDOUT_FILENO && dup2(spec->out_fd, STDOUT_FILENO) < 0)
		err = errno;
	if (!err && spec->user)
		err = -user__become(spec->user);
	if (!err) {
		execvp(spec->argv[0], spec->argv);
		err = errno;
	}
	if (write(failed, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

int child__hold(struct child *c, const struct child_spec *spec)
{
	int go[2], failed[2], err;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(failed, O_CLOEXEC)) {
		err = -errno;
		close(go[0]);
		close(go[1]);
		return err;
	}
	c->pid = fork();
	err = c->pid < 0 ? -errno : 0;
	if (!c->pid) {
		close(go[1]);
		exec_when_told(spec, go[0], failed[1]);
	}
	close(go[0]);
	close(failed[1]);
	c->go = go[1];
	c->failed = failed[0];
	if (err) {
		close(c->go);
		close(c->failed);
	}
	return err;
}

pid_t child__go(struct child *c)
{
	pid_t pid = c->pid;
	int err = 0;

	if (write(c->go, "g", 1) != 1)
		err = errno;
	close(c->go);
	/* the pipe closes at exec; only a failure writes to it */
	if (!err && read(c->failed, &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(c->failed);
	c->pid = 0;
	if (!err)
		return pid;
	waitpid(pid, NULL, 0);
	return -err;
}

void child__cancel(struct child *c)
{
	if (c->pid <= 0)
		return;
	close(c->go);
	close(c->failed);
	waitpid(c->pid, NULL, 0);
	c->pid = 0;
}

int child__reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WNOHANG) != pid)
		return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void child__reap_others(pid_t pid)
{
	siginfo_t si;

	for (;;) {
		memset(&si, 0, sizeof(si));
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) || !si.si_pid ||
		    si.si_pid == pid)
			return;
		waitpid(si.si_pid, NULL, 0);
	}
}

void child__detach(const int *keep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), fd, top = 2;
	const int *k;

	/* without /dev/null: a pipe that no process reads */
	if (null < 0) {
		int none[2];

		if (pipe2(none, O_CLOEXEC))
			return;
		null = none[1];
	}
	for (fd = 0; fd <= 2; fd++)
		if (fd < 2 || !log__is_verbose())
			dup2(null, fd);
	for (k = keep; *k >= 0; k++)
		top = *k > top ? *k : top;
	for (fd = 3; fd < top; fd++) {
		for (k = keep; *k >= 0 && *k != fd; k++)
			;
		if (*k < 0)
			close(fd);
	}
	close_range(top + 1, ~0U, 0);
}
