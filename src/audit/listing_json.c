// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "audit/listing_report.h"
#include "util/json.h"

static void number(struct json *j, const char *key, bool known, uint64_t v)
{
	if (known)
		json__u64_str(j, key, v);
	else
		json__null(j, key);
}

static void type(struct json *j, const char *key, bool known, uint32_t v)
{
	if (known)
		json__u64(j, key, v);
	else
		json__null(j, key);
}

static void diff_json(struct json *j, const struct listing_diffs *all, const struct listing_diff *d)
{
	json__open(j, NULL, '{');
	json__word(j, "kind", listing_diff__name(d->kind));
	json__bytes(j, "name", listing_diffs__name(all, d), d->len);
	number(j, "listed_ino", d->listed, d->listed_ino);
	number(j, "statx_ino", d->exists, d->stat_ino);
	type(j, "listed_type", d->listed, d->listed_type);
	type(j, "statx_type", d->exists, d->stat_type);
	json__word(j, "cause", listing_cause__name(d->cause));
	json__bool(j, "limit", listing_cause__is_limit(d->cause));
	json__word(j, "confidence", d->exact ? "exact" : "inferred");
	json__close(j, '}');
}

static void dir_json(struct json *j, const struct listing_tree *t, const struct listing_result *r)
{
	bool slash = *r->path && t->path[strlen(t->path) - 1] != '/';
	char *path = NULL;
	uint64_t all = 0;
	size_t i;

	if (asprintf(&path, "%s%s%s", t->path, slash ? "/" : "", r->path) < 0)
		path = NULL;
	for (i = 0; i < LISTING_CAUSES; i++)
		all += r->causes[i];
	json__open(j, NULL, '{');
	json__str(j, "path", path);
	free(path);
	json__word(j, "verdict", listing_verdict__name(r->verdict));
	json__str(j, "reason", r->why[0] ? r->why : NULL);
	json__bool(j, "merged", r->merged);
	json__u64(j, "names", r->names);
	json__u64(j, "tries", r->tries);
	json__u64(j, "omitted", all - r->diffs.n);
	json__open(j, "differences", '[');
	for (i = 0; i < r->diffs.n; i++)
		diff_json(j, &r->diffs, &r->diffs.v[i]);
	json__close(j, ']');
	json__close(j, '}');
}

static void tree_json(struct json *j, const struct listing_tree *t)
{
	size_t i;

	json__open(j, NULL, '{');
	json__str(j, "path", t->path);
	json__dev(j, "dev", t->dev);
	json__str(j, "container", *t->within ? t->within : NULL);
	json__bool(j, "rootless", t->rootless);
	if (t->numbers == TRISTATE_UNKNOWN)
		json__null(j, "numbers_agree");
	else
		json__bool(j, "numbers_agree", t->numbers == TRISTATE_YES);
	json__bool(j, "complete", !t->why[0]);
	json__str(j, "reason", t->why[0] ? t->why : NULL);
	json__u64(j, "other_mounts", t->mounts);
	json__u64(j, "compared", t->directories);
	json__u64(j, "names", t->names);
	json__open(j, "directories", '[');
	for (i = 0; i < t->n; i++)
		dir_json(j, t, &t->v[i]);
	json__close(j, ']');
	json__close(j, '}');
}

static void counts_json(struct json *j, const struct listing_report *r,
			const struct listing_counts *c)
{
	size_t i;

	json__open(j, "counts", '{');
	json__u64(j, "trees", r->n);
	json__u64(j, "directories", c->directories);
	json__u64(j, "names", c->names);
	for (i = 0; i < LISTING_VERDICTS; i++)
		json__u64(j, listing_verdict__name(i), c->of[i]);
	json__u64(j, "defects", c->defects);
	json__u64(j, "limits", c->limits);
	json__open(j, "causes", '{');
	for (i = 0; i < LISTING_CAUSES; i++)
		json__u64(j, listing_cause__name(i), c->causes[i]);
	json__close(j, '}');
	json__close(j, '}');
}

int listing_report__json(FILE *f, const struct listing_report *r)
{
	static const char *const words[] = { "clean", "findings", "inconclusive" };
	struct listing_counts c;
	struct json j = { 0 };
	size_t i;
	int err;

	listing_counts__make(&c, r);
	json__open(&j, NULL, '{');
	json__word(&j, "schema", LISTINGS_SCHEMA);
	json__str(&j, "version", r->version);
	json__str(&j, "kernel", r->kernel);
	json__str(&j, "arch", r->arch);
	json__word(&j, "verdict", words[listing_counts__outcome(&c)]);
	json__open(&j, "trees", '[');
	for (i = 0; i < r->n; i++)
		tree_json(&j, &r->v[i]);
	json__close(&j, ']');
	counts_json(&j, r, &c);
	json__close(&j, '}');
	json__newline(&j);
	err = j.failed ? -ENOMEM : 0;
	if (!err && (fwrite(j.buf, 1, j.len, f) != j.len || fflush(f)))
		err = errno ? -errno : -EIO;
	json__deinit(&j);
	return err;
}
