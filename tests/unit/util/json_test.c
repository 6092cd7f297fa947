// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON writer. With --write it prints lines for json_test.check instead:
 * a JSON object, a tab, and the bytes in hex that its "name" must stand for.
 */
#include <stdlib.h>

#include "util/json.h"
#include "test.h"

/* What the writer makes of one string, without the braces. */
static const char *written(const char *bytes, size_t len)
{
	static char text[4096];
	struct json j = { 0 };

	json__bytes(&j, "name", bytes, len);
	CHECK(!j.failed && j.len < sizeof(text));
	memcpy(text, j.buf, j.len);
	text[j.len] = 0;
	json__deinit(&j);
	return text;
}

struct escape {
	const char *bytes;
	const char *json; /* between the quotes */
};

static const struct escape escapes[] = {
	{ "", "" },
	{ "plain name.txt", "plain name.txt" },
	{ "a\"b", "a\\\"b" },
	{ "a\\b", "a\\\\b" },
	{ "/", "/" },
	{ "\n\t", "\\n\\t" },
	{ "\r\b\f", "\\u000d\\u0008\\u000c" },
	{ "\x01\x1f", "\\u0001\\u001f" },
	{ "\x1b[31mred", "\\u001b[31mred" },
	{ "\x7f", "\\u007f" },
	{ "\xc2\x80\xc2\x9b\xc2\x9f", "\\u0080\\u009b\\u009f" },
	{ "\xc2\xa0", "\xc2\xa0" },
	{ "\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029" },
	{ "\xe2\x80\xaa\xe2\x80\xae", "\\u202a\\u202e" },
	{ "\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069" },
	{ "\xe2\x80\x8b\xe2\x80\x8f", "\\u200b\\u200f" },
	{ "\xef\xbb\xbf", "\\ufeff" },
	{ "\xc2\xad", "\\u00ad" },
	{ "\xe1\xa0\x8e", "\\u180e" },
	{ "\xf3\xa0\x81\x81", "\\udb40\\udc41" },
	{ "\xd8\x9c", "\\u061c" },
	{ "\xc3\xa9", "\xc3\xa9" },
	{ "\xe2\x82\xac\xe4\xb8\xad", "\xe2\x82\xac\xe4\xb8\xad" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
	{ "\xef\xbf\xbd", "\xef\xbf\xbd" },
};

static void escaping(void)
{
	char want[256];
	size_t i;

	for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		snprintf(want, sizeof(want), "\"name\":\"%s\"", escapes[i].json);
		CHECK_STR(written(escapes[i].bytes, strlen(escapes[i].bytes)), want);
	}
}

#define FFFD "\xef\xbf\xbd"

static const struct {
	const char *bytes;
	size_t len;
	const char *json; /* all of it */
} invalid[] = {
	{ "\x80", 1, "\"name\":\"" FFFD "\",\"name_b64\":\"gA==\"" },
	{ "a\xff"
	  "b",
	  3, "\"name\":\"a" FFFD "b\",\"name_b64\":\"Yf9i\"" },
	{ "\xc0\xaf", 2, "\"name\":\"" FFFD FFFD "\",\"name_b64\":\"wK8=\"" },
	{ "\xe0\x80\xaf", 3, "\"name\":\"" FFFD FFFD FFFD "\",\"name_b64\":\"4ICv\"" },
	{ "\xed\xa0\x80", 3, "\"name\":\"" FFFD FFFD FFFD "\",\"name_b64\":\"7aCA\"" },
	{ "\xe2\x82", 2, "\"name\":\"" FFFD FFFD "\",\"name_b64\":\"4oI=\"" },
	{ "\xe2\x82"
	  "A",
	  3, "\"name\":\"" FFFD FFFD "A\",\"name_b64\":\"4oJB\"" },
	{ "\xff\xc3\xa9", 3, "\"name\":\"" FFFD "\xc3\xa9\",\"name_b64\":\"/8Op\"" },
	{ "\0\xff", 2, "\"name\":\"\\u0000" FFFD "\",\"name_b64\":\"AP8=\"" },
};

