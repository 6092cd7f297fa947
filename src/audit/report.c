// SPDX-License-Identifier: GPL-2.0-only
#include "audit/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/json.h"
#include "util/text.h"

enum {
	SHOWN_FINDINGS = 10, /* differences of one directory that the text has */
};

struct counts {
	size_t of[AUDIT_VERDICTS];
	size_t caches, mounts, incomplete;
};

static void count(const struct audit_report *r, struct counts *c)
{
	size_t i, j;

	memset(c, 0, sizeof(*c));
	c->mounts = r->mounts.n;
	for (i = 0; i < r->mounts.n; i++) {
		const struct audit_mount *m = &r->mounts.v[i];

		c->incomplete += !m->complete || m->why[0];
		c->caches += m->n;
		for (j = 0; j < m->n; j++)
			c->of[m->v[j].verdict]++;
	}
}

enum audit_outcome audit_report__outcome(const struct audit_report *r)
{
	struct counts c;

	if (r->reason)
		return AUDIT_IMPOSSIBLE;
	count(r, &c);
	if (c.of[AUDIT_WRONG])
		return AUDIT_FINDINGS;
	if (c.incomplete || c.of[AUDIT_CHANGING] || c.of[AUDIT_PARTIAL] || c.of[AUDIT_UNREADABLE])
		return AUDIT_INCONCLUSIVE;
	return AUDIT_CLEAN;
}

static const char *outcome_name(enum audit_outcome o)
{
	static const char *const names[] = { "clean", "findings", "inconclusive", "impossible" };

	return names[o];
}

static const char *kind(const struct ovla_dir *d)
{
	return !d->cache ? "no cache" : d->refcount ? "merged" : "impure";
}

/* --- text --- */

static void put_str(FILE *f, const char *s)
{
	text__bytes(f, s, strlen(s));
}

static void put_path(FILE *f, const struct audit_mount *m, const struct audit_result *r)
{
	bool top = !strcmp(m->path, "/");

	if (!r->path) {
		put_str(f, m->path);
		fprintf(f, " (inode %llu)", (unsigned long long)r->dump.dir.ino);
		return;
	}
	if (!top || !*r->path)
		put_str(f, m->path);
	if (*r->path)
		fputc('/', f);
	put_str(f, r->path);
}

static void diff_text(FILE *f, const struct audit_diffs *all, const struct audit_diff *d)
{
	if (d->kind == AUDIT_MIXED) {
		fputs("    a merged directory has an impure directory's cache: the next listing "
		      "shows only its entries, and frees it\n",
		      f);
		return;
	}
	fputs("    '", f);
	text__bytes(f, all->names.pool + d->name, d->len);
	switch (d->kind) {
	case AUDIT_INO:
		fprintf(f, "' is listed with inode number %" PRIu64 ", statx returns %" PRIu64,
			d->listed_ino, d->stat_ino);
		if (d->cached)
			fprintf(f, "; the cache has %" PRIu64 "\n", d->cached_ino);
		else
			fputs("; the cache has no entry\n", f);
		break;
	case AUDIT_MISSING:
		fprintf(f, "' exists (inode number %" PRIu64 ") and is not listed%s\n", d->stat_ino,
			d->cached ? "" : ": the cache has no entry");
		break;
	default:
		fprintf(f, "' is in the cache (inode number %" PRIu64 ")%s and does not exist\n",
			d->cached_ino, d->listed ? ", is listed," : "");
	}
}

static void dir_text(FILE *f, const struct audit_mount *m, const struct audit_result *r)
{
	const struct ovla_dir *d = &r->dump.dir;
	size_t i;

	fprintf(f, "  %-10s %s, version %llu%s", audit_verdict__name(r->verdict), kind(d),
		(unsigned long long)d->stamp, d->version == d->stamp ? "" : " of ");
	if (d->version != d->stamp)
		fprintf(f, "%llu", (unsigned long long)d->version);
	fprintf(f, ", refcount %lld, ", (long long)d->refcount);
	if (r->dumped)
		fprintf(f, "%zu entries: ", r->dump.entries.n);
	put_path(f, m, r);
	if (r->why[0]) {
		fputs(": ", f);
		put_str(f, r->why);
	}
	fputc('\n', f);
	for (i = 0; i < r->diffs.n && i < SHOWN_FINDINGS; i++)
		diff_text(f, &r->diffs, &r->diffs.v[i]);
	if (i < r->diffs.n)
		fprintf(f, "    and %zu more\n", r->diffs.n - i);
}

