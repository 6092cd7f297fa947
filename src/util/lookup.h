/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mount points, looked up by a thread. Any user can have thousands of mounts in a user
 * namespace, or hold the kernel's lock of all mounts: neither may keep the rings from being
 * read.
 */
#ifndef OVLTRACE_LOOKUP_H
#define OVLTRACE_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

struct lookup;

enum {
	LOOKUP_BYTES = 1 << 20, /* of another namespace's mountinfo: some 8,000 mounts */
	LOOKUP_QUEUE = 64, /* overlays that wait; the oldest is dropped */
	LOOKUP_WAIT_NS = 20000000, /* the longest wait for one result */
	LOOKUP_CREDIT_NS = 50000000, /* the longest waits in a row */
	LOOKUP_CREDIT_SHARE = 20, /* of the time, one part may be spent waiting */
};

/* A mount point that was found. */
struct lookup_found {
	char *path; /* the caller frees it; NULL: it is not visible */
	uint64_t mount_ns; /* inode number of the namespace that path is valid in; 0: ours */
};

/* NULL: no memory. */
struct lookup *lookup__new(void);
void lookup__free(struct lookup *l);
/*
 * Looks up the mount point of dev, in our mount namespace or else in that of pid. It waits
 * for a short time, and only if there was little to wait for lately. False: the result
 * comes later, see lookup__result(), or never.
 */
bool lookup__mount(struct lookup *l, uint32_t dev, uint32_t pid, struct lookup_found *found);
/* Takes the result of an earlier lookup__mount(), if there is one now. */
bool lookup__result(struct lookup *l, uint32_t dev, struct lookup_found *found);

#endif
