// SPDX-License-Identifier: GPL-2.0-only
/* The fields of each type of record. */
#include "samples.h"

#include <string.h>

#define AT(s, f) offsetof(struct s, f)
#define SIZE(s, f) sizeof(((struct s *)0)->f)
#define VALUE(s, f)                                                                 \
	{                                                                           \
		.name = #f, .kind = FIELD_VALUE, .at = AT(s, f), .size = SIZE(s, f) \
	}
#define STRING(s, f)                                                                 \
	{                                                                            \
		.name = #f, .kind = FIELD_STRING, .at = AT(s, f), .size = SIZE(s, f) \
	}
#define TEXT(s, f)                                                                 \
	{                                                                          \
		.name = #f, .kind = FIELD_TEXT, .at = AT(s, f), .size = SIZE(s, f) \
	}
#define ABSENT(s, f)                                                                 \
	{                                                                            \
		.name = #f, .kind = FIELD_ABSENT, .at = AT(s, f), .size = SIZE(s, f) \
	}
#define LIST(s, f, n, table)                                                                   \
	{                                                                                      \
		.name = #f, .kind = FIELD_LIST, .at = AT(s, f), .size = SIZE(s, f),            \
		.fields = table, .element = sizeof(*((struct s *)0)->f), .count_at = AT(s, n), \
	}
#define DIR(s)                                                                                  \
	VALUE(s, dir.ino), VALUE(s, dir.dev), STRING(s, dir.path), VALUE(s, dir.path_in_mount), \
		VALUE(s, dir.mount_ns)
#define STACK(s)                                                                                   \
	LIST(s, stack.frame, stack.n, frame_fields), VALUE(s, stack.n), VALUE(s, stack.truncated), \
		ABSENT(s, stack.raw)
#define TASK(s)                                                                             \
	VALUE(s, task.pid), VALUE(s, task.tid), VALUE(s, task.comm), VALUE(s, task.cgroup), \
		STRING(s, task.cgroup_path), ABSENT(s, task.unwanted), ABSENT(s, task.of_command)

static const struct record_field frame_fields[] = {
	{ .name = "frame", .kind = FIELD_STRING, .size = sizeof(char *) },
	{},
};

static const struct record_field coverage_fields[] = {
	VALUE(coverage, provider),	VALUE(coverage, inferred),
	VALUE(coverage, costly),	VALUE(coverage, partly),
	TEXT(coverage, target),		TEXT(coverage, evidence),
	TEXT(coverage, refused),	VALUE(coverage, proof),
	TEXT(coverage, proof_evidence), {},
};

static const struct record_field session_fields[] = {
	STRING(rec_session, schema),
	STRING(rec_session, version),
	STRING(rec_session, kernel),
	STRING(rec_session, arch),
	STRING(rec_session, host),
	VALUE(rec_session, start_realtime_ns),
	VALUE(rec_session, lock_drop),
	VALUE(rec_session, complete),
	VALUE(rec_session, merged),
	{ .name = "cover",
	  .kind = FIELD_LIST,
	  .at = AT(rec_session, cover),
	  .size = SIZE(rec_session, cover),
	  .element = sizeof(struct coverage),
	  .count_at = SIZE_MAX,
	  .count = EVENTS,
	  .fields = coverage_fields },
	VALUE(rec_session, covered),
	VALUE(rec_session, proof.result),
	STRING(rec_session, proof.why),
	VALUE(rec_session, proof.duration_ns),
	VALUE(rec_session, has_hold),
	VALUE(rec_session, hold_us),
	STRING(rec_session, hold_why),
	VALUE(rec_session, part),
	STRING(rec_session, command_line),
	VALUE(rec_session, require_rebuilds),
	VALUE(rec_session, follow),
	STRING(rec_session, follow_why),
	VALUE(rec_session, addresses_hashed),
	VALUE(rec_session, stacks),
	{},
};

static const struct record_field window_fields[] = {
	VALUE(rec_window, drop_ns),	   VALUE(rec_window, retake_ns),
	VALUE(rec_window, wait_ns),	   VALUE(rec_window, version_drop),
	VALUE(rec_window, version_retake), {},
};

