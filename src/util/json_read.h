/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads one JSON text and tells what is in it, value by value: no DOM. The
 * parser is Boost.JSON's, which is C++ and stays behind this header.
 */
#ifndef OVLTRACE_JSON_READ_H
#define OVLTRACE_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_UNSIGNED, /* u */
	JSON_NEGATIVE, /* u is the two's complement */
	JSON_REAL, /* has a fraction or an exponent, or fits nowhere */
	JSON_STRING, /* s, len: UTF-8, unescaped; not NUL ended */
};

struct json_value {
	enum json_type type;
	uint64_t u;
	char *s;
	size_t len;
};

/* key: of the member, klen 0 in an array. False ends the parse. */
struct json_read_ops {
	bool (*open)(void *ctx, const char *key, size_t klen, bool array);
	void (*close)(void *ctx);
	bool (*value)(void *ctx, const char *key, size_t klen, const struct json_value *v);
};

struct json_read;

/* NULL if out of memory. */
struct json_read *json_read__new(const struct json_read_ops *ops, void *ctx);
void json_read__free(struct json_read *r);
/*
 * Is text one valid JSON value, in valid UTF-8, nested at most 32 deep, and
 * did all callbacks return true? The strings stay until the next text or
 * until the caller changes the old one. They, and the one byte after each,
 * are the caller's to overwrite when this has returned. 0, -EINVAL or -ENOMEM.
 */
int json_read__parse(struct json_read *r, char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
