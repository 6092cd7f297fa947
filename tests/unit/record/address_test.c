// SPDX-License-Identifier: GPL-2.0-only
#include "record/address.h"

#include "test.h"

static const struct address_key key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };

/* The vector of eight bytes, 00 to 07, in the paper that defines SipHash. */
static void is_siphash(void)
{
	CHECK(siphash__u64(&key, 0x0706050403020100) == 0x93f5f5799a932462);
}

static void equal_stays_equal(void)
{
	const struct address_key other = { { 1, 2 } };
	uint64_t a = 0xffff888012345678;

	CHECK(!address__hash(&key, 0));
	CHECK(address__hash(&key, a) == address__hash(&key, a));
	CHECK(address__hash(&key, a) != a && address__hash(&key, a) >> 63);
	CHECK(address__hash(&key, a) != address__hash(&key, a + 64));
	CHECK(address__hash(&key, a) != address__hash(&other, a));
}

static void text(void)
{
	char was[] = "cache 0xffff888012345678, 0xffff888012345678; 0x12 0xffff8880123456789 "
		     "-12 -131391639552000.";
	char hashed[sizeof(was)], want[256];
	struct ovl_record rec = { .type = RECORD_FINDING };
	unsigned long long h = address__hash(&key, 0xffff888012345678);

	strcpy(hashed, was);
	rec.finding.text = hashed;
	record__hash_addresses(&rec, &key);
	snprintf(want, sizeof(want),
		 "cache 0x%llx, 0x%llx; 0x12 0xffff8880123456789 -12 "
		 "-???????????????.",
		 h, h);
	CHECK_STR(hashed, want);
	strcpy(hashed, "0");
	record__hash_addresses(&rec, &key);
	CHECK_STR(hashed, "0");
}

/* Nothing of the address is in the record afterwards, and nothing else has changed. */
static void fields(void)
{
	uint64_t a = 0xffff888012345678;
	struct ovl_record rec = { .type = RECORD_REBUILD };

	rec.rebuild.cache = rec.rebuild.overwritten = a;
	record__hash_addresses(&rec, &key);
	CHECK(rec.rebuild.cache == address__hash(&key, a));
	CHECK(rec.rebuild.overwritten == rec.rebuild.cache);
	rec = (struct ovl_record){ .type = RECORD_INCIDENT };
	rec.incident.cache = a;
	rec.incident.refcount = (int64_t)a;
	record__hash_addresses(&rec, &key);
	CHECK(rec.incident.cache == address__hash(&key, a) && rec.incident.refcount == INT32_MIN);
	rec = (struct ovl_record){ .type = RECORD_MERGED_CACHE };
	rec.merged.cache = a;
	rec.merged.refcount = 3;
	record__hash_addresses(&rec, &key);
	CHECK(rec.merged.cache == address__hash(&key, a) && rec.merged.refcount == 3);
	rec = (struct ovl_record){ .type = RECORD_SESSION };
	record__hash_addresses(&rec, &key);
	CHECK(rec.session.addresses_hashed);
}

int main(void)
{
	TEST(is_siphash);
	TEST(equal_stays_equal);
	TEST(text);
	TEST(fields);
	return test_done();
}
