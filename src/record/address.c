// SPDX-License-Identifier: GPL-2.0-only
#include "record/address.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/raw.h"

enum {
	ADDRESS_DIGITS = 16, /* of any address in the kernel's half */
	COUNT_DIGITS = 10, /* the most of a count */
};

static uint64_t rotate(uint64_t v, unsigned int bits)
{
	return v << bits | v >> (64 - bits);
}

static void sip_rounds(uint64_t v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_rounds(v, 2);
	v[0] ^= word;
}

uint64_t siphash__u64(const struct address_key *key, uint64_t v)
{
	/* "somepseudorandomlygeneratedbytes" */
	uint64_t s[4] = { key->k[0] ^ 0x736f6d6570736575, key->k[1] ^ 0x646f72616e646f6d,
			  key->k[0] ^ 0x6c7967656e657261, key->k[1] ^ 0x7465646279746573 };

	sip_word(s, v);
	sip_word(s, (uint64_t)sizeof(v) << 56);
	s[2] ^= 0xff;
	sip_rounds(s, 4);
	return s[0] ^ s[1] ^ s[2] ^ s[3];
}

uint64_t address__hash(const struct address_key *key, uint64_t address)
{
	return address ? siphash__u64(key, address) | 1ULL << 63 : 0;
}

static void hash_digits(const struct address_key *key, char *digits)
{
	char hashed[ADDRESS_DIGITS + 1];
	uint64_t address;

	if (!raw__number(digits, ADDRESS_DIGITS, 16, &address))
		return;
	snprintf(hashed, sizeof(hashed), "%016" PRIx64, address__hash(key, address));
	memcpy(digits, hashed, ADDRESS_DIGITS);
}

/* In place: a hash has as many digits as the address. */
static void hash_text(const struct address_key *key, char *text)
{
	size_t len;

	for (; *text; text += len ? len : 1) {
		len = 0;
		if (text[0] == '0' && text[1] == 'x') {
			len = 2 + strspn(text + 2, "0123456789abcdef");
			if (len == 2 + ADDRESS_DIGITS)
				hash_digits(key, text + 2);
		} else if (text[0] == '-') {
			len = 1 + strspn(text + 1, "0123456789");
			if (len > 1 + COUNT_DIGITS)
				memset(text + 1, '?', len - 1);
		}
	}
}

/* In freed memory there may be a pointer. */
static int64_t count_only(int64_t refcount)
{
	return refcount < INT32_MIN ? INT32_MIN : refcount > INT32_MAX ? INT32_MAX : refcount;
}

void record__hash_addresses(struct ovl_record *rec, const struct address_key *key)
{
	switch (rec->type) {
	case RECORD_SESSION:
		rec->session.addresses_hashed = true;
		break;
	case RECORD_REBUILD:
		rec->rebuild.cache = address__hash(key, rec->rebuild.cache);
		rec->rebuild.overwritten = address__hash(key, rec->rebuild.overwritten);
		break;
	case RECORD_INCIDENT:
		rec->incident.cache = address__hash(key, rec->incident.cache);
		rec->incident.refcount = count_only(rec->incident.refcount);
		break;
	case RECORD_MERGED_CACHE:
		rec->merged.cache = address__hash(key, rec->merged.cache);
		rec->merged.refcount = count_only(rec->merged.refcount);
		break;
	case RECORD_FINDING:
		hash_text(key, (char *)rec->finding.text);
		break;
	default:
		break;
	}
}
