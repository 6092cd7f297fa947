// SPDX-License-Identifier: GPL-2.0-only
/* Streams, and what they must list although the directory changes. */
#include "perform/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/getdents.h"

#define BIT(n) ((uint8_t)(1u << (n)))

enum {
	DOT = -1,
	DOT_DOT = -2,
	UNKNOWN = -3,
};

static int name_of(const char *name)
{
	int i;

	if (*name == '.')
		return !name[1] ? DOT : name[1] == '.' && !name[2] ? DOT_DOT : UNKNOWN;
	for (i = 0; i < EXPLORE_NAMES; i++)
		if (*name == *explore_names[i] && !name[1])
			return i;
	return UNKNOWN;
}

static void note(struct run *r, struct listed *to, const struct dirent_record *e, int name)
{
	run__describe(r, " %.20s", e->d_name);
	to->off = e->d_off;
	if (name == UNKNOWN) {
		run__report(r, RULE_SPAN, "a stream lists '%.20s', which never was there",
			    e->d_name);
	} else if (name < 0) {
		if (to->dots & BIT(-name))
			run__report(r, RULE_SPAN, "a stream lists '%s' twice", e->d_name);
		to->dots |= BIT(-name);
	} else {
		to->twice |= to->once & BIT(name);
		to->once |= BIT(name);
	}
}

/* One too small for an entry: -EINVAL, and 0 where there are no more. */
static void read_none(struct run *r, int i)
{
	const struct model_stream *m = &r->model.stream[i];
	char buf[1];
	long ret = getdents__raw(r->reading[i].fd, buf, sizeof(buf));

	r->st->calls++;
	if (m->dead && ret != -ENOENT)
		run__report(r, RULE_REMOVED,
			    "getdents64 of a removed directory returns %ld, not -ENOENT", ret);
	else if (!m->dead && ret != -EINVAL && (ret || m->at == AT_START))
		run__report(r, RULE_RETURNS, "getdents64 with one byte returns %ld, not -EINVAL",
			    ret);
}

/* Whether that return value is right; it is reported if not. */
static bool judge(struct run *r, long ret, const struct reading_call *call)
{
	if (ret < -GETDENTS_MAX_ERRNO || ret > (long)call->size)
		run__report(r, RULE_RETURNS,
			    "getdents64 returns %ld, neither a length nor an errno", ret);
	else if (call->dead && ret != -ENOENT)
		run__report(r, RULE_REMOVED,
			    "getdents64 of a removed directory returns %ld, not -ENOENT", ret);
	else if (!call->dead && ret < 0)
		run__report(r, RULE_RETURNS, "getdents64 fails: %s", strerror((int)-ret));
	return ret > 0 && !r->bad;
}

long reading__call(struct run *r, int fd, struct listed *to, const struct reading_call *call)
{
	char buf[READ_ALL];
	long ret = getdents__raw(fd, buf, call->size), at;

	r->st->calls++;
	if (!judge(r, ret, call)) {
		if (ret < 0)
			run__describe(r, " %s", strerrorname_np((int)-ret) ?: "?");
		return 0;
	}
	for (at = 0; at < ret;) {
		const struct dirent_record *e = (const void *)(buf + at);
		int name = name_of(e->d_name);

		note(r, to, e, name);
		if (call->entry)
			call->entry(call->ctx, name, e->d_ino, e->d_type);
		at += e->d_reclen;
	}
	return ret;
}

/* names: bits. "a, b" */
static const char *list_of(uint8_t names, char text[4 * EXPLORE_NAMES])
{
	size_t n = 0;
	int i;

	*text = 0;
	for (i = 0; i < EXPLORE_NAMES; i++)
		if (names & BIT(i))
			n += snprintf(text + n, 4UL * EXPLORE_NAMES - n, "%s%s", n ? ", " : "",
				      explore_names[i]);
	return text;
}

