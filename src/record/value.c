// SPDX-License-Identifier: GPL-2.0-only
/* Strings, base64, and the numbers that are written as strings. */
#include <string.h>

#include "record/raw.h"

static int sextet(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* In place. The length, or -1. */
static long base64_decode(char *s, size_t len)
{
	size_t i, out = 0, pad = 0;

	if (!len || len % 4)
		return -1;
	while (pad < 2 && s[len - 1 - pad] == '=')
		pad++;
	for (i = 0; i < len; i += 4) {
		uint32_t v = 0;
		size_t k;

		for (k = 0; k < 4; k++) {
			int d = i + k >= len - pad ? 0 : sextet(s[i + k]);

			if (d < 0)
				return -1;
			v = v << 6 | (uint32_t)d;
		}
		s[out++] = v >> 16;
		s[out++] = v >> 8;
		s[out++] = v;
	}
	return (long)(out - pad);
}

char *raw__string(struct raw *raw, unsigned int f, unsigned int b64)
{
	struct json_value *v = &raw->v[f];

	if (b64 != RAW_NFIELDS && raw__has(raw, b64)) {
		long n;

		v = &raw->v[b64];
		n = base64_decode(v->s, v->len);
		if (n < 0)
			return NULL;
		v->len = n;
	}
	/* names have no NUL, and what is after one would not be seen */
	if (v->type != JSON_STRING || memchr(v->s, 0, v->len))
		return NULL;
	v->s[v->len] = 0;
	return v->s;
}

bool raw__number(const char *s, size_t len, unsigned int base, uint64_t *out)
{
	uint64_t n = 0;
	size_t i;

	if (!len || (len > 1 && s[0] == '0'))
		return false;
	for (i = 0; i < len; i++) {
		unsigned int d = (unsigned char)s[i] - '0';

		if (d > 9)
			d = s[i] >= 'a' && s[i] <= 'f' ? (unsigned int)(s[i] - 'a' + 10) : 99;
		if (d >= base || n > (UINT64_MAX - d) / base)
			return false;
		n = n * base + d;
	}
	*out = n;
	return true;
}

bool raw__decimal(const struct raw *raw, enum raw_field f, uint64_t *out)
{
	return raw__number(raw->v[f].s, raw->v[f].len, 10, out);
}

bool raw__address(const struct raw *raw, enum raw_field f, uint64_t *out)
{
	const struct json_value *v = &raw->v[f];

	return v->len > 2 && v->s[0] == '0' && v->s[1] == 'x' &&
	       raw__number(v->s + 2, v->len - 2, 16, out);
}

void raw__reset(struct raw *raw)
{
	memset(raw->seen, 0, sizeof(raw->seen));
	raw->bad = NULL;
	raw->nwindows = raw->nevidence = raw->nstack = 0;
	raw->ninvalidators = raw->nrebuilders = 0;
	raw->lists_invalidations = false;
	memset(raw->times, 0, sizeof(raw->times));
	raw->times_end = 0;
	raw->window_versions = true;
	raw->covered = 0;
	memset(raw->inconsistencies, 0, sizeof(raw->inconsistencies));
	raw->unknown_inconsistencies = 0;
}
