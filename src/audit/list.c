// SPDX-License-Identifier: GPL-2.0-only
/* Lists of names, and the parsers of the records of the audit's program. */
#include "audit/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for at least n + 1 elements. */
static bool grow(void **v, size_t *cap, size_t n, size_t size)
{
	size_t want = *cap ? *cap * 2 : 64;
	void *p;

	if (n < *cap)
		return true;
	while (want <= n)
		want *= 2;
	p = realloc(*v, want * size);
	if (!p)
		return false;
	*v = p;
	*cap = want;
	return true;
}

static size_t list_bytes; /* of all lists */

static bool list_grow(void **v, size_t *cap, size_t n, size_t size)
{
	size_t before = *cap;
	bool grown;

	/* its capacity doubles */
	if (n >= *cap && list_bytes + (*cap + n) * size > AUDIT_LISTS_BYTES)
		return false;
	grown = grow(v, cap, n, size);
	list_bytes += (*cap - before) * size;
	return grown;
}

size_t audit_list__bytes(void)
{
	return list_bytes;
}

struct audit_item *audit_list__add(struct audit_list *l, const char *name, size_t len)
{
	struct audit_item *item;

	if (!list_grow((void **)&l->v, &l->cap, l->n, sizeof(*l->v)) ||
	    !list_grow((void **)&l->pool, &l->pool_cap, l->pool_len + len, 1)) {
		l->failed = true;
		return NULL;
	}
	item = &l->v[l->n++];
	memset(item, 0, sizeof(*item));
	item->name = l->pool_len;
	item->len = len;
	memcpy(l->pool + l->pool_len, name, len);
	l->pool[l->pool_len + len] = 0;
	l->pool_len += len + 1;
	return item;
}

const char *audit_list__name(const struct audit_list *l, const struct audit_item *item)
{
	return l->pool + item->name;
}

static int name_cmp(const char *a, size_t alen, const char *b, size_t blen)
{
	int c = memcmp(a, b, alen < blen ? alen : blen);

	return c ? c : alen < blen ? -1 : alen > blen;
}

static int item_cmp(const void *a, const void *b, void *pool)
{
	const struct audit_item *x = a, *y = b;

	return name_cmp((char *)pool + x->name, x->len, (char *)pool + y->name, y->len);
}

void audit_list__sort(struct audit_list *l)
{
	if (l->n)
		qsort_r(l->v, l->n, sizeof(*l->v), item_cmp, l->pool);
}

const struct audit_item *audit_list__find(const struct audit_list *l, const char *name, size_t len)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = name_cmp(l->pool + l->v[mid].name, l->v[mid].len, name, len);

		if (!c)
			return &l->v[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool audit_list__same_names(const struct audit_list *a, const struct audit_list *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->v[i].len != b->v[i].len ||
		    memcmp(a->pool + a->v[i].name, b->pool + b->v[i].name, a->v[i].len))
			return false;
	return true;
}

void audit_list__deinit(struct audit_list *l)
{
	list_bytes -= l->cap * sizeof(*l->v) + l->pool_cap;
	free(l->v);
	free(l->pool);
	memset(l, 0, sizeof(*l));
}

static bool is_dots(const char *name, size_t len)
{
	return name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'));
}

int audit__parse_entries(struct audit_list *l, const uint8_t *buf, size_t len)
{
	size_t at = 0;

	while (at < len) {
		struct ovla_entry e;
		struct audit_item *item;
		const char *name;

		if (len - at < sizeof(e))
			return -EBADMSG;
		memcpy(&e, buf + at, sizeof(e));
		at += sizeof(e);
		name = (const char *)buf + at;
		/* the entry's length and its name must agree */
		if (!e.name_len || e.name_len >= OVLA_NAME || e.len != e.name_len ||
		    len - at <= e.name_len || strnlen(name, e.name_len + 1) != e.name_len ||
		    memchr(name, '/', e.name_len))
			return -EBADMSG;
		at += e.name_len + 1;
		/* the numbers of "." and ".." follow other rules */
		if (is_dots(name, e.name_len))
			continue;
		item = audit_list__add(l, name, e.name_len);
		if (!item)
			return -ENOMEM;
		item->ino = e.ino;
		item->real_ino = e.real_ino;
		item->type = e.type;
		item->flags = (e.upper ? AUDIT_UPPER : 0) | (e.whiteout ? AUDIT_WHITEOUT : 0) |
			      (e.xwhiteout ? AUDIT_XWHITEOUT : 0);
	}
	return 0;
}

/*
 * names: from the directory up to the root, each ended by NUL. The last root_len bytes
 * must be `root`. Returns "a/b/c", or NULL if the directory is not beneath root.
 */
static char *path_make(const char *names, size_t len, const char *root, size_t root_len)
{
	size_t end, to = 0;
	char *path;

	if (len < root_len || memcmp(names + len - root_len, root, root_len))
		return NULL;
	end = len - root_len;
	/* the cut must be between two names: "xa" does not end in the name "a" */
	if (end && names[end - 1])
		return NULL;
	path = malloc(end + 1);
	if (!path)
		return NULL;
	while (end) {
		size_t begin = end - 1;

		while (begin && names[begin - 1])
			begin--;
		if (to)
			path[to++] = '/';
		memcpy(path + to, names + begin, end - 1 - begin);
		to += end - 1 - begin;
		end = begin;
	}
	path[to] = 0;
	return path;
}

int audit__parse_walk(struct audit_founds *f, const uint8_t *buf, size_t len, size_t root_len)
{
	size_t at = root_len;

	if (root_len > len)
		return -EBADMSG;
	while (at < len) {
		struct audit_found *found;
		struct ovla_dir dir;

		if (len - at < sizeof(dir))
			return -EBADMSG;
		memcpy(&dir, buf + at, sizeof(dir));
		at += sizeof(dir);
		if (len - at < dir.path_len || (dir.path_len && buf[at + dir.path_len - 1]))
			return -EBADMSG;
		if (!grow((void **)&f->v, &f->cap, f->n, sizeof(*f->v)))
			return -ENOMEM;
		found = &f->v[f->n++];
		found->dir = dir;
		found->path = dir.no_name ? NULL :
					    path_make((const char *)buf + at, dir.path_len,
						      (const char *)buf, root_len);
		at += dir.path_len;
	}
	return 0;
}

void audit_founds__deinit(struct audit_founds *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		free(f->v[i].path);
	free(f->v);
	memset(f, 0, sizeof(*f));
}
