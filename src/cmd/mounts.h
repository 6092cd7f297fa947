/* SPDX-License-Identifier: GPL-2.0-only */
/* From PATH arguments to overlay mounts. */
#ifndef OVLTRACE_CMD_MOUNTS_H
#define OVLTRACE_CMD_MOUNTS_H

#include "cmd/options.h"

/* Finds the overlay that path is on. Otherwise complains and returns false. */
bool mount__find(const char *path, uint32_t *dev);
/* The same for each PATH of --mount. */
bool mounts__find(const struct option_list *paths, uint32_t *devs, size_t max);
/* Complains about a path. err: -EINVAL if it is on no overlay, or -errno of the lookup. */
void mount__complain(const char *path, int err);

#endif
