// SPDX-License-Identifier: GPL-2.0-only
/* What depends on the type of a record, expanded from records.def. */
#include "record/records.h"

#include <stddef.h>
#include <string.h>

#include "record/internal.h"
#include "record/write.h"

struct type {
	const char *name;
	size_t size; /* of struct ovl_record, up to the end of its member */
	size_t dir, task, stack; /* offsets in struct ovl_record; 0: it has none */
	enum record_proves proves;
};

#define AT(member) offsetof(struct ovl_record, member)
#define NOTHING(member) 0, 0, 0
#define DIR(member) AT(member.dir), 0, 0
#define DIR_TASK(member) AT(member.dir), AT(member.task), 0
#define STACK(member) AT(member.dir), AT(member.task), AT(member.stack)

static const struct type types[RECORD_TYPES] = {
#define RECORD(id, name, member, subject, proves)                                            \
	{ #name,                                                                             \
	  offsetof(struct ovl_record, member) + sizeof(((struct ovl_record *)NULL)->member), \
	  subject(member), proves },
#include "record/records.def"
};

const char *record_type__name(enum record_type type)
{
	return types[type].name;
}

enum record_proves record_type__proves(enum record_type type)
{
	return types[type].proves;
}

void record__copy(struct ovl_record *to, const struct ovl_record *from)
{
	memcpy(to, from, types[from->type].size);
}

const struct rec_dir *record__dir(const struct ovl_record *rec)
{
	size_t at = types[rec->type].dir;

	return at ? (const struct rec_dir *)((const char *)rec + at) : NULL;
}

const struct rec_task *record__task(const struct ovl_record *rec)
{
	size_t at = types[rec->type].task;

	return at ? (const struct rec_task *)((const char *)rec + at) : NULL;
}

const struct rec_stack *record__stack(const struct ovl_record *rec)
{
	size_t at = types[rec->type].stack;

	return at ? (const struct rec_stack *)((const char *)rec + at) : NULL;
}

void record__dispatch(const record_fn handlers[RECORD_TYPES], void *ctx,
		      const struct ovl_record *rec)
{
	if (handlers[rec->type])
		handlers[rec->type](ctx, rec);
}

void json__record(struct json *j, const struct ovl_record *rec)
{
	json__word(j, "type", record_type__name(rec->type));
	json__u64(j, "seq", rec->seq);
	json__u64(j, "ts_ns", rec->ts_ns);
	switch (rec->type) {
#define RECORD(id, name, member, subject, proves) \
	case RECORD_##id:                         \
		json__##member(j, &rec->member);  \
		break;
#include "record/records.def"
	case RECORD_TYPES:
		break;
	}
}

bool form__record(struct raw *raw, struct ovl_record *rec)
{
	switch (rec->type) {
#define RECORD(id, name, member, subject, proves) \
	case RECORD_##id:                         \
		return form__##member(raw, &rec->member);
#include "record/records.def"
	case RECORD_TYPES:
		break;
	}
	return false;
}
