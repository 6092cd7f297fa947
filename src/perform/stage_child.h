/* SPDX-License-Identifier: GPL-2.0-only */
/* Between src/perform/stage.c and the child that it starts. */
#ifndef OVLTRACE_PERFORM_STAGE_CHILD_H
#define OVLTRACE_PERFORM_STAGE_CHILD_H

#include "perform/stage.h"

enum {
	STAGE_MODIFIER = CACHE_READERS, /* its worker; the others are readers */
	STAGE_WORKERS,
};

enum stage_task {
	TASK_LIST, /* readers */
	TASK_MAKE, /* the modifier */
	TASK_MODIFY,
	TASK_CHECK,
};

struct stage_command {
	uint32_t task; /* enum stage_task */
	uint32_t dir;
	struct explore_step step;
};

struct stage_channel {
	int command[STAGE_WORKERS]; /* each gets struct stage_command from here */
	int done; /* the number of the worker goes here, a byte; the first: the mounts are there */
	struct served *served;
	struct stage_shared *shared;
};

/* Ends with the process. */
_Noreturn void stage_child__main(const struct stage_channel *ch);

#endif
