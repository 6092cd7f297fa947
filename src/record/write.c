// SPDX-License-Identifier: GPL-2.0-only
#include "record/write.h"

#include <string.h>

/* Writes the text of a member that was written before, with its key. */
static bool put_text(struct json *j, const char *text, size_t len)
{
	char *p = len && j->comma ? json__room(j, len) : NULL;

	if (!p)
		return false;
	memcpy(p, text, len);
	json__ends_at(j, p + len);
	return true;
}

/* Copies what was written from `from` on. Returns its length; 0 if it is too long. */
static size_t take_text(const struct json *j, size_t from, char text[MEMO_TEXT])
{
	size_t len = j->len - from;

	/* in all records something precedes it, so that the text begins with a comma */
	if (j->failed || len > MEMO_TEXT || j->buf[from] != ',')
		return 0;
	memcpy(text, j->buf + from, len);
	return len;
}

/* NULL is kept as NULL. False: the string is too long. */
static bool take_string(const char **to, char buf[MEMO_STRING], const char *s)
{
	size_t len = s ? strlen(s) : 0;

	*to = s ? buf : NULL;
	if (len >= MEMO_STRING)
		return false;
	if (s)
		memcpy(buf, s, len + 1);
	return true;
}

static bool same_string(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_dir(const struct rec_dir *a, const struct rec_dir *b)
{
	return a->ino == b->ino && a->dev == b->dev && a->path_in_mount == b->path_in_mount &&
	       a->mount_ns == b->mount_ns && same_string(a->path, b->path);
}

static void put_dir(struct json *j, const struct rec_dir *d)
{
	json__open(j, "dir", '{');
	json__dev(j, "dev", d->dev);
	json__u64_str(j, "ino", d->ino);
	json__str(j, "path", d->path);
	if (d->path && d->path_in_mount)
		json__bool(j, "path_in_mount", true);
	if (d->path && d->mount_ns)
		json__u64(j, "mount_ns", d->mount_ns);
	json__close(j, '}');
}

void json__dir(struct json *j, const struct rec_dir *d)
{
	struct record_memo *m = j->memo;
	size_t from = j->len;

	if (m && same_dir(&m->dir, d) && put_text(j, m->dir_text, m->dir_len))
		return;
	put_dir(j, d);
	if (!m)
		return;
	m->dir = *d;
	m->dir_len = take_string(&m->dir.path, m->dir_path, d->path) ?
			     take_text(j, from, m->dir_text) :
			     0;
}

static bool same_task(const struct rec_task *a, const struct rec_task *b)
{
	return a->pid == b->pid && a->tid == b->tid && a->cgroup == b->cgroup &&
	       !memcmp(a->comm, b->comm, sizeof(a->comm)) &&
	       same_string(a->cgroup_path, b->cgroup_path);
}

static void put_task(struct json *j, const struct rec_task *t)
{
	json__open(j, "task", '{');
	json__u64(j, "pid", t->pid);
	json__u64(j, "tid", t->tid);
	json__bytes(j, "comm", t->comm, strnlen(t->comm, sizeof(t->comm)));
	json__u64_str(j, "cgroup", t->cgroup);
	json__str(j, "cgroup_path", t->cgroup_path);
	json__close(j, '}');
}

void json__task(struct json *j, const struct rec_task *t)
{
	struct record_memo *m = j->memo;
	size_t from = j->len;

	if (m && same_task(&m->task, t) && put_text(j, m->task_text, m->task_len))
		return;
	put_task(j, t);
	if (!m)
		return;
	m->task = *t;
	m->task_len = take_string(&m->task.cgroup_path, m->cgroup_path, t->cgroup_path) ?
			      take_text(j, from, m->task_text) :
			      0;
}

void json__count(struct json *j, const char *key, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		json__null(j, key);
	else
		json__u64(j, key, v);
}
