// SPDX-License-Identifier: GPL-2.0-only
#include "record/write.h"

#include <string.h>

void json__dir(struct json *j, const struct rec_dir *d)
{
	json__open(j, "dir", '{');
	json__dev(j, "dev", d->dev);
	json__u64_str(j, "ino", d->ino);
	json__str(j, "path", d->path);
	if (d->path && d->path_in_mount)
		json__bool(j, "path_in_mount", true);
	json__close(j, '}');
}

void json__task(struct json *j, const struct rec_task *t)
{
	json__open(j, "task", '{');
	json__u64(j, "pid", t->pid);
	json__u64(j, "tid", t->tid);
	json__bytes(j, "comm", t->comm, strnlen(t->comm, sizeof(t->comm)));
	json__u64_str(j, "cgroup", t->cgroup);
	json__str(j, "cgroup_path", t->cgroup_path);
	json__close(j, '}');
}

void json__coverage(struct json *j, const struct coverage *cover, bool merged)
{
	int i;

	json__open(j, "coverage", '{');
	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &cover[i];

		if (!coverage__reports(i, merged))
			continue;
		json__open(j, logical_event__name(i), '{');
		json__word(j, "provider", provider__name(c->provider));
		json__str(j, "target", c->target);
		json__str(j, "evidence", c->evidence);
		if (c->costly)
			json__bool(j, "costly", true);
		if (c->partly)
			json__bool(j, "partly", true);
		json__word(j, "confidence", coverage__confidence(c));
		json__word(j, "proof", proof_state__name(c->proof));
		if (c->proof != PROOF_NOT_RUN)
			json__str(j, "proof_evidence", c->proof_evidence);
		json__close(j, '}');
	}
	json__close(j, '}');
}

void json__finding(struct json *j, const struct rec_finding *f)
{
	size_t i;

	json__word(j, "kind", finding_kind__name(f->kind));
	json__dir(j, &f->dir);
	json__task(j, &f->task);
	json__word(j, "confidence", f->exact ? "exact" : "inferred");
	json__open(j, "evidence", '[');
	for (i = 0; i < f->nevidence; i++)
		json__u64(j, NULL, f->evidence[i]);
	json__close(j, ']');
	json__str(j, "text", f->text);
	json__u64(j, "at_ns", f->at_ns);
	if (f->test)
		json__str(j, "test", f->test);
}

static void count(struct json *j, const char *key, uint64_t v)
{
	if (v == COUNT_UNSEEN)
		json__null(j, key);
	else
		json__u64(j, key, v);
}

void json__counts(struct json *j, const struct rec_counts *c)
{
	size_t i;

	json__open(j, "counts", '{');
	for (i = 0; i < COUNTS; i++)
		if (counts__has(c, count_defs[i].group))
			count(j, count_defs[i].name, count__get(c, &count_defs[i]));
	json__close(j, '}');
}

void json__inconsistencies(struct json *j, const uint64_t *inconsistencies)
{
	int i;

	json__open(j, "inconsistencies", '[');
	for (i = 0; i < INCONSISTENCIES; i++) {
		if (!inconsistencies[i])
			continue;
		json__open(j, NULL, '{');
		json__word(j, "check", inconsistency__text(i));
		json__u64(j, "count", inconsistencies[i]);
		json__close(j, '}');
	}
	json__close(j, ']');
}
