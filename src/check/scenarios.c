// SPDX-License-Identifier: GPL-2.0-only
/* The scenarios: each states a property, and the results that depend on it. */
#include "check/race.h"

#define BIT CHECK_BIT
#define SEEN (BIT(CHECK_BAD_RETURN) | BIT(CHECK_D_INO))
#define CACHES (BIT(CHECK_STALE_STORE) | BIT(CHECK_UNFREED_CACHE))
#define CLEARS BIT(CHECK_STALE_IMPURE_CLEAR)
#define LINKS BIT(CHECK_MISSED_INVALIDATION)

const struct scenario scenarios[] = {
	{ "impure-race", "every cache has the content of the version in its stamp, and is freed",
	  SEEN | CACHES | CLEARS, CACHES | CLEARS, 20, false, impure_prepare, impure_race, 0,
	  NULL },
	{ "impure-sparse", "the same, with one modification every 5 ms", SEEN | CACHES | CLEARS,
	  CACHES | CLEARS, 20, false, impure_prepare, impure_sparse, 0, NULL },
	{ "impure-empties",
	  "the impure flag is cleared only if the directory has no impure entries at that time",
	  SEEN | CACHES | CLEARS, CACHES | CLEARS, 20, false, empty_prepare, empty_race, 0, NULL },
	{ "removed", "a removed directory lists no entries, and readdir returns -ENOENT",
	  SEEN | CACHES, CACHES, 8, false, removed_prepare, removed_run, 0, NULL },
	{ "hard-link", "a hard link into a directory with a fresh cache makes that cache outdated",
	  BIT(CHECK_BAD_RETURN) | CACHES | LINKS, CACHES | LINKS, 1, false, link_prepare, link_run,
	  0, NULL },
	{ "copy-up", "a directory is merged as soon as it has two layers",
	  SEEN | BIT(CHECK_KIND_MIX), 0, 4, true, copy_up_prepare, copy_up_run, 100, NULL },
	{ "merged", "a new listing of a merged directory is right, even while old ones are open",
	  SEEN, 0, 8, true, merged_prepare, merged_run, 0, NULL },
	{ "nested", "an overlay on an overlay lists the entries of both", SEEN, 0, 6, true,
	  nested_prepare, nested_race, 0, NULL },
	{ "xino-on", "layers on two filesystems, xino=on: d_ino is st_ino for all files",
	  SEEN | CACHES, CACHES, 7, false, xino_on_prepare, impure_race, 0, NULL },
	{ "xino-off", "layers on two filesystems, xino=off: d_ino is st_ino for files of one layer",
	  SEEN, 0, 7, false, xino_off_prepare, impure_race, 0, NULL },
	{ "histories", "after each short history of operations a user sees what must be there",
	  SEEN, 0, 30, true, histories_prepare, histories_run, 0, "histories" },
	{ "schedules",
	  "readers that drop the lock, and modifications, in all orders: the same as impure-race",
	  SEEN | CACHES | CLEARS, CACHES | CLEARS, 12, false, schedules_prepare, schedules_run, 0,
	  "schedules" },
	{ 0 },
};

const size_t nscenarios = sizeof(scenarios) / sizeof(scenarios[0]) - 1;
