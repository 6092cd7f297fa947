/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Overlayfs' types in BTF: where members lie, what functions take. Relies on
 * fs/overlayfs/ovl_entry.h (struct ovl_inode, ovl_fs), overlayfs.h (enum
 * ovl_inode_flag) and readdir.c (struct ovl_dir_cache, ovl_cache_entry,
 * ovl_dir_file), read at 6.1, 6.12 and 7.3.
 *
 * Offsets and sizes are in bytes, -1 or 0 where there is no such member. A btf
 * of NULL has no types.
 */
#ifndef OVLTRACE_TYPES_H
#define OVLTRACE_TYPES_H

#include <stdbool.h>

#include "ovltrace/audit_wire.h"
#include "ovltrace/dirstat_wire.h"
#include "ovltrace/wire.h"

struct btf;

/* What a trace needs. False: btf lacks a part of it, and *l is undefined. */
bool types__layout(const struct btf *btf, struct ovlw_layout *l);
/* What the audit needs. Returns what btf lacks of it, NULL if nothing is missing. */
const char *types__audit_layout(const struct btf *btf, struct ovla_layout *l);
/* What counting listings needs beside the plan's layout. */
void types__dirstat_layout(const struct btf *btf, struct ovls_layout *l);

/* As plan_input's members of these names; btf is not NULL. */
int types__dentry_args(const struct btf *btf, const char *func, int arg[2]);
int types__arg_is(const struct btf *btf, const char *func, int n, const char *type);

#endif
