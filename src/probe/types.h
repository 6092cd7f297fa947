/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The types of overlayfs in BTF: offsets of members and arguments of functions. Relies
 * on fs/overlayfs/ovl_entry.h (struct ovl_inode, ovl_fs), overlayfs.h (enum
 * ovl_inode_flag) and readdir.c (struct ovl_dir_cache, ovl_cache_entry,
 * ovl_dir_file), read at 6.1, 6.12 and 7.3.
 *
 * Offsets and sizes are in bytes. A missing member has offset -1 and size 0. btf may be
 * NULL: it has no types.
 */
#ifndef OVLTRACE_TYPES_H
#define OVLTRACE_TYPES_H

#include <stdbool.h>

#include "ovltrace/audit_wire.h"
#include "ovltrace/dirstat_wire.h"
#include "ovltrace/wire.h"

struct btf;
struct btf_type;

/*
 * libbpf takes a file whose types are not aligned, and reads them in place. All are aligned if
 * the last one is: their sizes are multiples of four.
 */
bool types__are_aligned(const struct btf *btf);
/* The layout for a trace. False: btf lacks a part of it, and *l is undefined. */
bool types__layout(const struct btf *btf, struct ovlw_layout *l);
/* The layout for the audit. Returns the name of what btf lacks, or NULL. */
const char *types__audit_layout(const struct btf *btf, struct ovla_layout *l);
/* The layout for counting listings, beside the plan's. */
void types__dirstat_layout(const struct btf *btf, struct ovls_layout *l);

/* A function's, or what overlayfs's table of operations requires of it. NULL: there is none. */
const struct btf_type *types__prototype(const struct btf *btf, const char *func);
/* See the members of these names in struct plan_input. btf is not NULL. */
int types__dentry_args(const struct btf *btf, const char *func, int arg[2]);
int types__arg_is(const struct btf *btf, const char *func, int n, const char *type);

#endif
