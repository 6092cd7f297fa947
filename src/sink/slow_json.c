// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "record/container.h"
#include "sink/slow.h"
#include "util/json.h"

static const char *const part_keys[SLOW_PARTS] = { "lock_wait_ns", "layers_ns", "lookups_ns",
						   "merge_ns", "copy_ns" };

static void number(struct json *j, const char *key, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		json__null(j, key);
	else
		json__u64(j, key, v);
}

static void task_json(struct json *j, const char *key, const struct rec_task *t, bool thread)
{
	char text[CONTAINER_TEXT];
	struct container c;

	container__parse(t->cgroup_path, &c);
	json__open(j, key, '{');
	json__u64(j, "pid", t->pid);
	if (thread)
		json__u64(j, "tid", t->tid);
	json__bytes(j, "comm", t->comm, strnlen(t->comm, sizeof(t->comm)));
	json__str(j, "cgroup", t->cgroup_path);
	json__str(j, "container", c.runtime == CONTAINER_NONE ? NULL : container__text(&c, text));
	json__close(j, '}');
}

/* Why a part of this listing is null that this kernel shows; NULL: none is. */
static const char *unknown(const struct slow_listing *l)
{
	if (l->torn)
		return "the end of a read or a lookup was not seen";
	return l->late ? "it began before the trace" : NULL;
}

static void by_json(struct json *j, const struct slow_listing *l)
{
	if (!l->has_by) {
		json__null(j, "outdated_by");
		return;
	}
	json__open(j, "outdated_by", '{');
	json__word(j, "op", ovlw_op__name(l->op));
	json__u64(j, "age_ns", l->age_ns);
	task_json(j, "task", &l->by, false);
	json__close(j, '}');
}

static void listing_json(struct json *j, const struct slow_listing *l)
{
	int i;

	json__open(j, NULL, '{');
	json__u64(j, "begin_ns", l->begin_ns);
	json__open(j, "dir", '{');
	json__dev(j, "dev", l->dir.dev);
	json__u64_str(j, "ino", l->dir.ino);
	json__str(j, "path", l->dir.path);
	if (l->dir.path && l->dir.path_in_mount)
		json__bool(j, "path_in_mount", true);
	if (l->dir.mount_ns)
		json__u64_str(j, "mount_ns", l->dir.mount_ns);
	json__close(j, '}');
	json__str(j, "kind", slow_kind__name(l->kind));
	task_json(j, "task", &l->task, true);
	json__u64(j, "total_ns", l->total_ns);
	for (i = 0; i < SLOW_PARTS; i++)
		number(j, part_keys[i], l->part[i]);
	json__u64(j, "other_ns", l->other_ns);
	json__str(j, "unknown", unknown(l));
	number(j, "lock_released_ns", l->released_ns);
	number(j, "layers", l->layers);
	number(j, "lookups", l->lookups);
	number(j, "entries", l->entries);
	json__str(j, "rebuilt", slow_cause__name(l->cause));
	by_json(j, l);
	json__u64(j, "errno", (uint64_t) - (int64_t)l->err);
	json__close(j, '}');
}

static void sums_json(struct json *j, const struct slow_view *v, size_t kept)
{
	const struct slow_sums *sums = slow__sums(v->slow);
	int i;

	json__open(j, "counts", '{');
	json__u64(j, "listings", v->listings);
	json__u64(j, "slow", sums->listings);
	json__u64(j, "omitted", sums->listings - kept);
	json__u64(j, "lost", v->lost);
	json__u64(j, "torn", sums->torn);
	json__u64(j, "running", v->running);
	json__close(j, '}');
	json__open(j, "sums", '{');
	json__u64(j, "total_ns", sums->total_ns);
	for (i = 0; i < SLOW_PARTS; i++)
		number(j, part_keys[i],
		       slow_part__unseen(i, &v->sees) ? COUNT_UNSEEN : sums->part[i]);
	json__u64(j, "other_ns", sums->other_ns);
	json__close(j, '}');
	json__open(j, "unseen", '{');
	for (i = 0; i < SLOW_PARTS; i++)
		json__str(j, part_keys[i], slow_part__unseen(i, &v->sees));
	json__close(j, '}');
}

int slow_view__json(FILE *f, const struct slow_view *v)
{
	size_t n = slow__sort(v->slow), i;
	struct json j = { 0 };
	int err;

	json__open(&j, NULL, '{');
	json__word(&j, "schema", SLOW_SCHEMA);
	json__str(&j, "version", v->version);
	json__str(&j, "kernel", v->kernel);
	json__str(&j, "arch", v->arch);
	json__u64(&j, "over_ns", v->over_ns);
	json__u64(&j, "duration_ns", v->duration_ns);
	json__bool(&j, "filtered", v->filtered);
	json__bool(&j, "complete", !slow_view__incomplete(v));
	json__str(&j, "reason", slow_view__incomplete(v));
	sums_json(&j, v, n);
	json__open(&j, "listings", '[');
	for (i = 0; i < n; i++)
		listing_json(&j, slow__get(v->slow, i));
	json__close(&j, ']');
	json__close(&j, '}');
	json__newline(&j);
	err = j.failed ? -ENOMEM : 0;
	if (!err && (fwrite(j.buf, 1, j.len, f) != j.len || fflush(f)))
		err = errno ? -errno : -EIO;
	json__deinit(&j);
	return err;
}
