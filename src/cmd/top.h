/* SPDX-License-Identifier: GPL-2.0-only */
/* One `ovltrace top`: its loop in top.c, its probes in top_probe.c, a block of text in top_show.c. */
#ifndef OVLTRACE_TOP_H
#define OVLTRACE_TOP_H

#include <termios.h>

#include "cmd/top_options.h"
#include "probe/dirstat_probe.h"
#include "probe/follow_probe.h"
#include "record/task_filter.h"
#include "util/privileges.h"
#include "util/where.h"
#include "util/writer.h"

enum {
	TOP_MAX_MOUNTS = 16,
};

struct top {
	struct top_opts opts;
	struct kernel kernel;
	struct plan plan;
	struct where *where;
	struct dirstat *dirstat;
	struct dirstat_probe *probe;
	struct follow_probe *followed; /* NULL: without --pid */
	uint32_t pids[OPTION_MAX_VALUES];
	uint32_t devs[TOP_MAX_MOUNTS];
	struct user user; /* of the option */
	struct refusals refused; /* what the plan does without */
	bool no_trampolines;
	bool terminal; /* standard output is one */
	bool keys; /* the terminal passes on each key */
	bool held; /* the display is */
	struct termios cooked; /* to be restored, if keys */
	enum dirstat_key sort;
	bool containers; /* a row for each container, not for each directory */
	struct task_filter filter;
	struct writer *out; /* standard output */
	uint64_t signal_ns; /* when a signal ended the loop; 0: none */
	int epoll_fd, signal_fd, timer_fd;
	uint64_t last_ns, missed; /* at the last snapshot */
	double seconds; /* that the last snapshot spans; 0: there is none */
	uint64_t lost; /* in it */
	char path[2 * 4096];
};

/* Has the terminal pass on each key without Enter, if it is ours. To be called often. */
void top_keys__open(struct top *t);
void top_keys__close(struct top *t);
/* Acts on what was typed. True: the user wants to quit. */
bool top_keys__read(struct top *t);

/* src/cmd/top_containers.c */
void top_containers__head(FILE *f);
/* At most so many lines. */
void top_containers__rows(FILE *f, struct top *t, size_t lines);

/* Plans and attaches. Returns 0, or -errno with a reason in why. */
int top_probe__attach(struct top *t, char why[256]);
/* Reports on standard error what costs more than usual or cannot be seen. */
void top_probe__notes(const struct top *t);

/*
 * Prints one block. False: the reader still has not read the one before, so the next one will
 * span more time. last: print it all the same.
 */
bool top__show(struct top *t, bool last);
/* Prints the last block again, as the keys want it now. */
void top__redraw(struct top *t);

#endif
