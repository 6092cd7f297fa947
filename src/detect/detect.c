// SPDX-License-Identifier: GPL-2.0-only
#include "detect/detect.h"

#include <stdio.h>

const struct detector *const detectors[] = {
#define FINDING(id, kind, counts, group, needs, check, label) &detect_##kind,
#include "record/findings.def"
	NULL,
};

void detect__task(char *buf, size_t size, const struct rec_task *task)
{
	if (task->pid)
		snprintf(buf, size, "tid %u (%.*s)", task->tid, OVLW_COMM, task->comm);
	else
		snprintf(buf, size, "a task before the trace");
}

bool detect__rebuild_exact(enum finding_kind kind, const struct rec_rebuild *rb)
{
	return kind != FINDING_BAD_RETURN || !rb->err_inferred;
}

/* What was opened as real may heal, and of a cache without a directory only its count is known. */
bool detect__incident_exact(const struct rec_incident *in)
{
	return in->what != OVLW_REAL_LISTING && in->dir.ino;
}

uint64_t detect__unlocked_ns(const struct rec_rebuild *rb)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < rb->nwindows; i++)
		sum += rb->windows[i].retake_ns - rb->windows[i].drop_ns;
	return sum;
}
