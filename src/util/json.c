// SPDX-License-Identifier: GPL-2.0-only
#include "util/json.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define ONES 0x0101010101010101ULL

char *json__grow(struct json *j, size_t n)
{
	size_t cap = j->cap ? j->cap : 4096;
	char *buf;

	while (cap < j->len + n)
		cap *= 2;
	buf = realloc(j->buf, cap);
	if (!buf) {
		j->failed = true;
		return NULL;
	}
	j->buf = buf;
	j->cap = cap;
	return j->buf + j->len;
}

static void put(struct json *j, const char *s, size_t n)
{
	char *p = json__room(j, n);

	if (!p)
		return;
	memcpy(p, s, n);
	j->len += n;
}

void json__deinit(struct json *j)
{
	free(j->buf);
	memset(j, 0, sizeof(*j));
}

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

static void put_pair(char *p, uint32_t v)
{
	memcpy(p, pairs + (size_t)v * 2, 2);
}

static void put_four(char *p, uint32_t v)
{
	put_pair(p, v / 100);
	put_pair(p + 2, v % 100);
}

/* Fewer than 10000. Returns the end. */
static char *put_few(char *p, uint32_t v)
{
	if (v >= 1000) {
		put_four(p, v);
		return p + 4;
	}
	if (v >= 100) {
		*p++ = '0' + v / 100;
		v %= 100;
		put_pair(p, v);
		return p + 2;
	}
	if (v >= 10) {
		put_pair(p, v);
		return p + 2;
	}
	*p = '0' + v;
	return p + 1;
}

/* Fewer than 10^8. */
static char *put_eight(char *p, uint32_t v)
{
	if (v < 10000)
		return put_few(p, v);
	p = put_few(p, v / 10000);
	put_four(p, v % 10000);
	return p + 4;
}

static const uint64_t EIGHT = 100000000;

/* The digits before the last eight. Times that follow each other have the same. */
static void high_set(struct json_high *h, uint64_t v)
{
	char *p = h->text;

	h->value = v;
	if (v >= EIGHT) {
		p = put_eight(p, v / EIGHT);
		v %= EIGHT;
		put_four(p, v / 10000);
		put_four(p + 4, v % 10000);
		p += 8;
	} else {
		p = put_eight(p, v);
	}
	h->len = p - h->text;
}

char *json__decimal(struct json *j, char *p, uint64_t v)
{
	struct json_high *h = &j->high;
	uint32_t low;

	if (v < EIGHT)
		return put_eight(p, v);
	if (h->value != v / EIGHT)
		high_set(h, v / EIGHT);
	memcpy(p, h->text, sizeof(h->text));
	p += h->len;
	low = v % EIGHT;
	put_four(p, low / 10000);
	put_four(p + 4, low % 10000);
	return p + 8;
}

void json__i64(struct json *j, const char *key, int64_t v)
{
	char *p = json__field(j, key, "", JSON_DIGITS + 1);

	if (!p)
		return;
	if (v < 0)
		*p++ = '-';
	json__ends_at(j, json__decimal(j, p, v < 0 ? -(uint64_t)v : (uint64_t)v));
}

void json__us(struct json *j, const char *key, uint64_t ns)
{
	char *p = json__field(j, key, "", JSON_DIGITS + 4);

	if (!p)
		return;
	p = json__decimal(j, p, ns / 1000);
	*p++ = '.';
	*p++ = '0' + ns / 100 % 10;
	*p++ = '0' + ns / 10 % 10;
	*p++ = '0' + ns % 10;
	json__ends_at(j, p);
}

/* The eight hexadecimal digits of v, one a byte, the first at the lowest address. */
static uint64_t hex_digits(uint32_t v)
{
	uint64_t x = v, letters;

	x = (x | x << 16) & 0x0000ffff0000ffff;
	x = (x | x << 8) & 0x00ff00ff00ff00ff;
	x = (x | x << 4) & (ONES * 15);
	letters = (x + ONES * 6) >> 4 & ONES;
	return htobe64(x + ONES * '0' + letters * ('a' - '0' - 10));
}

char *json__hexadecimal(char *p, uint64_t v)
{
	size_t n = 16 - __builtin_clzll(v | 1) / 4;
	uint64_t text;

	*p++ = '0';
	*p++ = 'x';
	v <<= 64 - 4 * n;
	text = hex_digits(v >> 32);
	memcpy(p, &text, sizeof(text));
	if (n > sizeof(text)) {
		text = hex_digits((uint32_t)v);
		memcpy(p + sizeof(text), &text, sizeof(text));
	}
	return p + n;
}

