/* SPDX-License-Identifier: GPL-2.0-only */
/* The mount points of overlays, as /proc/PID/mountinfo lists them. */
#ifndef OVLTRACE_MOUNTINFO_H
#define OVLTRACE_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mountinfo {
	uint32_t dev; /* in the kernel's encoding */
	char *path;
};

struct mountinfo_list {
	struct mountinfo *v;
	size_t n;
};

enum {
	MOUNTINFO_MAX = 4096, /* overlays in a list */
};

struct mountinfo_query {
	const char *file;
	size_t bytes; /* are read at most */
	uint32_t dev; /* only the first mount of this overlay; 0: all mounts */
};

/*
 * Reads the mounts of overlays that show them from their root, in the order of the file. An
 * unreadable file has none. False: some may be missing, for the bytes or for MOUNTINFO_MAX.
 */
bool mountinfo__read(struct mountinfo_list *list, const struct mountinfo_query *query);
/* NULL: there is none. */
const char *mountinfo__find(const struct mountinfo_list *list, uint32_t dev);
void mountinfo__free(struct mountinfo_list *list);

/* Replaces octal escapes such as "\040" in place; the kernel's mangle_path() writes them. */
void mountinfo__unescape(char *s);

#endif