static void mount_text(FILE *f, const struct audit_mount *m)
{
	size_t i;

	put_str(f, m->path);
	fprintf(f, " (dev %u:%u%s", m->dev >> 20, m->dev & 0xfffff, *m->within ? ", in " : "");
	put_str(f, m->within);
	fputs("): ", f);
	if (m->walked)
		fprintf(f, "%zu directory caches, %u inodes", m->n, m->inodes);
	if (m->walked && m->why[0])
		fputs("; ", f);
	put_str(f, m->why);
	fputc('\n', f);
	if (m->walked && m->xino_mode < 0 && m->n)
		fputs("  its layers are on several filesystems: listed inode numbers are arbitrary, "
		      "so only names are compared\n",
		      f);
	for (i = 0; i < m->n; i++)
		dir_text(f, m, &m->v[i]);
}

/* The line that answers. */
static void answer_text(FILE *f, const struct audit_report *r, const struct counts *c)
{
	size_t fresh = c->of[AUDIT_OK] + c->of[AUDIT_WRONG], i;

	fprintf(f, "verdict: %s", outcome_name(audit_report__outcome(r)));
	if (!c->mounts)
		fputs(": no overlay was found", f);
	else if (c->of[AUDIT_WRONG])
		fprintf(f, ": %zu of %zu caches that the kernel would serve %s wrong",
			c->of[AUDIT_WRONG], fresh, c->of[AUDIT_WRONG] == 1 ? "is" : "are");
	else if (!fresh && c->of[AUDIT_PARTIAL])
		fputs(": no cache that the kernel would serve could be compared in whole", f);
	else if (!fresh)
		fputs(": no cache that the kernel would serve was found, so nothing was compared",
		      f);
	else
		fprintf(f, ": none of the %zu caches that the kernel would serve is wrong",
			c->of[AUDIT_OK]);
	fprintf(f, "; mounts %zu, directory caches %zu", c->mounts, c->caches);
	for (i = 0; i < AUDIT_VERDICTS; i++)
		if (c->of[i] || i == AUDIT_WRONG)
			fprintf(f, ", %s %zu", audit_verdict__name(i), c->of[i]);
	fputc('\n', f);
	if (r->mounts.namespaces)
		fprintf(f, "looked at %zu mount namespace%s", r->mounts.namespaces,
			r->mounts.namespaces == 1 ? "" : "s");
	if (r->mounts.namespaces && r->mounts.hidden)
		fprintf(f, "; those of %zu processes could not be read", r->mounts.hidden);
	fputs(r->mounts.namespaces ? "\n" : "", f);
}

void audit_report__text(FILE *f, const struct audit_report *r)
{
	struct counts c;
	size_t i;

	if (r->reason)
		return;
	count(r, &c);
	answer_text(f, r, &c);
	for (i = 0; i < r->mounts.n; i++) {
		fputc('\n', f);
		mount_text(f, &r->mounts.v[i]);
	}
}

/* --- JSON --- */

static void number_json(struct json *j, const char *key, bool known, uint64_t v)
{
	if (known)
		json__u64_str(j, key, v);
	else
		json__null(j, key);
}

static void diffs_json(struct json *j, const struct audit_diffs *all)
{
	size_t i;

	json__open(j, "differences", '[');
	for (i = 0; i < all->n; i++) {
		const struct audit_diff *d = &all->v[i];

		json__open(j, NULL, '{');
		json__word(j, "kind", audit_diff__name(d->kind));
		if (d->kind != AUDIT_MIXED)
			json__bytes(j, "name", all->names.pool + d->name, d->len);
		else
			json__null(j, "name");
		number_json(j, "listed_ino", d->listed, d->listed_ino);
		number_json(j, "cached_ino", d->cached, d->cached_ino);
		number_json(j, "statx_ino", d->exists, d->stat_ino);
		json__close(j, '}');
	}
	json__close(j, ']');
}

