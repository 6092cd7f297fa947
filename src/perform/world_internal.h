/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_PERFORM_WORLD_INTERNAL_H
#define OVLTRACE_PERFORM_WORLD_INTERNAL_H

#include "perform/world.h"

/* -errno, with *why. */
int world__fail(struct world *w, const char *what, const char *which);
unsigned int world__flags(const struct world *w); /* enum explore_mount_flags */
/* 0 or -errno with *why. */
int world__enter_namespaces(struct world *w);

#endif