static void report_names(struct run *r, enum explore_rule rule, const char *what, uint8_t names)
{
	char text[4 * EXPLORE_NAMES];

	if (names)
		run__report(r, rule, "%s %s", what, list_of(names, text));
}

void reading__check_new(struct run *r, const struct listed *l)
{
	uint8_t names = model__names(&r->model);

	report_names(r, RULE_NAMES, "a new listing lacks", names & ~l->once);
	report_names(r, RULE_NAMES, "a new listing has, where it is not,", l->once & ~names);
	report_names(r, RULE_NAMES, "a new listing has twice", l->twice);
	if (!r->bad && l->dots != (BIT(-DOT) | BIT(-DOT_DOT)))
		run__report(r, RULE_NAMES, "a new listing lacks '.' or '..'");
}

/* The stream is at its end. */
static void check_span(struct run *r, const struct model_stream *m, const struct listed *l)
{
	if (m->dead)
		return;
	report_names(r, RULE_SPAN,
		     "a stream lacks what was there all the time:", m->stable & ~l->once);
	/* tmpfs itself may list a name again after others were removed: docs/explore.md */
	if (r->model.listed)
		report_names(r, RULE_SPAN, "a stream lists twice what was there all the time:",
			     m->stable & l->twice);
	report_names(r, RULE_SPAN, "a stream lists what never was there:", l->once & ~m->seen);
}

static struct reading_call call_of(const struct model_stream *m, size_t size)
{
	return (struct reading_call){ .size = size, .dead = m->dead };
}

static void read_to_end(struct run *r, int i)
{
	const struct model_stream *m = &r->model.stream[i];
	struct reading_call call = call_of(m, READ_ALL);

	while (!r->bad && reading__call(r, r->reading[i].fd, &r->reading[i].all, &call) > 0)
		;
	check_span(r, m, &r->reading[i].all);
}

static void read_part(struct run *r, int i, bool first)
{
	struct reading *rd = &r->reading[i];
	struct reading_call call = call_of(&r->model.stream[i], READ_PART);

	reading__call(r, rd->fd, &rd->all, &call);
	if (first)
		rd->first = rd->all;
}

static void seek(struct run *r, struct reading *rd, const struct listed *to)
{
	if (lseek(rd->fd, to->off, SEEK_SET) != to->off)
		run__report(r, RULE_OPERATIONS, "lseek to %lld fails: %s", (long long)to->off,
			    strerror(errno));
	rd->all = *to;
}

static void list(struct run *r)
{
	const struct reading_call call = { .size = READ_ALL };
	struct listed l = { 0 };
	int fd = run__open_dir(r);

	if (fd < 0)
		return;
	while (reading__call(r, fd, &l, &call) > 0)
		;
	close(fd);
	reading__check_new(r, &l);
}

void reading__step(struct run *r, struct explore_step s)
{
	static const struct listed start;
	struct reading *rd = &r->reading[s.a];

	switch (s.op) {
	case OP_LIST:
		list(r);
		break;
	case OP_OPEN:
		memset(rd, 0, sizeof(*rd));
		rd->fd = run__open_dir(r);
		break;
	case OP_READ:
		read_part(r, s.a, !rd->all.off);
		break;
	case OP_READ_NONE:
		read_none(r, s.a);
		break;
	case OP_READ_ALL:
		read_to_end(r, s.a);
		break;
	case OP_REWIND:
		seek(r, rd, &start);
		break;
	case OP_BACK:
		seek(r, rd, &rd->first);
		break;
	case OP_CLOSE:
		close(rd->fd);
		rd->fd = -1;
		break;
	}
}

void reading__finish(struct run *r)
{
	int i;

	for (i = 0; i < EXPLORE_STREAMS; i++) {
		struct reading *rd = &r->reading[i];

		if (rd->fd < 0)
			continue;
		if (!r->bad && r->model.stream[i].at != AT_END) {
			run__describe(r, "\nstream %d continues:", i + 1);
			read_to_end(r, i);
		}
		close(rd->fd);
		rd->fd = -1;
	}
}