static void entries_json(struct json *j, const struct audit_list *l, bool merged)
{
	size_t i;

	json__open(j, "cache", '[');
	for (i = 0; i < l->n; i++) {
		const struct audit_item *e = &l->v[i];

		json__open(j, NULL, '{');
		json__bytes(j, "name", audit_list__name(l, e), e->len);
		/* unknown until the first listing computes it */
		number_json(j, "ino", e->ino, e->ino);
		json__u64_str(j, "real_ino", e->real_ino);
		json__u64(j, "type", e->type);
		/* overlayfs sets it only in merged caches */
		if (merged)
			json__bool(j, "upper", e->flags & AUDIT_UPPER);
		else
			json__null(j, "upper");
		json__bool(j, "whiteout", e->flags & AUDIT_WHITEOUT);
		json__close(j, '}');
	}
	json__close(j, ']');
}

static void dir_json(struct json *j, const struct audit_mount *m, const struct audit_result *r)
{
	const struct ovla_dir *d = &r->dump.dir;
	char *path = NULL;

	if (r->path && asprintf(&path, "%s%s%s", strcmp(m->path, "/") ? m->path : "",
				*r->path || !strcmp(m->path, "/") ? "/" : "", r->path) < 0)
		path = NULL;
	json__open(j, NULL, '{');
	json__str(j, "path", path);
	free(path);
	json__u64_str(j, "ino", d->ino);
	json__str(j, "kind", d->cache ? kind(d) : NULL);
	json__u64(j, "version", d->version);
	json__u64(j, "cache_version", d->stamp);
	json__i64(j, "refcount", d->refcount);
	if (r->dumped)
		json__u64(j, "entries", r->dump.entries.n);
	else
		json__null(j, "entries");
	json__bool(j, "fresh", d->cache && d->version == d->stamp);
	json__bool(j, "impure", d->impure);
	json__word(j, "verdict", audit_verdict__name(r->verdict));
	json__str(j, "reason", r->why[0] ? r->why : NULL);
	json__u64(j, "tries", r->tries);
	diffs_json(j, &r->diffs);
	if (r->dumped)
		entries_json(j, &r->dump.entries, d->refcount);
	else
		json__null(j, "cache");
	json__close(j, '}');
}

static void mount_json(struct json *j, const struct audit_mount *m)
{
	size_t i;

	json__open(j, NULL, '{');
	json__str(j, "path", m->path);
	json__dev(j, "dev", m->dev);
	json__str(j, "container", *m->within ? m->within : NULL);
	json__bool(j, "rootless", m->rootless);
	json__bool(j, "complete", m->complete && !m->why[0]);
	json__str(j, "reason", m->why[0] ? m->why : NULL);
	if (m->walked)
		json__u64(j, "inodes", m->inodes);
	else
		json__null(j, "inodes");
	if (m->walked)
		json__bool(j, "numbers_compared", m->xino_mode >= 0);
	else
		json__null(j, "numbers_compared");
	json__open(j, "directories", '[');
	for (i = 0; i < m->n; i++)
		dir_json(j, m, &m->v[i]);
	json__close(j, ']');
	json__close(j, '}');
}

int audit_report__json(FILE *f, const struct audit_report *r)
{
	struct json j = { 0 };
	struct counts c;
	size_t i;
	int err;

	count(r, &c);
	json__open(&j, NULL, '{');
	json__word(&j, "schema", AUDIT_SCHEMA);
	json__str(&j, "version", r->version);
	json__str(&j, "kernel", r->kernel);
	json__str(&j, "arch", r->arch);
	json__word(&j, "verdict", outcome_name(audit_report__outcome(r)));
	json__str(&j, "reason", r->reason);
	json__open(&j, "mounts", '[');
	for (i = 0; i < r->mounts.n; i++)
		mount_json(&j, &r->mounts.v[i]);
	json__close(&j, ']');
	json__open(&j, "counts", '{');
	json__u64(&j, "mounts", c.mounts);
	json__u64(&j, "caches", c.caches);
	for (i = 0; i < AUDIT_VERDICTS; i++)
		json__u64(&j, audit_verdict__name(i), c.of[i]);
	json__close(&j, '}');
	json__close(&j, '}');
	json__newline(&j);
	err = j.failed ? -ENOMEM : 0;
	if (!err && (fwrite(j.buf, 1, j.len, f) != j.len || fflush(f)))
		err = errno ? -errno : -EIO;
	json__deinit(&j);
	return err;
}
