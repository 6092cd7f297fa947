// SPDX-License-Identifier: GPL-2.0-only
#include "oracle.h"

#include <stdint.h>
#include <string.h>

/* The length of the character at s, 0: it is not valid; table 3-7 of the Unicode Standard. */
static size_t char_length(const unsigned char *s, size_t len)
{
	static const struct {
		unsigned char first[2], second[2], n;
	} forms[] = {
		{ { 0x00, 0x7f }, { 0, 0 }, 1 },       { { 0xc2, 0xdf }, { 0x80, 0xbf }, 2 },
		{ { 0xe0, 0xe0 }, { 0xa0, 0xbf }, 3 }, { { 0xe1, 0xec }, { 0x80, 0xbf }, 3 },
		{ { 0xed, 0xed }, { 0x80, 0x9f }, 3 }, { { 0xee, 0xef }, { 0x80, 0xbf }, 3 },
		{ { 0xf0, 0xf0 }, { 0x90, 0xbf }, 4 }, { { 0xf1, 0xf3 }, { 0x80, 0xbf }, 4 },
		{ { 0xf4, 0xf4 }, { 0x80, 0x8f }, 4 },
	};
	size_t i, k;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (s[0] < forms[i].first[0] || s[0] > forms[i].first[1])
			continue;
		if (forms[i].n > len)
			return 0;
		if (forms[i].n > 1 && (s[1] < forms[i].second[0] || s[1] > forms[i].second[1]))
			return 0;
		for (k = 2; k < forms[i].n; k++)
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		return forms[i].n;
	}
	return 0;
}

static uint32_t code_point(const unsigned char *s, size_t n)
{
	uint32_t cp = n == 1 ? s[0] : s[0] & (0xff >> (n + 1));
	size_t i;

	for (i = 1; i < n; i++)
		cp = cp << 6 | (s[i] & 0x3f);
	return cp;
}

const char *oracle__text(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i = 0, n;

	for (; i < len; i += n) {
		uint32_t cp;

		n = char_length(s + i, len - i);
		if (!n)
			return "text is valid UTF-8";
		cp = code_point(s + i, n);
		if ((cp < 0x20 && cp != '\n') || (cp >= 0x7f && cp < 0xa0))
			return "text has no control character";
		if (cp == 0x2028 || cp == 0x2029 || (cp >= 0x202a && cp <= 0x202e) ||
		    (cp >= 0x2066 && cp <= 0x2069) || cp == 0x61c)
			return "text has no separator and no override of direction";
		if (cp == 0xad || cp == 0x180e || (cp >= 0x200b && cp <= 0x200f) || cp == 0xfeff ||
		    (cp >= 0xe0000 && cp <= 0xe007f))
			return "text has no invisible character";
	}
	return NULL;
}

const char *oracle__metrics(const char *s, size_t len)
{
	const char *wrong = oracle__text(s, len);

	while (!wrong && len) {
		const char *nl = memchr(s, '\n', len), *p = s;

		if (!nl)
			return "metrics end with a newline";
		if (*p != '#') {
			while (p < nl && *p != '{' && *p != ' ')
				p++;
			if (p == s || p == nl)
				return "a sample has a name and a value";
			while (*p != ' ' && p < nl) {
				/* {NAME="VALUE",... */
				for (p++; p < nl && *p != '"' && *p != '}'; p++)
					if (!strchr("abcdefghijklmnopqrstuvwxyz_=0123456789", *p))
						return "a label has a plain name";
				if (*p == '"')
					for (p++; p < nl && *p != '"'; p++)
						p += *p == '\\';
				if (p >= nl)
					return "a label's value ends in its line";
				p++;
				p += *p == '}';
			}
			if (strspn(p + 1, "0123456789.+-eINaf") != (size_t)(nl - p - 1))
				return "a sample's value is a number";
		}
		len -= (size_t)(nl + 1 - s);
		s = nl + 1;
	}
	return wrong;
}
