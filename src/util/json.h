/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A streaming JSON writer into a growing buffer: typed field writers, no DOM.
 * A key of NULL writes an array element. Strings are escaped so that they are
 * valid JSON and harmless on a terminal: control characters, C1 controls,
 * bidirectional overrides and invisible characters are written as \uXXXX.
 */
#ifndef OVLTRACE_JSON_H
#define OVLTRACE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct record_memo;

enum {
	JSON_DIGITS = 20, /* of the largest uint64_t */
	JSON_HEX = 18, /* the same, with 0x */
};

/* Of the last long number, all digits but eight. */
struct json_high {
	uint64_t value;
	size_t len;
	char text[JSON_DIGITS - 8];
};

struct json {
	char *buf;
	size_t len, cap;
	bool comma; /* this object or array already has a value */
	bool failed; /* out of memory: the buffer is incomplete */
	struct json_high high;
	struct record_memo *memo; /* of src/record/, which may leave it NULL */
};

void json__deinit(struct json *j);
void json__i64(struct json *j, const char *key, int64_t v);
/* nanoseconds as microseconds: 1.500 */
void json__us(struct json *j, const char *key, uint64_t ns);
void json__hex(struct json *j, const char *key, uint64_t v); /* "0x1f" */
void json__dev(struct json *j, const char *key, uint32_t dev); /* "major:minor" */

char *json__grow(struct json *j, size_t n);
/* Both return the end, and may write up to JSON_DIGITS, or JSON_HEX, bytes in any case. */
char *json__decimal(struct json *j, char *p, uint64_t v);
char *json__hexadecimal(char *p, uint64_t v);

/*
 * The rest is inline: the length of a constant key is then known at compile time,
 * and a few moves copy it. A record has about thirty keys.
 */
#define JSON_INLINE inline __attribute__((always_inline))

static inline char *json__room(struct json *j, size_t n)
{
	return j->len + n <= j->cap ? j->buf + j->len : json__grow(j, n);
}

/*
 * Writes ,"KEY": and returns where `value` bytes of the value fit; NULL without memory.
 * The builtin: a checked memcpy() is a call, because the buffer's size is not constant.
 */
static JSON_INLINE char *json__field(struct json *j, const char *key, const char *suffix,
				     size_t value)
{
	size_t len = key ? strlen(key) : 0, more = strlen(suffix);
	char *p = json__room(j, len + more + 4 + value);

	if (!p)
		return NULL;
	if (j->comma)
		*p++ = ',';
	j->comma = true;
	if (key) {
		*p++ = '"';
		__builtin_memcpy(p, key, len);
		p += len;
		__builtin_memcpy(p, suffix, more);
		p += more;
		*p++ = '"';
		*p++ = ':';
	}
	return p;
}

static inline void json__ends_at(struct json *j, const char *p)
{
	j->len = p - j->buf;
}

static JSON_INLINE void json__open(struct json *j, const char *key, char bracket) /* '{' or '[' */
{
	char *p = json__field(j, key, "", 1);

	if (!p)
		return;
	*p++ = bracket;
	json__ends_at(j, p);
	j->comma = false;
}

static inline void json__close(struct json *j, char bracket) /* '}' or ']' */
{
	char *p = json__room(j, 1);

	if (!p)
		return;
	*p++ = bracket;
	json__ends_at(j, p);
	j->comma = true;
}

static inline void json__newline(struct json *j)
{
	json__close(j, '\n');
	j->comma = false;
}

static JSON_INLINE void json__u64(struct json *j, const char *key, uint64_t v) /* as a number */
{
	char *p = json__field(j, key, "", JSON_DIGITS);

	if (!p)
		return;
	if (v < 10)
		*p++ = '0' + v;
	else
		p = json__decimal(j, p, v);
	json__ends_at(j, p);
}

static JSON_INLINE void json__u64_str(struct json *j, const char *key, uint64_t v) /* "123" */
{
	char *p = json__field(j, key, "", JSON_DIGITS + 2);

	if (!p)
		return;
	*p++ = '"';
	p = json__decimal(j, p, v);
	*p++ = '"';
	json__ends_at(j, p);
}

/* writes text without escapes */
static JSON_INLINE void json__literal(struct json *j, const char *key, const char *text)
{
	size_t n = strlen(text);
	char *p = json__field(j, key, "", n);

	if (!p)
		return;
	memcpy(p, text, n);
	json__ends_at(j, p + n);
}

static JSON_INLINE void json__bool(struct json *j, const char *key, bool v)
{
	if (v)
		json__literal(j, key, "true");
	else
		json__literal(j, key, "false");
}

static JSON_INLINE void json__null(struct json *j, const char *key)
{
	json__literal(j, key, "null");
}

/* text must be plain ASCII without quotes, as our own names are */
static JSON_INLINE void json__word(struct json *j, const char *key, const char *text)
{
	size_t n = strlen(text);
	char *p = json__field(j, key, "", n + 2);

	if (!p)
		return;
	*p++ = '"';
	memcpy(p, text, n);
	p[n] = '"';
	json__ends_at(j, p + n + 1);
}

static JSON_INLINE void json__quote(struct json *j, const char *key, const char *suffix)
{
	char *p = json__field(j, key, suffix, 1);

	if (!p)
		return;
	*p++ = '"';
	json__ends_at(j, p);
}

/*
 * For a record that is written often: at a place with enough room, which json__room() has
 * returned. Return the end. `before` has the key, with what precedes it.
 */
static JSON_INLINE char *json_put__text(char *p, const char *text)
{
	size_t n = strlen(text);

	__builtin_memcpy(p, text, n);
	return p + n;
}

static JSON_INLINE char *json_put__u64(struct json *j, char *p, uint64_t v)
{
	if (v >= 10)
		return json__decimal(j, p, v);
	*p = '0' + v;
	return p + 1;
}

/*
 * Untrusted bytes. If they are not valid UTF-8, `key` has U+FFFD for each invalid
 * byte, and `key_b64` has all bytes in base64.
 */
void json__bytes(struct json *j, const char *key, const char *bytes, size_t len);
void json__str(struct json *j, const char *key, const char *s); /* NULL is written as null */
/*
 * Decodes one character of UTF-8. Returns its length, or 0 if the first byte
 * begins no valid sequence (RFC 3629: no overlong forms, no surrogates).
 */
size_t utf8__decode(const char *s, size_t len, uint32_t *cp);
/* Could this character move, hide or recolour other text on a terminal? */
bool utf8__is_unsafe(uint32_t cp);

#endif
