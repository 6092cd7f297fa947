// SPDX-License-Identifier: GPL-2.0-only
/* What the steps do. A step that fails, or that has no effect, is not possible. */
#include "explore/internal.h"

#include <string.h>

#define BIT(n) ((uint8_t)(1u << (n)))

uint8_t model__names(const struct model *m)
{
	uint8_t names = 0;
	int i;

	for (i = 0; i < EXPLORE_NAMES; i++)
		names |= m->d[i].present ? BIT(i) : 0;
	return names;
}

static bool is_merged(const struct model *m)
{
	enum explore_dir dir = m->config->dir;

	return dir == DIR_LOWER || dir == DIR_MERGED || dir == DIR_NESTED;
}

static bool redirects(const struct model *m)
{
	return explore_mounts[m->config->mount].flags & MOUNT_REDIRECTS;
}

void model__init(struct model *m, const struct explore_config *config)
{
	const struct explore_dir_def *dir = &explore_dirs[config->dir];
	int i;

	memset(m, 0, sizeof(*m));
	m->config = config;
	m->exists = true;
	m->upper = dir->upper;
	m->fixed = is_merged(m);
	m->listed = m->fixed || config->dir == DIR_FORMER;
	for (i = 0; i < EXPLORE_NAMES; i++) {
		struct model_entry *e = dir->names & BIT(i) ? &m->d[i] :
					i <= NAME_B	    ? &m->s[i] :
							      NULL;

		if (!e)
			continue;
		e->present = true;
		e->object = m->objects++;
		e->dir = e->fixed = i == NAME_D;
		/* of an impure directory, y was copied up when it was moved in */
		e->origin = i != NAME_X;
		e->lower = i <= NAME_B || (is_merged(m) && e->origin);
	}
}

/* A name came, went, or stands for another file now. */
static void changed(struct model *m, uint8_t name)
{
	int i;

	for (i = 0; i < EXPLORE_STREAMS; i++) {
		struct model_stream *st = &m->stream[i];

		if (!st->open || st->dead)
			continue;
		st->stable &= ~BIT(name);
		if (m->d[name].present)
			st->seen |= BIT(name);
	}
}

static bool do_list(struct model *m, struct explore_step s)
{
	(void)s;
	return m->exists;
}

/* ---- names -------------------------------------------------------------------- */

static void copy_up_dir(struct model *m)
{
	m->upper = true;
}

static bool make(struct model *m, uint8_t name, bool dir)
{
	struct model_entry *e = &m->d[name];

	if (!m->exists || e->present || dir != (name == NAME_D))
		return false;
	*e = (struct model_entry){ .present = true, .dir = dir, .object = m->objects++ };
	copy_up_dir(m);
	changed(m, name);
	return true;
}

static bool do_create(struct model *m, struct explore_step s)
{
	return make(m, s.a, false);
}

static bool do_mkdir(struct model *m, struct explore_step s)
{
	return make(m, s.a, true);
}

static bool take_away(struct model *m, uint8_t name, bool dir)
{
	struct model_entry *e = &m->d[name];

	if (!e->present || e->dir != dir)
		return false;
	e->present = false;
	copy_up_dir(m);
	changed(m, name);
	return true;
}

static bool do_unlink(struct model *m, struct explore_step s)
{
	return take_away(m, s.a, false);
}

static bool do_rmdir(struct model *m, struct explore_step s)
{
	return take_away(m, s.a, true);
}

/* from has a file or directory that can take the place of to. */
static bool can_replace(const struct model *m, const struct model_entry *from,
			const struct model_entry *to)
{
	if (!from->present || (from->fixed && !redirects(m)))
		return false;
	/* two names of one file: rename(2) does nothing */
	return !to->present || (from->dir == to->dir && from->object != to->object);
}

static void replace(struct model_entry *from, struct model_entry *to)
{
	*to = *from;
	to->lower = false;
	from->present = false;
}

static bool do_rename_in(struct model *m, struct explore_step s)
{
	if (!m->exists || !can_replace(m, &m->s[s.a], &m->d[s.a]))
		return false;
	replace(&m->s[s.a], &m->d[s.a]);
	copy_up_dir(m);
	changed(m, s.a);
	return true;
}

static bool do_rename_out(struct model *m, struct explore_step s)
{
	if (!can_replace(m, &m->d[s.a], &m->s[s.a]))
		return false;
	replace(&m->d[s.a], &m->s[s.a]);
	copy_up_dir(m);
	changed(m, s.a);
	return true;
}

static bool do_rename(struct model *m, struct explore_step s)
{
	if (s.a == s.b || !can_replace(m, &m->d[s.a], &m->d[s.b]))
		return false;
	replace(&m->d[s.a], &m->d[s.b]);
	copy_up_dir(m);
	changed(m, s.a);
	changed(m, s.b);
	return true;
}