static const struct record_field rebuild_fields[] = {
	DIR(rec_rebuild),
	TASK(rec_rebuild),
	VALUE(rec_rebuild, begin_ns),
	VALUE(rec_rebuild, end_ns),
	VALUE(rec_rebuild, version_read),
	VALUE(rec_rebuild, version_at_store),
	VALUE(rec_rebuild, version_stamped),
	VALUE(rec_rebuild, cache),
	VALUE(rec_rebuild, overwritten),
	VALUE(rec_rebuild, mods_in_window),
	VALUE(rec_rebuild, entries),
	VALUE(rec_rebuild, reads),
	LIST(rec_rebuild, windows, nwindows, window_fields),
	VALUE(rec_rebuild, nwindows),
	VALUE(rec_rebuild, outcome),
	VALUE(rec_rebuild, err),
	VALUE(rec_rebuild, err_inferred),
	VALUE(rec_rebuild, impure_cleared),
	STACK(rec_rebuild),
	{},
};

static const struct record_field modify_fields[] = {
	DIR(rec_modify),
	TASK(rec_modify),
	VALUE(rec_modify, version_before),
	VALUE(rec_modify, version_after),
	VALUE(rec_modify, op),
	VALUE(rec_modify, moved),
	STRING(rec_modify, name),
	STRING(rec_modify, name2),
	STACK(rec_modify),
	{},
};

static const struct record_field incident_fields[] = {
	DIR(rec_incident),
	TASK(rec_incident),
	VALUE(rec_incident, what),
	VALUE(rec_incident, cache),
	VALUE(rec_incident, refcount),
	VALUE(rec_incident, value),
	VALUE(rec_incident, op),
	STRING(rec_incident, name),
	STACK(rec_incident),
	{},
};

static const struct record_field finding_fields[] = {
	VALUE(rec_finding, kind),
	DIR(rec_finding),
	TASK(rec_finding),
	VALUE(rec_finding, exact),
	{ .name = "evidence",
	  .kind = FIELD_ARRAY,
	  .at = AT(rec_finding, evidence),
	  .size = SIZE(rec_finding, evidence),
	  .element = sizeof(uint64_t),
	  .count_at = AT(rec_finding, nevidence) },
	VALUE(rec_finding, nevidence),
	STRING(rec_finding, text),
	VALUE(rec_finding, at_ns),
	STRING(rec_finding, test),
	VALUE(rec_finding, told_apart),
	VALUE(rec_finding, of_command),
	{},
};

static const struct record_field stale_end_fields[] = {
	DIR(rec_stale_end),
	VALUE(rec_stale_end, finding),
	VALUE(rec_stale_end, stored_ns),
	VALUE(rec_stale_end, how),
	{},
};

static const struct record_field merged_fields[] = {
	DIR(rec_merged),
	TASK(rec_merged),
	VALUE(rec_merged, cache),
	VALUE(rec_merged, stored_ns),
	VALUE(rec_merged, freed_ns),
	VALUE(rec_merged, version_known),
	VALUE(rec_merged, version_read),
	VALUE(rec_merged, version_stamped),
	VALUE(rec_merged, entries),
	VALUE(rec_merged, gets),
	VALUE(rec_merged, puts),
	VALUE(rec_merged, outdated),
	VALUE(rec_merged, miscounted),
	VALUE(rec_merged, refcount),
	VALUE(rec_merged, streams),
	VALUE(rec_merged, freed_under),
	VALUE(rec_merged, got_after_free),
	VALUE(rec_merged, cut),
	VALUE(rec_merged, how),
	STACK(rec_merged),
	{},
};

static const struct record_field actor_fields[] = {
	TASK(rec_actor),      VALUE(rec_actor, op),	   VALUE(rec_actor, count),
	VALUE(rec_actor, ns), VALUE(rec_actor, processes), {},
};

static const struct record_field directory_fields[] = {
	DIR(rec_directory),
	VALUE(rec_directory, merged),
	VALUE(rec_directory, listings),
	VALUE(rec_directory, readdirs),
	VALUE(rec_directory, hits),
	VALUE(rec_directory, rebuilds),
	VALUE(rec_directory, cold),
	VALUE(rec_directory, rebuild_ns),
	VALUE(rec_directory, max_rebuild_ns),
	VALUE(rec_directory, has_times),
	VALUE(rec_directory, times),
	VALUE(rec_directory, lock_held_ns),
	VALUE(rec_directory, entries),
	VALUE(rec_directory, bytes),
	VALUE(rec_directory, modifications),
	VALUE(rec_directory, sees_invalidations),
	LIST(rec_directory, invalidators, ninvalidators, actor_fields),
	LIST(rec_directory, rebuilders, nrebuilders, actor_fields),
	VALUE(rec_directory, ninvalidators),
	VALUE(rec_directory, nrebuilders),
	VALUE(rec_directory, invalidators_others),
	VALUE(rec_directory, rebuilders_others),
	{},
};

