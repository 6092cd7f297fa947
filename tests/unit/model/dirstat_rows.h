/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of the kernel's tables of directories and of tasks. */
#ifndef OVLTRACE_TEST_DIRSTAT_ROWS_H
#define OVLTRACE_TEST_DIRSTAT_ROWS_H

#include <string.h>

#include "model/dirstat.h"

static inline struct ovls_key key(uint64_t inode, uint64_t ino, enum ovls_kind kind)
{
	struct ovls_key k = { .inode = inode, .ino = ino, .dev = 32, .kind = kind };

	return k;
}

static inline struct ovls_dir counts(uint64_t readdirs, uint64_t rebuilds, uint64_t ns)
{
	struct ovls_dir d = { .listings = readdirs / 2,
			      .readdirs = readdirs,
			      .hits = readdirs - rebuilds,
			      .rebuilds = rebuilds,
			      .rebuild_ns = ns,
			      .max_ns = ns,
			      .mods = rebuilds };

	return d;
}

/* A row of the actors' table. */
struct actor_row {
	const char *comm;
	uint32_t pid, what;
	uint64_t count, ns;
};

static inline void actor(struct dirstat *ds, struct ovls_key k, struct actor_row row)
{
	struct ovls_actor a = { .dir = k, .pid = row.pid, .what = row.what, .cgroup = 1 };
	struct ovls_actor_count n = { row.count, row.ns };

	strncpy(a.comm, row.comm, sizeof(a.comm));
	dirstat__actor(ds, &a, &n);
}

#endif