static bool do_exchange(struct model *m, struct explore_step s)
{
	struct model_entry *a = &m->d[s.a], *b = &m->d[s.b], kept = *a;

	/* one order of the two names is enough */
	if (s.a >= s.b || !a->present || !b->present || a->object == b->object ||
	    ((a->fixed || b->fixed) && !redirects(m)))
		return false;
	*a = *b;
	*b = kept;
	a->lower = b->lower = false;
	copy_up_dir(m);
	changed(m, s.a);
	changed(m, s.b);
	return true;
}

static bool link_to(struct model *m, struct model_entry *from, uint8_t name)
{
	if (!m->exists || !from->present || from->dir || m->d[name].present || name == NAME_D)
		return false;
	from->lower = false;
	m->d[name] = *from;
	m->d[name].linked = true;
	copy_up_dir(m);
	changed(m, name);
	return true;
}

static bool do_link_in(struct model *m, struct explore_step s)
{
	return link_to(m, &m->s[s.a], s.a);
}

static bool do_link(struct model *m, struct explore_step s)
{
	return link_to(m, &m->d[s.a], s.b);
}

static bool do_chown(struct model *m, struct explore_step s)
{
	struct model_entry *e = &m->d[s.a];

	if (!e->present || !e->lower)
		return false;
	e->lower = false;
	copy_up_dir(m);
	return true;
}

static bool do_write(struct model *m, struct explore_step s)
{
	return !m->d[s.a].dir && do_chown(m, s);
}

/* ---- the directory ------------------------------------------------------------- */

static bool do_chown_dir(struct model *m, struct explore_step s)
{
	(void)s;
	if (!m->exists || m->upper)
		return false;
	copy_up_dir(m);
	return true;
}

static bool do_remove(struct model *m, struct explore_step s)
{
	int i;

	(void)s;
	if (!m->exists || model__names(m))
		return false;
	m->exists = m->upper = false;
	for (i = 0; i < EXPLORE_STREAMS; i++)
		if (m->stream[i].open)
			m->stream[i].dead = true;
	return true;
}

static bool do_remake(struct model *m, struct explore_step s)
{
	(void)s;
	if (m->exists)
		return false;
	m->exists = m->upper = true;
	m->fixed = m->listed = false;
	return true;
}

static bool do_move(struct model *m, struct explore_step s)
{
	(void)s;
	if (!m->exists || (m->fixed && !redirects(m)))
		return false;
	m->moved = !m->moved;
	copy_up_dir(m);
	return true;
}

static bool do_drop(struct model *m, struct explore_step s)
{
	(void)s;
	return m->step && m->last.op != OP_DROP && m->last.op != OP_REMOUNT;
}

static bool do_remount(struct model *m, struct explore_step s)
{
	return do_drop(m, s) && !m->stream[0].open && !m->stream[1].open;
}

static bool (*const applies[EXPLORE_OPS])(struct model *m, struct explore_step s) = {
	[OP_LIST] = do_list,
	[OP_OPEN] = streams__apply,
	[OP_READ] = streams__apply,
	[OP_READ_ALL] = streams__apply,
	[OP_READ_NONE] = streams__apply,
	[OP_REWIND] = streams__apply,
	[OP_BACK] = streams__apply,
	[OP_CLOSE] = streams__apply,
	[OP_CREATE] = do_create,
	[OP_MKDIR] = do_mkdir,
	[OP_UNLINK] = do_unlink,
	[OP_RMDIR] = do_rmdir,
	[OP_RENAME_IN] = do_rename_in,
	[OP_RENAME] = do_rename,
	[OP_EXCHANGE] = do_exchange,
	[OP_RENAME_OUT] = do_rename_out,
	[OP_LINK_IN] = do_link_in,
	[OP_LINK] = do_link,
	[OP_CHOWN] = do_chown,
	[OP_WRITE] = do_write,
	[OP_REMOVE] = do_remove,
	[OP_CHOWN_DIR] = do_chown_dir,
	[OP_REMAKE] = do_remake,
	[OP_MOVE] = do_move,
	[OP_DROP] = do_drop,
	[OP_REMOUNT] = do_remount,
};

bool model__apply(struct model *m, struct explore_step s)
{
	/* each of them checks before it changes anything */
	if (!applies[s.op](m, s))
		return false;
	m->used |= history__mentions(s);
	m->streamed |= s.op == OP_OPEN && !s.a;
	m->last = s;
	m->step++;
	return true;
}

int model__run(struct model *m, const struct explore_config *config,
	       const struct explore_history *h)
{
	int i;

	model__init(m, config);
	for (i = 0; i < h->n && model__apply(m, h->step[i]); i++)
		;
	return i;
}
