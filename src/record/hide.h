/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes from a record that is passed on what names files, cgroups, the host and the user's command. */
#ifndef OVLTRACE_RECORD_HIDE_H
#define OVLTRACE_RECORD_HIDE_H

#include "record/record.h"

/* Its actors have to be writable. Inodes, devices and names of tasks stay. */
void record__hide_paths(struct ovl_record *rec);

#endif
