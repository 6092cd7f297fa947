// SPDX-License-Identifier: GPL-2.0-only
/* The parts that record types share: directory, task, enum values, counts. */
#include <string.h>

#include "record/internal.h"
#include "util/saturate.h"

static const uint8_t need_dir[] = { F_TOP_dir, F_DIR_dev, F_DIR_ino, F_DIR_path, NONE };
static const uint8_t need_task[] = { F_TOP_task,  F_TASK_pid,	 F_TASK_tid,
				     F_TASK_comm, F_TASK_cgroup, NONE };
static const uint8_t need_actor_task[] = { F_TASK_pid, F_TASK_tid, F_TASK_comm, F_TASK_cgroup,
					   NONE };

bool form__need(struct raw *raw, const uint8_t *list)
{
	static const char *const names[] = {
#define FIELD(place, name, kinds) #name,
#include "record/fields.def"
	};

	for (; *list != NONE; list++) {
		if (raw__has(raw, *list))
			continue;
		raw->bad = names[*list];
		return false;
	}
	return true;
}

bool form__fault(struct raw *raw, const char *what)
{
	raw->bad = what;
	return false;
}

static int word_find(const char *s, size_t len, const char *(*name)(int), int n)
{
	int i;

	for (i = 0; i < n; i++) {
		const char *w = name(i);

		if (len && w[0] == s[0] && strlen(w) == len && !memcmp(w, s, len))
			return i;
	}
	return -1;
}

int form__word(struct raw *raw, enum raw_field f, const char *(*name)(int), int n)
{
	static const struct {
		enum raw_field field;
		const char *old, *word;
	} aliases[] = {
#define ALIAS(place, old, name)
#define WORD_ALIAS(field, old, word) { field, old, word },
#include "record/aliases.def"
	};
	const struct json_value *v = &raw->v[f];
	int found = word_find(v->s, v->len, name, n);
	size_t i;

	for (i = 0; found < 0 && i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (aliases[i].field == f && strlen(aliases[i].old) == v->len &&
		    !memcmp(aliases[i].old, v->s, v->len))
			found = word_find(aliases[i].word, strlen(aliases[i].word), name, n);
	return found;
}

bool form__dir(struct raw *raw, struct rec_dir *d)
{
	const struct json_value *v = &raw->v[F_DIR_dev];
	const char *colon;
	uint64_t major, minor;

	if (!form__need(raw, need_dir))
		return false;
	colon = memchr(v->s, ':', v->len);
	if (!colon || !raw__number(v->s, colon - v->s, 10, &major) || major > 0xfff ||
	    !raw__number(colon + 1, v->s + v->len - colon - 1, 10, &minor) || minor > 0xfffff)
		return form__fault(raw, "dev");
	d->dev = (uint32_t)(major << 20 | minor);
	if (!raw__decimal(raw, F_DIR_ino, &d->ino))
		return form__fault(raw, "ino");
	d->path = NULL;
	d->path_in_mount = raw__has(raw, F_DIR_path_in_mount) &&
			   raw->v[F_DIR_path_in_mount].type == JSON_TRUE;
	d->mount_ns = raw__has(raw, F_DIR_mount_ns) ? raw->v[F_DIR_mount_ns].u : 0;
	if (raw->v[F_DIR_path].type == JSON_NULL)
		return true;
	d->path = raw__string(raw, F_DIR_path, F_DIR_path_b64);
	return d->path && d->path[0] == '/' ? true : form__fault(raw, "path");
}

static bool task(struct raw *raw, struct rec_task *t)
{
	const char *comm;

	if (raw->v[F_TASK_pid].u > UINT32_MAX || raw->v[F_TASK_tid].u > UINT32_MAX)
		return form__fault(raw, "tid");
	t->pid = (uint32_t)raw->v[F_TASK_pid].u;
	t->tid = (uint32_t)raw->v[F_TASK_tid].u;
	comm = raw__string(raw, F_TASK_comm, F_TASK_comm_b64);
	if (!comm || strlen(comm) > sizeof(t->comm))
		return form__fault(raw, "comm");
	memset(t->comm, 0, sizeof(t->comm));
	memcpy(t->comm, comm, strlen(comm));
	if (!raw__decimal(raw, F_TASK_cgroup, &t->cgroup))
		return form__fault(raw, "cgroup");
	t->cgroup_path = NULL;
	t->unwanted = false;
	t->of_command = TRISTATE_UNKNOWN;
	if (!raw__has(raw, F_TASK_cgroup_path) || raw->v[F_TASK_cgroup_path].type == JSON_NULL)
		return true;
	t->cgroup_path = raw__string(raw, F_TASK_cgroup_path, F_TASK_cgroup_path_b64);
	return t->cgroup_path ? true : form__fault(raw, "cgroup_path");
}

bool form__task(struct raw *raw, struct rec_task *t)
{
	return form__need(raw, need_task) && task(raw, t);
}

bool form__actor_task(struct raw *raw, struct rec_task *t)
{
	return form__need(raw, need_actor_task) && task(raw, t);
}

uint64_t form__number_or(const struct raw *raw, enum raw_field f, uint64_t otherwise)
{
	return raw__has(raw, f) ? raw->v[f].u : otherwise;
}

uint64_t form__count(const struct raw *raw, enum raw_field f)
{
	if (!raw__has(raw, f) || raw->v[f].type == JSON_NULL)
		return COUNT_UNSEEN;
	return saturate(raw->v[f].u);
}

static const char *type_word(int i)
{
	return record_type__name(i);
}

enum read_result raw__record(struct raw *raw, struct record_read *out)
{
	static const uint8_t need_all[] = { F_TOP_type, F_TOP_seq, F_TOP_ts_ns, NONE };
	const char *bad = raw->bad;
	int type;

	if (!form__need(raw, need_all) || bad) {
		out->what = bad ? bad : raw->bad;
		return READ_DAMAGED;
	}
	out->rec.seq = raw->v[F_TOP_seq].u;
	out->rec.ts_ns = raw->v[F_TOP_ts_ns].u;
	type = form__word(raw, F_TOP_type, type_word, RECORD_TYPES);
	if (type < 0) {
		out->what = raw__string(raw, F_TOP_type, NONE);
		return out->what ? READ_UNKNOWN : READ_DAMAGED;
	}
	out->rec.type = type;
	if (form__record(raw, &out->rec))
		return READ_OK;
	out->what = raw->bad;
	return READ_DAMAGED;
}
