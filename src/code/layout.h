/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where struct ovl_inode keeps its members, read from the kernel's code: for an
 * overlayfs without BTF. Pure.
 */
#ifndef OVLTRACE_LAYOUT_H
#define OVLTRACE_LAYOUT_H

#include "code/code.h"
#include "ovltrace/wire.h"

/*
 * The layout as overlayfs' accessors show it; members of struct ovl_dir_file are
 * -1. 0, or -ENOENT where an accessor is missing or is not understood.
 */
int layout__learn(struct ovlw_layout *l, const struct code_source *src);

#endif
