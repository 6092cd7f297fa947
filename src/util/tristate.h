/* SPDX-License-Identifier: GPL-2.0-only */
/* Yes, no and unknown are three answers: what can't be read is unknown. */
#ifndef OVLTRACE_TRISTATE_H
#define OVLTRACE_TRISTATE_H

enum tristate {
	TRISTATE_UNKNOWN,
	TRISTATE_NO,
	TRISTATE_YES,
};

#endif
