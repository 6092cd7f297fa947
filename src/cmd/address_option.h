/* SPDX-License-Identifier: GPL-2.0-only */
/* The option --hash-addresses of the commands that show records. */
#ifndef OVLTRACE_ADDRESS_OPTION_H
#define OVLTRACE_ADDRESS_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/options.h"
#include "record/address.h"

#define OPTION_HASH_ADDRESSES(opts)                                                           \
	{                                                                                     \
		.name = "hash-addresses", .type = OPTION_FLAG,                                \
		.help = "replace kernel addresses by hashes, for output that is passed on",   \
		.details = "Equal addresses have equal hashes, so that the verdict and the "  \
			   "findings are the same. The key is random and is not kept. Names " \
			   "of files, tasks and the host are still there.",                   \
		.offset = offsetof(opts, hash_addresses)                                      \
	}

/* The new key in `to`, or NULL if none is wanted. */
const struct address_key *address_option__key(bool wanted, struct address_key *to);

#endif
