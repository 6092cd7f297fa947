// SPDX-License-Identifier: GPL-2.0-only
/* Keys on a terminal. */
#include <sys/epoll.h>
#include <unistd.h>

#include "cmd/top.h"

/* A background job must neither read the terminal nor change it. */
static bool in_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void top_keys__open(struct top *t)
{
	struct termios now;

	if (!t->terminal || !isatty(STDIN_FILENO) || !in_foreground() ||
	    tcgetattr(STDIN_FILENO, &now) || !(now.c_lflag & (ICANON | ECHO)))
		return;
	/* a shell that stopped and continued us has restored the line mode */
	if (!t->keys)
		t->cooked = now;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	t->keys = !tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
}

void top_keys__close(struct top *t)
{
	if (t->keys && in_foreground())
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->cooked);
	t->keys = false;
}

bool top_keys__read(struct top *t)
{
	char typed[64];
	ssize_t n, i;

	if (!in_foreground())
		return false;
	n = read(STDIN_FILENO, typed, sizeof(typed));
	if (n <= 0)
		epoll_ctl(t->epoll_fd, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
	for (i = 0; i < n; i++) {
		if (typed[i] == 'q')
			return true;
		if (typed[i] == 's')
			t->sort = (t->sort + 1) % DIRSTAT_KEYS;
		else if (typed[i] == 'c')
			t->containers = !t->containers;
		else if (typed[i] == 'p' || typed[i] == ' ')
			t->held = !t->held;
		else
			continue;
		top__redraw(t);
	}
	return false;
}
