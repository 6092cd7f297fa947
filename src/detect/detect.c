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

static bool sees(const struct detector *d, const struct detect_subject *s, char text[DETECT_TEXT])
{
	if (s->rebuild)
		return d->rebuild && d->rebuild(s->rebuild, text);
	if (s->lost_cache)
		return d->lost_cache && d->lost_cache(s->lost_cache, text);
	if (s->incident)
		return d->incident && d->incident(s->incident, text);
	return d->merged && d->merged(s->merged, text);
}

static bool is_exact(enum finding_kind kind, const struct detect_subject *s)
{
	if (s->rebuild)
		return kind != FINDING_BAD_RETURN || !s->rebuild->err_inferred;
	if (s->lost_cache)
		return s->lost_cache->proved;
	/* a real listing may be harmless; a cache without a directory is known only by its count */
	if (s->incident)
		return s->incident->what != OVLW_REAL_LISTING && s->incident->dir.ino;
	return s->merged->stored_ns;
}

void detect__run(const struct detect_subject *subject,
		 void (*found)(void *ctx, const struct detected *d), void *ctx)
{
	char text[DETECT_TEXT];
	struct detected d = { .text = text };
	size_t i;

	for (i = 0; detectors[i]; i++) {
		if (!sees(detectors[i], subject, text))
			continue;
		d.kind = detectors[i]->kind;
		d.exact = is_exact(d.kind, subject);
		found(ctx, &d);
	}
}

uint64_t detect__unlocked_ns(const struct rec_rebuild *rb)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < rb->nwindows; i++)
		sum += rb->windows[i].retake_ns - rb->windows[i].drop_ns;
	return sum;
}
