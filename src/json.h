/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A streaming JSON writer into a growing buffer: typed field writers, no DOM.
 * A key of NULL writes an array element. Strings are escaped so that they are
 * valid JSON and harmless on a terminal: control characters, C1 controls and
 * bidirectional overrides are written as \uXXXX.
 */
#ifndef OVLTRACE_JSON_H
#define OVLTRACE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	char *buf;
	size_t len, cap;
	bool comma; /* a value precedes in this object or array */
	bool failed; /* out of memory: the buffer is cut */
};

void json__deinit(struct json *j);
void json__open(struct json *j, const char *key, char bracket); /* '{' or '[' */
void json__close(struct json *j, char bracket); /* '}' or ']' */
void json__u64(struct json *j, const char *key, uint64_t v); /* as a number */
void json__i64(struct json *j, const char *key, int64_t v);
/* nanoseconds as microseconds: 1.500 */
void json__us(struct json *j, const char *key, uint64_t ns);
void json__u64_str(struct json *j, const char *key, uint64_t v); /* "123" */
void json__hex(struct json *j, const char *key, uint64_t v); /* "0x1f" */
void json__dev(struct json *j, const char *key, uint32_t dev); /* "major:minor" */
void json__bool(struct json *j, const char *key, bool v);
void json__null(struct json *j, const char *key);
/* text must be ours: plain ASCII */
void json__word(struct json *j, const char *key, const char *text);
/*
 * Bytes from outside. If they are not valid UTF-8, `key` has U+FFFD in place
 * of what is not, and `key_b64` has all bytes in base64.
 */
void json__bytes(struct json *j, const char *key, const char *bytes, size_t len);
void json__str(struct json *j, const char *key, const char *s); /* NUL ended; NULL: null */
void json__newline(struct json *j);

/*
 * Decodes one character of UTF-8. Returns its length, or 0 if the first byte
 * begins no valid sequence (RFC 3629: no overlong forms, no surrogates).
 */
size_t utf8__decode(const char *s, size_t len, uint32_t *cp);
/* Would this character move, hide or recolour what a terminal shows? */
bool utf8__is_unsafe(uint32_t cp);

#endif
