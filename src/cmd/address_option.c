// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/address_option.h"

#include <stdlib.h>
#include <sys/random.h>

#include "util/exit_status.h"
#include "util/log.h"

const struct address_key *address_option__key(bool wanted, struct address_key *to)
{
	if (!wanted)
		return NULL;
	if (getrandom(to, sizeof(*to), 0) == sizeof(*to))
		return to;
	/* since Linux 3.17 this happens only where a filter forbids the call */
	complain("option '--hash-addresses': no random numbers");
	exit(EXIT_USAGE);
}
