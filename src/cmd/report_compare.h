/* SPDX-License-Identifier: GPL-2.0-only */
/* `report BEFORE AFTER`: what has changed between two recordings. */
#ifndef OVLTRACE_REPORT_COMPARE_H
#define OVLTRACE_REPORT_COMPARE_H

#include "cmd/report_options.h"

/* Returns the exit status: that of the second recording. */
int report_compare__main(const struct report_opts *opts, char **names);

#endif
