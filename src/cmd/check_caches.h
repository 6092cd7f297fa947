/* SPDX-License-Identifier: GPL-2.0-only */
/* Directory caches for `check --explore`, as `audit` reads them. */
#ifndef OVLTRACE_CHECK_CACHES_H
#define OVLTRACE_CHECK_CACHES_H

#include "perform/perform.h"

/* NULL with why. */
const struct perform_caches *check_caches__new(char why[PERFORM_TEXT]);

#endif
