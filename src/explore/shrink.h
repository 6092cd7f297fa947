/* SPDX-License-Identifier: GPL-2.0-only */
/* From a bad history to the shortest that is bad in the same way. */
#ifndef OVLTRACE_EXPLORE_SHRINK_H
#define OVLTRACE_EXPLORE_SHRINK_H

#include "explore/model.h"

/*
 * Leaves out steps of *h as long as `bad` says that the rest is bad, too. Only
 * possible histories are tried.
 */
void shrink__run(const struct explore_config *config, struct explore_history *h,
		 bool (*bad)(void *ctx, const struct explore_history *h), void *ctx);

/* h has all steps of `part` in their order, perhaps with other names and streams. */
bool shrink__contains(const struct explore_history *h, const struct explore_history *part);

#endif
