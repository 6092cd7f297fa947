// SPDX-License-Identifier: GPL-2.0-only
/* Passes records from the model to the sinks. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "detect/detect.h"
#include "record/hide.h"
#include "record/records.h"
#include "session/internal.h"
#include "util/clock.h"
#include "util/log.h"

void session__add_sink(struct session *s, struct sink *sink)
{
	s->sink[s->nsinks++] = sink;
}

/* Replaces paths within a mount by absolute ones, and adds cgroup paths. */
struct resolved {
	char path[2 * 4096];
};

static void resolve_dir(struct session *s, struct rec_dir *dir, uint32_t pid, struct resolved *r)
{
	struct where_dir at = { .dev = dir->dev, .pid = pid, .path = dir->path };

	if (!where__path(s->where, &at, r->path, sizeof(r->path)))
		return;
	dir->path = r->path;
	dir->path_in_mount = false;
	dir->mount_ns = at.mount_ns;
}

static void resolve_task(struct session *s, struct rec_task *task)
{
	if (task->cgroup)
		task->cgroup_path = where__cgroup(s->where, task->cgroup, task->pid);
}

static void resolve_actors(struct session *s, const struct rec_actor **list, size_t n,
			   struct rec_actor *to)
{
	size_t i;

	for (i = 0; i < n; i++) {
		to[i] = (*list)[i];
		resolve_task(s, &to[i].task);
	}
	*list = to;
}

/* text: a copy of a finding's text, in which addresses are replaced */
static void hash_addresses(const struct session *s, struct ovl_record *rec, char text[DETECT_TEXT])
{
	if (rec->type == RECORD_FINDING) {
		snprintf(text, DETECT_TEXT, "%s", rec->finding.text);
		rec->finding.text = text;
	}
	record__hash_addresses(rec, s->hash);
}

void session__record(void *ctx, const struct ovl_record *rec)
{
	struct session *s = ctx;
	struct rec_actor actors[2 * RECORD_MAX_ACTORS];
	struct ovl_record out;
	struct resolved r;
	char text[DETECT_TEXT];
	struct stack_room room;
	struct rec_stack *stack;
	struct rec_task *task;
	struct rec_dir *dir;
	size_t i;

	if (!s->nsinks)
		return;
	record__copy(&out, rec);
	dir = (struct rec_dir *)record__dir(&out);
	task = (struct rec_task *)record__task(&out);
	stack = (struct rec_stack *)record__stack(&out);
	if (dir)
		resolve_dir(s, dir, task ? task->pid : 0, &r);
	if (task)
		resolve_task(s, task);
	if (stack)
		session__name_stack(s, stack, &room);
	if (out.type == RECORD_FINDING && s->tests)
		out.finding.test = testwatch__at(s->tests, out.finding.at_ns);
	if (out.type == RECORD_FINDING)
		session__tell_apart(s, &out.finding);
	if (out.type == RECORD_DIRECTORY) {
		resolve_actors(s, &out.directory.invalidators, out.directory.ninvalidators, actors);
		resolve_actors(s, &out.directory.rebuilders, out.directory.nrebuilders,
			       actors + RECORD_MAX_ACTORS);
	}
	if (s->no_paths)
		record__hide_paths(&out);
	if (s->hash)
		hash_addresses(s, &out, text);
	for (i = 0; i < s->nsinks; i++)
		s->sink[i]->record(s->sink[i], &out);
}

static void output_failed(struct session *s, int err)
{
	s->sink_failed = true;
	complain("output: cannot be written: %s (%d); earlier records are complete", strerror(-err),
		 err);
}

void session__sinks_tick(struct session *s)
{
	struct rec_counts counts;
	size_t i;

	model__counts(s->model, &counts);
	for (i = 0; i < s->nsinks; i++) {
		int err = s->sink[i]->tick(s->sink[i], &counts, clock__now_ns());

		if (err)
			output_failed(s, err);
	}
}

bool session__outputs_full(const struct session *s)
{
	bool full = false;
	size_t i;

	/* each is asked, because that also resets its descriptor */
	for (i = 0; i < s->nsinks; i++)
		if (s->sink[i]->writer && writer__is_full(s->sink[i]->writer))
			full = true;
	return full;
}

/* Standard error may be what is not read. */
static void report_unread(const char *what)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&p, 1, 0) == 1 && p.revents & POLLOUT)
		complain("%s: incomplete, because its reader does not read it", what);
}

void session__finish_outputs(struct session *s, struct writer_wait *wait)
{
	struct writer *tests = s->tests ? testwatch__writer(s->tests) : NULL;
	size_t i;

	for (i = 0; i < s->nsinks; i++) {
		struct writer *w = s->sink[i]->writer;
		int err;

		if (!w)
			continue;
		if (!writer__finish(w, wait)) {
			s->sink_failed = true;
			report_unread("output");
		}
		err = writer__error(w);
		if (err)
			output_failed(s, err);
	}
	if (tests && !writer__finish(tests, wait)) {
		s->sink_failed = true;
		report_unread("output of the command");
	}
}
