/* SPDX-License-Identifier: GPL-2.0-only */
/* `audit --listings`: what directories list, which needs no probe. */
#ifndef OVLTRACE_AUDIT_LISTINGS_CMD_H
#define OVLTRACE_AUDIT_LISTINGS_CMD_H

#include "cmd/audit_options.h"

/* paths: directories of overlays, ended by NULL; none: all overlays. Returns the exit status. */
int audit_listings__run(const struct audit_opts *opts, char **paths);

#endif
