// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings with random damage: nothing crashes, and what was damaged so that
 * it shows is never called clean.
 */
#include <stdlib.h>

#include "recording.h"
#include "test.h"

enum {
	ROUNDS = 2000,
	BYTES = 64 << 10,
};

static struct recording_text whole;
static char bytes[BYTES];
static uint64_t random_state = 20261124;

/* xorshift64*: the same damage everywhere */
static uint32_t below(uint32_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dULL) >> 32) % n;
}

static size_t flatten(const struct recording_text *t)
{
	size_t i, len = 0;

	for (i = 0; i < t->n; i++) {
		memcpy(bytes + len, t->line[i], t->len[i]);
		len += t->len[i];
		bytes[len++] = '\n';
	}
	return len;
}

/* One change of the kind that copying, editing and bad memory make. */
static size_t damage(size_t len)
{
	static const char *const words[] = {
		"null",	   "-1", "1e9",	 "18446744073709551616",
		"\"\"",	   "[]", "{}",	 "\\u0000",
		"\\ud800", "\n", "\r\n", "{\"a\":",
		"}",	   "]",	 "\"",	 "\xc0\x80",
		"0x",	   ":",	 ",",
	};
	size_t at = below(len), n, from;
	const char *word;

	switch (below(7)) {
	case 0: /* a bit */
		bytes[at] ^= 1 << below(8);
		return len;
	case 1: /* a byte */
		bytes[at] = below(256);
		return len;
	case 2: /* a digit */
		for (n = 0; n < len && (bytes[at] < '0' || bytes[at] > '9'); n++)
			at = (at + 1) % len;
		bytes[at] = '0' + below(10);
		return len;
	case 3: /* a hole */
		n = below(len - at < 200 ? len - at : 200);
		memmove(bytes + at, bytes + at + n, len - at - n);
		return len - n;
	case 4: /* duplicate a piece of it */
		n = below(len - at < 400 ? len - at : 400);
		from = below(len - n);
		memmove(bytes + at + n, bytes + at, len - at);
		memmove(bytes + at, bytes + from, n);
		return len + n;
	case 5: /* something else */
		word = words[below(sizeof(words) / sizeof(words[0]))];
		memmove(bytes + at + strlen(word), bytes + at, len - at);
		memcpy(bytes + at, word, strlen(word));
		return len + strlen(word);
	default: /* the rest is gone */
		return at;
	}
}

static void findings(void)
{
	struct outcome out;
	size_t i, n;

	for (i = 0; i < ROUNDS; i++) {
		size_t len;

		recording__findings(&whole);
		len = flatten(&whole);
		for (n = 1 + below(3); n; n--)
			len = damage(len ? len : 1);
		bytes__play(bytes, len, &out);
		CHECK(out.verdict != VERDICT_CLEAN || out.unreadable[0]);
	}
}

/* What changes no number may pass for a name; all counts are what they were. */
static void clean(void)
{
	struct outcome out, was;
	unsigned int passed = 0;
	int kind;
	size_t i;

	recording__clean(&whole);
	recording__play(&whole, &was);
	for (i = 0; i < ROUNDS; i++) {
		size_t len = flatten(&whole);

		len = damage(len);
		bytes__play(bytes, len, &out);
		if (out.verdict != VERDICT_CLEAN || out.unreadable[0])
			continue;
		passed++;
		/* no record has what these count */
		out.counts.partial = was.counts.partial;
		for (kind = 0; kind < FINDING_KINDS; kind++)
			if (!out.counts.finding[kind] && was.counts.finding[kind] == COUNT_UNSEEN)
				out.counts.finding[kind] = COUNT_UNSEEN;
		CHECK(!memcmp(&out.counts, &was.counts, sizeof(was.counts)));
		CHECK(!memcmp(out.records, was.records, sizeof(was.records)));
	}
	/* bits of names, paths, times, addresses: not more than they are of the text */
	CHECK(passed < ROUNDS / 2);
}

int main(void)
{
	TEST(findings);
	TEST(clean);
	return test_done();
}
