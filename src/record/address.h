/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel addresses in records that are passed on: each is replaced by a keyed hash. The
 * same address has the same hash as long as the key is the same, so that detectors
 * come to the same results. Nobody who lacks the key can get from a hash to an address.
 */
#ifndef OVLTRACE_RECORD_ADDRESS_H
#define OVLTRACE_RECORD_ADDRESS_H

#include "record/record.h"

/* Random, and never written anywhere. */
struct address_key {
	uint64_t k[2];
};

/* SipHash-2-4 of the eight bytes, low byte first. */
uint64_t siphash__u64(const struct address_key *key, uint64_t v);

/* 0 remains 0. Anything else becomes a number of 16 hexadecimal digits. */
uint64_t address__hash(const struct address_key *key, uint64_t address);

/*
 * Replaces all addresses: those in fields, the 16 digits after "0x" in a finding's text,
 * which has to be writable, and what a refcount shows if it is no count.
 */
void record__hash_addresses(struct ovl_record *rec, const struct address_key *key);

#endif
