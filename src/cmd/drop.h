/* SPDX-License-Identifier: GPL-2.0-only */
/* Gives up privileges when the probes of run or top are attached. */
#ifndef OVLTRACE_DROP_H
#define OVLTRACE_DROP_H

#include <stdbool.h>

#include "util/outfile.h"
#include "util/privileges.h"

enum {
	DROP_OUTPUTS = 2,
};

struct drop {
	const struct user *user; /* NULL: stay who we are */
	bool command; /* there is a COMMAND, which is sent signals */
	/* those to which files are added later; NULL: none */
	const struct outfile *output[DROP_OUTPUTS];
};

/* Both return 0, or the exit status after one line that says what failed. */

/* name may be NULL: the option was not given. */
int drop__find_user(struct user *u, const char *option, const char *name);
int drop__privileges(const struct drop *d);

#endif
