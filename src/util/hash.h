/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uthash, for rooms that must not exit: an insert without memory leaves the table
 * as it was. After each HASH_ADD, hash__holds() shows whether it succeeded.
 */
#ifndef OVLTRACE_HASH_H
#define OVLTRACE_HASH_H

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* uthash clears the handle of an element that it could not insert */
#define hash__holds(element) ((element)->hh.tbl != NULL)

#endif
