/* SPDX-License-Identifier: GPL-2.0-only */
/* Removes from text what should not be passed on. */
#ifndef OVLTRACE_SCRUB_H
#define OVLTRACE_SCRUB_H

#include <stddef.h>
#include <stdio.h>

#include "record/address.h"

/* In place: words of 16 hexadecimal digits that are addresses of the kernel become their hashes. */
void scrub__addresses(char *text, size_t len, const struct address_key *key);
/* Writes text without what is between quotes, and without words that begin with a slash. */
void scrub__paths(FILE *f, const char *text);

#endif
