/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names by number. There is room for a fixed number of them; the one whose last use is
 * longest ago is forgotten first.
 */
#ifndef OVLTRACE_NAMES_H
#define OVLTRACE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "util/hash.h"

enum {
	NAMES_LEAST = 64, /* room, so that a record's names outlive the making of the record */
};

struct name {
	UT_hash_handle hh;
	TAILQ_ENTRY(name) use;
	uint64_t id;
	char *text; /* NULL: unknown */
	uint64_t mount_ns; /* of a mount: the namespace that text is valid in; 0: ours */
	bool pending; /* being looked up: text may be outdated */
};

struct names {
	struct name *table;
	TAILQ_HEAD(, name) uses; /* the last use comes last */
	size_t n, max;
};

/* max: at least NAMES_LEAST */
void names__init(struct names *names, size_t max);
void names__deinit(struct names *names);
/* NULL: there is none. */
struct name *names__find(struct names *names, uint64_t id);
/* Adds an unknown name. NULL: no memory. */
struct name *names__add(struct names *names, uint64_t id);

#endif