static void invalid_utf8(void)
{
	size_t i;

	for (i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		CHECK_STR(written(invalid[i].bytes, invalid[i].len), invalid[i].json);
}

static void decoder(void)
{
	static const struct {
		const char *bytes;
		size_t len, n;
		uint32_t cp;
	} at[] = {
		{ "", 0, 0, 0 },
		{ "A", 1, 1, 'A' },
		{ "\0", 1, 1, 0 },
		{ "\xc2\x80", 2, 2, 0x80 },
		{ "\xdf\xbf", 2, 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 3, 0x800 },
		{ "\xed\x9f\xbf", 3, 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 3, 0xe000 },
		{ "\xef\xbf\xbf", 3, 3, 0xffff },
		{ "\xf0\x90\x80\x80", 4, 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff },
		{ "\xf4\x90\x80\x80", 4, 0, 0 },
		{ "\xf5\x80\x80\x80", 4, 0, 0 },
		{ "\xf8\x88\x80\x80", 4, 0, 0 },
		{ "\xfe", 1, 0, 0 },
		{ "\xc1\xbf", 2, 0, 0 },
		{ "\xe0\x9f\xbf", 3, 0, 0 },
		{ "\xf0\x8f\xbf\xbf", 4, 0, 0 },
		{ "\xed\xa0\x80", 3, 0, 0 },
		{ "\xed\xbf\xbf", 3, 0, 0 },
		{ "\xc3", 1, 0, 0 },
		{ "\xf0\x9f\x98", 3, 0, 0 },
		{ "\xc3(", 2, 0, 0 },
		{ "\xe2\x28\xa1", 3, 0, 0 },
		{ "\xbf", 1, 0, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		/* in memory of just that size: nothing may be read after it */
		char *exact = malloc(at[i].len ? at[i].len : 1);
		uint32_t cp = 0;

		memcpy(exact, at[i].bytes, at[i].len);
		CHECK_EQ(utf8__decode(exact, at[i].len, &cp), at[i].n);
		CHECK(!at[i].n || cp == at[i].cp);
		free(exact);
	}
}

static void numbers(void)
{
	struct json j = { 0 };

	json__open(&j, NULL, '{');
	json__u64(&j, "a", 0);
	json__u64(&j, "b", UINT64_MAX);
	json__i64(&j, "c", INT64_MIN);
	json__i64(&j, "d", INT64_MAX);
	json__i64(&j, "e", -1);
	json__u64_str(&j, "f", UINT64_MAX);
	json__close(&j, '}');
	json__newline(&j);
	json__u64(&j, NULL, 7);
	CHECK_EQ(j.len, strlen("{\"a\":0,\"b\":18446744073709551615,\"c\":-9223372036854775808,"
			       "\"d\":9223372036854775807,\"e\":-1,"
			       "\"f\":\"18446744073709551615\"}\n7"));
	CHECK(!memcmp(j.buf, "{\"a\":0,\"b\":18446744073709551615,\"c\":-9223372036854775808,",
		      57));
	CHECK(!memcmp(j.buf + j.len - 3, "}\n7", 3));
	json__deinit(&j);
	CHECK(!j.buf && !j.len && !j.cap);
}

static void number_is(uint64_t v)
{
	struct json j = { 0 };
	char want[64];

	json__open(&j, NULL, '[');
	json__u64(&j, NULL, v);
	json__hex(&j, NULL, v);
	json__close(&j, ']');
	snprintf(want, sizeof(want), "[%llu,\"0x%llx\"]", (unsigned long long)v,
		 (unsigned long long)v);
	if (!CHECK(j.len == strlen(want) && !memcmp(j.buf, want, j.len)))
		printf("# %.*s, not %s\n", (int)j.len, j.buf, want);
	json__deinit(&j);
}

/* As printf() writes them: all lengths, each digit at each place. */
static void number_forms(void)
{
	uint64_t power;
	int digit, shift;

	number_is(0);
	for (power = 1;; power *= 10) {
		for (digit = 1; digit < 10 && power <= UINT64_MAX / digit; digit++) {
			number_is(power * digit - 1);
			number_is(power * digit);
			number_is(power * digit + 1);
			number_is(power * digit + power / 7);
		}
		if (power > UINT64_MAX / 10)
			break;
	}
	for (shift = 0; shift < 64; shift++)
		for (digit = 1; digit < 16; digit++)
			number_is((uint64_t)digit << shift | shift);
}

static void nesting(void)
{
	static const char want[] =
		"{\"empty\":{},\"list\":[],\"n\":[1,[2],{\"x\":null},{\"y\":true,\"z\":false}],"
		"\"w\":\"word\",\"s\":null,\"t\":\"s\"}\n{}\n";
	struct json j = { 0 };

	json__open(&j, NULL, '{');
	json__open(&j, "empty", '{');
	json__close(&j, '}');
	json__open(&j, "list", '[');
	json__close(&j, ']');
	json__open(&j, "n", '[');
	json__u64(&j, NULL, 1);
	json__open(&j, NULL, '[');
	json__u64(&j, NULL, 2);
	json__close(&j, ']');
	json__open(&j, NULL, '{');
	json__null(&j, "x");
	json__close(&j, '}');
	json__open(&j, NULL, '{');
	json__bool(&j, "y", true);
	json__bool(&j, "z", false);
	json__close(&j, '}');
	json__close(&j, ']');
	json__word(&j, "w", "word");
	json__str(&j, "s", NULL);
	json__str(&j, "t", "s");
	json__close(&j, '}');
	json__newline(&j);
	json__open(&j, NULL, '{');
	json__close(&j, '}');
	json__newline(&j);
	if (CHECK_EQ(j.len, sizeof(want) - 1))
		CHECK(!memcmp(j.buf, want, j.len));
	json__deinit(&j);
}

/* Nothing unsafe may come out raw, whatever goes in. */
static void harmless(void)
{
	uint32_t cp;

	for (cp = 0; cp < 0x110000; cp += cp < 0x3000 ? 1 : 251) {
		char c[4];
		size_t n = 0;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		if (cp < 0x80) {
			c[n++] = cp;
		} else {
			if (cp >= 0x10000)
				c[n++] = 0xf0 | cp >> 18;
			if (cp >= 0x800)
				c[n++] = cp >= 0x10000 ? 0x80 | (cp >> 12 & 63) : 0xe0 | cp >> 12;
			c[n++] = cp >= 0x800 ? 0x80 | (cp >> 6 & 63) : 0xc0 | cp >> 6;
			c[n++] = 0x80 | (cp & 63);
		}
		if (cp && utf8__is_unsafe(cp))
			CHECK(!memmem(written(c, n), 4096, c, n));
		else if (cp && cp != '"' && cp != '\\' && cp > 0x7f)
			CHECK(memmem(written(c, n), 4096, c, n) != NULL);
	}
}

static void write_one(const char *bytes, size_t len)
{
	struct json j = { 0 };
	size_t i;

	json__open(&j, NULL, '{');
	json__bytes(&j, "name", bytes, len);
	json__u64(&j, "last", 1);
	json__close(&j, '}');
	fwrite(j.buf, 1, j.len, stdout);
	putchar('\t');
	for (i = 0; i < len; i++)
		printf("%02x", (unsigned char)bytes[i]);
	putchar('\n');
	json__deinit(&j);
}

/* Every single byte, every pair around the edges, long names, random ones. */
static int write_all(void)
{
	static const unsigned char edges[] = { 0,    1,	   0x1b, '"',  '\\', 0x7f, 0x80,
					       0x9f, 0xbf, 0xc0, 0xc2, 0xdf, 0xe0, 0xe2,
					       0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff };
	enum {
		EDGES = sizeof(edges)
	};
	char name[256];
	size_t i, k, n;

	for (i = 0; i < 256; i++) {
		name[0] = i;
		write_one(name, 1);
	}
	for (i = 0; i < EDGES * EDGES * EDGES; i++) {
		name[0] = edges[i / EDGES / EDGES];
		name[1] = edges[i / EDGES % EDGES];
		name[2] = edges[i % EDGES];
		write_one(name, 3);
	}
	for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		write_one(escapes[i].bytes, strlen(escapes[i].bytes));
	for (i = 0; i < 256; i += 15) {
		memset(name, i, 255);
		write_one(name, 255);
	}
	srandom(1);
	for (i = 0; i < 500; i++) {
		n = random() % 256;
		for (k = 0; k < n; k++)
			name[k] = random() & 1 ? edges[random() % EDGES] : random();
		write_one(name, n);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--write"))
		return write_all();
	TEST(escaping);
	TEST(invalid_utf8);
	TEST(decoder);
	TEST(numbers);
	TEST(number_forms);
	TEST(nesting);
	TEST(harmless);
	return test_done();
}
