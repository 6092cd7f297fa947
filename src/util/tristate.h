/* SPDX-License-Identifier: GPL-2.0-only */
/* For facts that we may be unable to read: unknown differs from no. */
#ifndef OVLTRACE_TRISTATE_H
#define OVLTRACE_TRISTATE_H

enum tristate {
	TRISTATE_UNKNOWN,
	TRISTATE_NO,
	TRISTATE_YES,
};

#endif
