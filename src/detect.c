// SPDX-License-Identifier: GPL-2.0-only
#include "detect.h"

#include <stdio.h>

const struct detector *const detectors[] = {
	&detect_stale_store,
	&detect_unfreed_cache,
	&detect_stale_impure_clear,
	NULL,
};

void detect__task(char *buf, size_t size, const struct rec_task *task)
{
	if (task->pid)
		snprintf(buf, size, "tid %u (%.*s)", task->tid, OVLW_COMM, task->comm);
	else
		snprintf(buf, size, "a task before the trace");
}

uint64_t detect__unlocked_ns(const struct rec_rebuild *rb)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < rb->nwindows; i++)
		sum += rb->windows[i].retake_ns - rb->windows[i].drop_ns;
	return sum;
}