void json__hex(struct json *j, const char *key, uint64_t v)
{
	char *p = json__field(j, key, "", JSON_HEX + 2);

	if (!p)
		return;
	*p++ = '"';
	p = json__hexadecimal(p, v);
	*p++ = '"';
	json__ends_at(j, p);
}

void json__dev(struct json *j, const char *key, uint32_t dev)
{
	char *p = json__field(j, key, "", 2 * JSON_DIGITS + 3);

	if (!p)
		return;
	*p++ = '"';
	p = json__decimal(j, p, dev >> 20);
	*p++ = ':';
	p = json__decimal(j, p, dev & 0xfffff);
	*p++ = '"';
	json__ends_at(j, p);
}

size_t utf8__decode(const char *str, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)str;
	size_t n, i;

	if (!len)
		return 0;
	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
		return 0;
	*cp = s[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

bool utf8__is_unsafe(uint32_t cp)
{
	/* controls, separators, and what Unicode says to ignore in display */
	static const struct {
		uint32_t first, last;
	} unsafe[] = {
		{ 0, 0x1f },	      { 0x7f, 0x9f },	    { 0xad, 0xad },
		{ 0x34f, 0x34f },     { 0x61c, 0x61c },	    { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },   { 0x180b, 0x180f },   { 0x200b, 0x200f },
		{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0x3164, 0x3164 },
		{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },   { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};
	size_t i = 0;

	while (i < sizeof(unsafe) / sizeof(unsafe[0]) && cp > unsafe[i].last)
		i++;
	return i < sizeof(unsafe) / sizeof(unsafe[0]) && cp >= unsafe[i].first;
}

static void put_unit(struct json *j, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	char text[] = {
		'\\',	       'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15],
		hex[unit & 15]
	};

	put(j, text, sizeof(text));
}

static void put_escaped(struct json *j, uint32_t cp)
{
	switch (cp) {
	case '\n':
		put(j, "\\n", 2);
		break;
	case '\t':
		put(j, "\\t", 2);
		break;
	case '"':
		put(j, "\\\"", 2);
		break;
	case '\\':
		put(j, "\\\\", 2);
		break;
	default:
		/* past U+FFFF, a surrogate pair */
		if (cp > 0xffff)
			put_unit(j, 0xd800 + ((cp - 0x10000) >> 10));
		put_unit(j, cp > 0xffff ? 0xdc00 + (cp & 0x3ff) : cp);
	}
}

static void put_base64(struct json *j, const char *bytes, size_t len)
{
	static const char set[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)bytes[i] << 16;
		char four[4];

		if (i + 1 < len)
			v |= (uint32_t)(unsigned char)bytes[i + 1] << 8;
		if (i + 2 < len)
			v |= (unsigned char)bytes[i + 2];
		four[0] = set[v >> 18];
		four[1] = set[v >> 12 & 63];
		four[2] = i + 1 < len ? set[v >> 6 & 63] : '=';
		four[3] = i + 2 < len ? set[v & 63] : '=';
		put(j, four, 4);
	}
}

/* The index of the first byte from i on that needs a closer look. Most strings have none. */
static size_t plain_from(const char *bytes, size_t i, size_t len)
{
	while (i < len && bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '"' &&
	       bytes[i] != '\\')
		i++;
	return i;
}

void json__bytes(struct json *j, const char *key, const char *bytes, size_t len)
{
	size_t i = 0, plain = 0;
	bool valid = true;

	json__quote(j, key, "");
	while ((i = plain_from(bytes, i, len)) < len) {
		uint32_t cp;
		size_t n = utf8__decode(bytes + i, len - i, &cp);

		if (n && !utf8__is_unsafe(cp) && cp != '"' && cp != '\\') {
			i += n;
			continue;
		}
		put(j, bytes + plain, i - plain);
		if (n) {
			put_escaped(j, cp);
			i += n;
		} else {
			put(j, "\xef\xbf\xbd", 3);
			valid = false;
			i++;
		}
		plain = i;
	}
	put(j, bytes + plain, i - plain);
	put(j, "\"", 1);
	if (valid || !key)
		return;
	json__quote(j, key, "_b64");
	put_base64(j, bytes, len);
	put(j, "\"", 1);
}

void json__str(struct json *j, const char *key, const char *s)
{
	if (s)
		json__bytes(j, key, s, strlen(s));
	else
		json__null(j, key);
}
