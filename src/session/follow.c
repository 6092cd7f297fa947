// SPDX-License-Identifier: GPL-2.0-only
/* Which tasks are COMMAND's, and those of --pid, with what they fork. */
#include <stdio.h>
#include <string.h>

#include "session/internal.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/saturate.h"

static int start(struct session *s, const struct session_opts *opts, char *why)
{
	int err = follow_probe__new(&s->followed, why);

	if (err || !opts->npids)
		return err;
	err = follow_probe__gather(s->followed, opts->pids, opts->npids);
	if (err)
		snprintf(why, 256, "the descendants of a process cannot be followed: %s",
			 strerror(-err));
	return err;
}

int session__follow(struct session *s, const struct session_opts *opts, char why[256])
{
	int err;

	s->limit = opts->npids ? OVLF_PIDS : opts->follow ? OVLF_COMMAND : 0;
	/* without records no output says whose a finding is */
	if (!s->limit && (!opts->command || opts->wishes.quiet))
		return 0;
	err = start(s, opts, why);
	s->last.told_apart = opts->command;
	s->first.follow = opts->follow;
	if (!err || s->limit)
		return err;
	/* the trace does not depend on it */
	debug("%s", why);
	snprintf(s->follow_why, sizeof(s->follow_why), "%s", why);
	s->first.follow_why = s->follow_why;
	return 0;
}

void session__adopt(struct session *s, bool on)
{
	if (s->followed)
		follow_probe__adopt(s->followed, on);
}

void session__follow_tick(struct session *s, bool unread)
{
	if (s->followed)
		follow_probe__tick(s->followed, clock__now_ns(), unread);
}

void session__belongs(void *ctx, struct rec_task *task, uint64_t ts_ns)
{
	struct session *s = ctx;

	if (s->last.told_apart)
		task->of_command =
			follow_probe__belongs(s->followed, task->pid, ts_ns, OVLF_COMMAND);
	/* what is not known is reported: a limit must not hide a defect */
	if (s->limit == OVLF_COMMAND)
		task->unwanted = task->of_command == TRISTATE_NO;
	else if (s->limit)
		task->unwanted = follow_probe__belongs(s->followed, task->pid, ts_ns, s->limit) ==
				 TRISTATE_NO;
}

void session__tell_apart(struct session *s, struct rec_finding *f)
{
	if (!s->last.told_apart)
		return;
	f->told_apart = true;
	f->of_command = f->task.of_command;
	s->command_findings += f->of_command == TRISTATE_YES;
	s->unknown_findings += f->of_command == TRISTATE_UNKNOWN;
}

void session__follow_summary(struct session *s)
{
	s->last.command_findings = s->unknown_findings ? COUNT_UNSEEN : s->command_findings;
}
