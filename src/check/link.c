// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scenario of hard links in an impure directory whose cache is fresh. What a
 * new listing shows is not compared: released kernels list such a link with the
 * wrong number, which is for missed_invalidation to report, not for d_ino.
 */
#include "check/race.h"

#include <fcntl.h>
#include <unistd.h>

enum {
	LINKS = 4, /* in a turn: one decides; some more, to be sure */
};

int link_prepare(struct scenario_state *st, void *area)
{
	return impure_prepare(st, area);
}

void link_run(struct scenario_state *st, void *area, uint64_t until_ns)
{
	struct area *a = area;
	int i;

	(void)until_ns;
	area__thread_name("linker");
	for (i = 0; i < LINKS; i++) {
		view__list(st, a->merged_fd, "D", VIEW_BUFFER);
		if (linkat(a->dir_fd, "f0", a->dir_fd, "k", 0)) {
			view__error(st, "link", "k");
			return;
		}
		COUNT(st, modifications);
		/* this raises the version: the next listing makes a fresh cache again */
		if (unlinkat(a->dir_fd, "k", 0))
			view__error(st, "unlink", "k");
		COUNT(st, modifications);
	}
}