static const struct record_field test_fields[] = {
	STRING(rec_test, name),
	VALUE(rec_test, source),
	VALUE(rec_test, ended),
	VALUE(rec_test, begin_ns),
	VALUE(rec_test, end_ns),
	VALUE(rec_test, result),
	{},
};

static const struct record_field lost_fields[] = {
	VALUE(rec_lost, count),
	STRING(rec_lost, where),
	{},
};

static const struct record_field summary_fields[] = {
	VALUE(rec_summary, duration_ns),
	VALUE(rec_summary, verdict),
	VALUE(rec_summary, order),
	VALUE(rec_summary, has_command),
	VALUE(rec_summary, command_status),
	VALUE(rec_summary, told_apart),
	VALUE(rec_summary, command_findings),
#define COUNT(member, name, group, needs, records, metric, label, help) \
	VALUE(rec_summary, counts.member),
#define FINDING(id, kind, count, group, needs, check, label) \
	VALUE(rec_summary, counts.finding[FINDING_##id]),
#include "record/counts.def"
	VALUE(rec_summary, counts.has_hits),
	VALUE(rec_summary, counts.has_directories),
	VALUE(rec_summary, counts.has_merged),
	VALUE(rec_summary, counts.inconsistencies),
#define INCONSISTENCY(id, text) VALUE(rec_summary, inconsistencies[INCONSISTENT_##id]),
#include "record/inconsistencies.def"
#undef INCONSISTENCY
	ABSENT(rec_summary, unknown_inconsistencies),
	VALUE(rec_summary, has_hold),
	VALUE(rec_summary, hold_waits),
	VALUE(rec_summary, hold_timed_out),
	VALUE(rec_summary, hold_waited_ns),
	ABSENT(rec_summary, remarks),
	ABSENT(rec_summary, nremarks),
	ABSENT(rec_summary, total),
	{},
};

const struct record_field *record_fields(enum record_type type)
{
	static const struct record_field *const tables[RECORD_TYPES] = {
#define RECORD(id, name, member, subject, proves) member##_fields,
#include "record/records.def"
	};

	return tables[type];
}

size_t record_size(enum record_type type)
{
	static const size_t sizes[RECORD_TYPES] = {
#define RECORD(id, name, member, subject, proves) sizeof(struct rec_##member),
#include "record/records.def"
	};

	return sizes[type];
}

static bool equal(const struct record_field *f, const char *a, const char *b);

static bool elements_equal(const struct record_field *f, const char *a, const char *b, size_t n)
{
	const struct record_field *sub;
	size_t i;

	for (i = 0; i < n; i++, a += f->element, b += f->element) {
		if (!f->fields && memcmp(a, b, f->element))
			return false;
		for (sub = f->fields; sub && sub->name; sub++)
			if (!equal(sub, a, b))
				return false;
	}
	return true;
}

static size_t count(const struct record_field *f, const char *base)
{
	size_t n = f->count;

	if (f->count_at != SIZE_MAX)
		memcpy(&n, base + f->count_at, sizeof(n));
	return n;
}

static bool equal(const struct record_field *f, const char *a, const char *b)
{
	const char *x, *y;

	switch (f->kind) {
	case FIELD_VALUE:
		return !memcmp(a + f->at, b + f->at, f->size);
	case FIELD_TEXT:
		return !strcmp(a + f->at, b + f->at);
	case FIELD_ARRAY:
		return count(f, a) == count(f, b) &&
		       elements_equal(f, a + f->at, b + f->at, count(f, a));
	case FIELD_STRING:
	case FIELD_LIST:
		memcpy(&x, a + f->at, sizeof(x));
		memcpy(&y, b + f->at, sizeof(y));
		if (f->kind == FIELD_LIST)
			return count(f, a) == count(f, b) && elements_equal(f, x, y, count(f, a));
		return !x == !y && (!x || !strcmp(x, y));
	case FIELD_ABSENT:
		break;
	}
	return true;
}

/* The members of the union all begin where it does. */
bool field_equal(const struct record_field *f, const struct ovl_record *a,
		 const struct ovl_record *b)
{
	return equal(f, (const char *)&a->session, (const char *)&b->session);
}
