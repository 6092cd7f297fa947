// SPDX-License-Identifier: GPL-2.0-only
#include "record/counts.h"

const struct count_def count_defs[COUNTS] = {
#define COUNT(member, name, group, needs, records, metric, label, help)            \
	{                                                                          \
		#name, label,	metric, help, offsetof(struct rec_counts, member), \
		group, records, needs,	-1                                         \
	},
#define FINDING(id, kind, counts, group, needs, check, label)                     \
	{ #counts,                                                                \
	  label,                                                                  \
	  NULL,                                                                   \
	  NULL,                                                                   \
	  offsetof(struct rec_counts, finding) + FINDING_##id * sizeof(uint64_t), \
	  group,                                                                  \
	  RECORDS_EXACT,                                                          \
	  needs,                                                                  \
	  FINDING_##id },
#include "record/counts.def"
};

bool counts__has(const struct rec_counts *c, enum count_group group)
{
	switch (group) {
	case COUNTS_HITS:
		return c->has_hits;
	case COUNTS_DIRECTORIES:
		return c->has_directories;
	case COUNTS_MERGED:
		return c->has_merged;
	default:
		return true;
	}
}

void counts__add_group(struct rec_counts *c, enum count_group group)
{
	c->has_hits |= group == COUNTS_HITS;
	c->has_directories |= group == COUNTS_DIRECTORIES;
	c->has_merged |= group == COUNTS_MERGED;
}

const char *finding_kind__name(enum finding_kind kind)
{
	static const char *const names[FINDING_KINDS] = {
#define FINDING(id, kind, counts, group, needs, check, label) #kind,
#include "record/findings.def"
	};

	return names[kind];
}

const char *finding_kind__count_name(enum finding_kind kind)
{
	static const char *const names[FINDING_KINDS] = {
#define FINDING(id, kind, counts, group, needs, check, label) #counts,
#include "record/findings.def"
	};

	return names[kind];
}

uint32_t finding_kind__needs(enum finding_kind kind)
{
	static const uint32_t bits[FINDING_KINDS] = {
#define FINDING(id, kind, counts, group, needs, check, label) needs,
#include "record/findings.def"
	};

	return bits[kind];
}

enum count_group finding_kind__group(enum finding_kind kind)
{
	static const enum count_group groups[FINDING_KINDS] = {
#define FINDING(id, kind, counts, group, needs, check, label) group,
#include "record/findings.def"
	};

	return groups[kind];
}
