/* SPDX-License-Identifier: GPL-2.0-only */
/* PATH arguments: which overlay mounts they stand for. */
#ifndef OVLTRACE_CMD_MOUNTS_H
#define OVLTRACE_CMD_MOUNTS_H

#include "cmd/options.h"

/* The overlay that path is on. False after one line that says why there is none. */
bool mount__find(const char *path, uint32_t *dev);
/* The same for each of --mount's paths. */
bool mounts__find(const struct option_list *paths, uint32_t *devs, size_t max);
/* One line about a path that is on no overlay, or -errno of the lookup. */
void mount__complain(const char *path, int err);

#endif
