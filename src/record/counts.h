/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kinds of findings and the counts of a summary, expanded from findings.def and
 * counts.def. Code that writes, reads or compares counts walks count_defs[].
 */
#ifndef OVLTRACE_RECORD_COUNTS_H
#define OVLTRACE_RECORD_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_kind {
#define FINDING(id, kind, counts, group, needs, check, label) FINDING_##id,
#include "record/findings.def"
	FINDING_KINDS,
};

/* In which summaries a count is. */
enum count_group {
	COUNTS_ALWAYS, /* in every summary, since the first version */
	COUNTS_ADDED, /* in every summary, but absent from recordings of older versions */
	COUNTS_HITS, /* with run --hits */
	COUNTS_DIRECTORIES, /* likewise; older versions wrote no directory records */
	COUNTS_MERGED, /* with run --merged */
	COUNT_GROUPS,
};

/* What a trace can see; bits. */
enum sees {
	SEES_WINDOWS = 1 << 0,
	SEES_STORES = 1 << 1,
	SEES_FREES = 1 << 2,
	SEES_CLEARS = 1 << 3,
	SEES_MIXES = 1 << 4,
	SEES_RETURNS = 1 << 5,
	SEES_HAZARDS = 1 << 6,
	SEES_LISTINGS = 1 << 7,
	SEES_MERGED_STORES = 1 << 8,
	SEES_MERGED_GETS = 1 << 9,
	SEES_MERGED_PUTS = 1 << 10,
	SEES_MERGED_FREES = 1 << 11,
	SEES_ENTRIES = 1 << 12,
	SEES_INVARIANTS = SEES_MIXES | SEES_RETURNS | SEES_HAZARDS | SEES_ENTRIES,
	SEES_MERGED_LIVES = SEES_MERGED_STORES | SEES_MERGED_GETS | SEES_MERGED_PUTS |
			    SEES_MERGED_FREES,
};

/* How a replay verifies a count against the records. */
enum count_records {
	RECORDS_EXACT, /* there is a record for each */
	RECORDS_AT_MOST, /* partly seen rebuilds are counted, but have no record */
	RECORDS_NONE, /* the records do not show it; the summary is trusted */
};

/* A count that cannot be seen on this kernel. */
#define COUNT_UNSEEN UINT64_MAX

struct rec_counts {
#define COUNT(member, name, group, needs, records, metric, label, help) uint64_t member;
#define FINDING(id, kind, counts, group, needs, check, label)
#include "record/counts.def"
	uint64_t finding[FINDING_KINDS];
	/* which groups are in it */
	bool has_hits, has_directories, has_merged;
	uint64_t inconsistencies; /* failed cross-checks; not part of `counts` in JSON */
};

struct count_def {
	const char *name;
	const char *label; /* NULL: not shown in human-readable output */
	const char *metric, *help; /* NULL: the count of a finding */
	size_t offset; /* in struct rec_counts */
	enum count_group group;
	enum count_records records;
	uint32_t needs; /* enum sees */
	int kind; /* enum finding_kind; -1: it counts no finding */
};

enum {
#define COUNT(member, name, group, needs, records, metric, label, help) COUNT_##member,
#define FINDING(id, kind, counts, group, needs, check, label) COUNT_##id,
#include "record/counts.def"
	COUNTS,
};

extern const struct count_def count_defs[COUNTS];

static inline uint64_t *count__of(struct rec_counts *c, const struct count_def *def)
{
	return (uint64_t *)((char *)c + def->offset);
}

static inline uint64_t count__get(const struct rec_counts *c, const struct count_def *def)
{
	return *(const uint64_t *)((const char *)c + def->offset);
}

/* Is the group in these counts? */
bool counts__has(const struct rec_counts *c, enum count_group group);
void counts__add_group(struct rec_counts *c, enum count_group group);

const char *finding_kind__name(enum finding_kind kind);
const char *finding_kind__count_name(enum finding_kind kind);
/* What must be seen before a count of 0 is reported as 0, not null; enum sees. */
uint32_t finding_kind__needs(enum finding_kind kind);
enum count_group finding_kind__group(enum finding_kind kind);

/* Do these counts include that kind? */
static inline bool finding_kind__reported(const struct rec_counts *c, enum finding_kind kind)
{
	return counts__has(c, finding_kind__group(kind));
}

#endif
