// SPDX-License-Identifier: GPL-2.0-only
/* Scenarios that run nothing, for the judge and the forms of `check`. */
#include "check/check.h"

#define BIT CHECK_BIT
#define CACHES (BIT(CHECK_STALE_STORE) | BIT(CHECK_UNFREED_CACHE) | BIT(CHECK_STALE_IMPURE_CLEAR))
#define LINKS BIT(CHECK_MISSED_INVALIDATION)
#define SEEN (BIT(CHECK_BAD_RETURN) | BIT(CHECK_D_INO))

const struct scenario scenarios[] = {
	{ "race", "p", SEEN | CACHES | LINKS, CACHES | LINKS, 1, false, NULL, NULL, 0, NULL },
	{ "copy-up", "p", SEEN | BIT(CHECK_KIND_MIX), 0, 1, false, NULL, NULL, 0, NULL },
	{ "merged", "p", SEEN, 0, 1, true, NULL, NULL, 0, NULL },
	{ "small", "p", SEEN | CACHES, CACHES, 1, false, NULL, NULL, 0, "schedules" },
	{ 0 },
};
const size_t nscenarios = 4;
