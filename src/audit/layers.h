/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The layers of an overlay, where they can be opened from here: they show what a name is below
 * the overlay. Nothing depends on them, as a container's mount may have layers out of reach.
 */
#ifndef OVLTRACE_AUDIT_LAYERS_H
#define OVLTRACE_AUDIT_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/tristate.h"

struct audit_mount;

/* The lower layers in a mount's options, topmost first, ended by NULL. NULL: none, no memory. */
char **audit_lowers__parse(const char *options);
void audit_lowers__free(char **lowers);

struct audit_layers {
	int *fd; /* -1: it cannot be opened */
	size_t n;
	bool upper; /* the first is the upper layer */
};

/* Returns 0 or -errno. */
int audit_layers__open(struct audit_layers *l, const struct audit_mount *m);
void audit_layers__close(struct audit_layers *l);
/* Are all layers on one filesystem? */
enum tristate audit_layers__one_fs(const struct audit_layers *l);

/* The uppermost layer's directory, which a listing of one that is not merged reads. */
struct layer_dir {
	int fd; /* -1: it is not known */
	bool upper;
};

/* path: from the root of the overlay. fd: the directory as the overlay shows it. */
void layer_dir__open(struct layer_dir *d, const struct audit_layers *l, const char *path, int fd);
void layer_dir__close(struct layer_dir *d);

/* What a name is in such a directory. */
struct layer_name {
	bool known; /* the rest is valid */
	bool upper;
	bool exists;
	bool whiteout;
	bool origin; /* its number for users may be that of a file below */
	uint32_t type; /* DT_* */
	uint64_t ino;
};

struct layer_name layer_dir__name(const struct layer_dir *d, const char *name);

#endif
