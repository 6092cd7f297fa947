// SPDX-License-Identifier: GPL-2.0-only
#include "util/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/log.h"

pid_t child__start(char **argv, int out_fd)
{
	int pipefd[2], err = 0;
	sigset_t none;
	pid_t pid;

	if (pipe2(pipefd, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = errno;
		close(pipefd[0]);
		close(pipefd[1]);
		return -err;
	}
	if (!pid) {
		/* the command must not inherit our signal mask and handlers */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		if (out_fd == STDOUT_FILENO || dup2(out_fd, STDOUT_FILENO) >= 0)
			execvp(argv[0], argv);
		err = errno;
		if (write(pipefd[1], &err, sizeof(err)) < 0)
			_exit(126);
		_exit(127);
	}
	close(pipefd[1]);
	/* the pipe closes at exec; only a failure writes to it */
	if (read(pipefd[0], &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(pipefd[0]);
	if (err) {
		waitpid(pid, NULL, 0);
		return -err;
	}
	return pid;
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
