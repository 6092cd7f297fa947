// SPDX-License-Identifier: GPL-2.0-only
#include "explore/cache.h"

#include <string.h>

const struct cache_form cache_forms[CACHE_FORMS] = {
#define FORM(name, features, windows, text) { #name, text, features, windows },
#include "explore/forms.def"
};

void cache__init(struct cache_state *s, const struct cache_form *form,
		 const struct explore_config *config)
{
	memset(s, 0, sizeof(*s));
	s->form = form;
	model__init(&s->dir, config);
	s->impure = true;
}

/* Entries whose number for users is not the upper file's own. */
static struct cache_content read_dir(const struct model *dir)
{
	struct cache_content c = { 0 };
	int i;

	for (i = 0; i < EXPLORE_NAMES; i++)
		if (dir->d[i].present && dir->d[i].origin)
			c.object[i] = dir->d[i].object + 1;
	return c;
}

static bool is_empty(const struct cache_content *c)
{
	static const struct cache_content none;

	return !memcmp(c, &none, sizeof(none));
}

/* ---- modifications -------------------------------------------------------------- */

static bool has_origin(const struct model_entry *e)
{
	return e->present && e->origin;
}

unsigned int cache__bumps(const struct model *dir, struct explore_step step)
{
	const struct model_entry *d = dir->d, *s = dir->s;

	switch (step.op) {
	case OP_UNLINK:
	case OP_RENAME_OUT:
		return has_origin(&d[step.a]);
	case OP_RENAME_IN:
		return has_origin(&s[step.a]) || has_origin(&d[step.a]);
	case OP_RENAME:
		/* D is both the old parent and the new one */
		return 2 * has_origin(&d[step.a]) ?: has_origin(&d[step.b]);
	default:
		/* what is created, or linked, raises no version in a directory that is not merged */
		return 0;
	}
}

void cache__modify(struct cache_state *s, struct explore_step step)
{
	unsigned int i, bumps = cache__bumps(&s->dir, step);

	if (step.op == OP_DROP)
		s->slot.exists = false;
	/* the flag is set only by what comes from another directory */
	if (step.op == OP_RENAME_IN && has_origin(&s->dir.s[step.a]))
		s->impure = true;
	model__apply(&s->dir, step);
	s->version += bumps;
	for (i = 0; i < CACHE_READERS; i++)
		if (s->reader[i].at == READER_IN_WINDOW)
			s->mods += bumps;
}

/* ---- readers ---------------------------------------------------------------------- */

static void read_under_lock(struct cache_state *s, struct cache_reader *r)
{
	r->version = s->version;
	r->content = read_dir(&s->dir);
}

static void clear_flag(struct cache_state *s, const struct cache_reader *r)
{
	bool outdated = s->version != r->version;

	if (outdated && s->form->features & KEEPS_FLAG)
		return;
	s->impure = false;
	s->defects.stale_impure_clears += outdated;
}

static void store(struct cache_state *s, const struct cache_reader *r)
{
	uint32_t stamp = s->form->features & STAMPS_READ ? r->version : s->version;

	if (s->slot.exists && !(s->form->features & FREES))
		s->defects.unfreed_caches++;
	s->slot = (struct cache_copy){ true, stamp, r->content };
	s->stores++;
	s->defects.stale_stores += stamp != r->version;
}

static void complete(struct cache_state *s, struct cache_reader *r)
{
	if (is_empty(&r->content))
		clear_flag(s, r);
	else
		store(s, r);
	r->at = READER_DONE;
}

static bool drop_lock(struct cache_state *s, struct cache_reader *r)
{
	if (r->windows == s->form->windows)
		return false;
	r->windows++;
	s->windows++;
	r->at = READER_IN_WINDOW;
	return true;
}

bool cache__start(struct cache_state *s, unsigned int reader)
{
	struct cache_reader *r = &s->reader[reader];

	r->windows = 0;
	if (!s->impure || (s->slot.exists && s->slot.version == s->version)) {
		r->at = READER_DONE;
		return false;
	}
	/* the outdated one is freed before the read, under the lock, by every form */
	s->slot.exists = false;
	read_under_lock(s, r);
	if (drop_lock(s, r))
		return true;
	complete(s, r);
	return false;
}

bool cache__release(struct cache_state *s, unsigned int reader)
{
	struct cache_reader *r = &s->reader[reader];

	if (s->form->windows > 1 && s->version != r->version) {
		read_under_lock(s, r);
		if (drop_lock(s, r))
			return true;
	}
	complete(s, r);
	return false;
}

/* ---- what a user sees --------------------------------------------------------------- */

/* The object whose number is listed; 0: the upper file's own. */
static uint8_t listed_as(const struct cache_state *s, const struct cache_content *now, int name)
{
	if (!s->impure)
		return 0;
	if (s->slot.exists && s->slot.version == s->version)
		return s->slot.content.object[name];
	return now->object[name];
}

void cache__list(struct cache_state *s)
{
	struct cache_content now = read_dir(&s->dir);
	int i;

	for (i = 0; i < EXPLORE_NAMES; i++)
		if (s->dir.d[i].present && listed_as(s, &now, i) != now.object[i])
			s->defects.wrong_listing = true;
}
