/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_EXIT_STATUS_H
#define OVLTRACE_EXIT_STATUS_H

/* The statuses of every subcommand; scripts rely on the numbers. */
enum exit_status {
	EXIT_CLEAN = 0,
	EXIT_FINDINGS = 1,
	EXIT_USAGE = 2, /* also: unreadable input, internal errors */
	EXIT_INCONCLUSIVE = 3,
	EXIT_UNTRACEABLE = 4,
	EXIT_COMMAND_FAILED = 5, /* of run: traced completely, no finding */
};

#endif
