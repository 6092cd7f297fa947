// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/scrub.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	DIGITS = 16,
};

static const uint64_t kernel_begins = 0xff00000000000000ULL;

void scrub__addresses(char *text, size_t len, const struct address_key *key)
{
	char digits[DIGITS + 1];
	size_t i, n;

	for (i = 0; i < len; i += n ? n : 1) {
		uint64_t address;

		for (n = 0; i + n < len && isxdigit((unsigned char)text[i + n]); n++)
			;
		if (n != DIGITS)
			continue;
		memcpy(digits, text + i, DIGITS);
		digits[DIGITS] = 0;
		address = strtoull(digits, NULL, 16);
		if (address < kernel_begins)
			continue;
		snprintf(digits, sizeof(digits), "%016" PRIx64, address__hash(key, address));
		memcpy(text + i, digits, DIGITS);
	}
}

/* Where the path that begins at p ends. NULL: none begins there. */
static const char *path_end(const char *p, bool word_begins)
{
	const char *end;

	if (word_begins && *p == '/')
		return p + strcspn(p, " \t\n\"',;)");
	if (*p != '\'' && *p != '"')
		return NULL;
	end = strchr(p + 1, *p);
	return end && memchr(p, '\n', (size_t)(end - p)) == NULL ? end + 1 : NULL;
}

void scrub__paths(FILE *f, const char *text)
{
	bool begins = true;

	while (*text) {
		const char *end = path_end(text, begins);

		if (end) {
			fputs("(path)", f);
			text = end;
			begins = false;
			continue;
		}
		begins = strchr(" \t\n=(:,", *text) != NULL;
		fputc(*text++, f);
	}
}
