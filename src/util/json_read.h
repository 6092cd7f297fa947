/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parses one JSON text and reports each value to callbacks, without a DOM. The
 * parser is Boost.JSON's. This header hides its C++.
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
	JSON_REAL, /* has a fraction or an exponent, or does not fit into 64 bits */
	JSON_STRING, /* s, len: UTF-8, unescaped; not ended by NUL */
};

struct json_value {
	enum json_type type;
	uint64_t u;
	char *s;
	size_t len;
};

/* key: of the member; klen is 0 in an array. A callback that returns false ends the parse. */
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
 * Returns 0 if text is one valid JSON value in valid UTF-8, nested at most 32 deep,
 * and all callbacks returned true; else -EINVAL or -ENOMEM. Strings are valid until
 * the next parse, or until the caller changes text. After the return, the caller may
 * overwrite them and the byte after each.
 */
int json_read__parse(struct json_read *r, char *text, size_t len);

#ifdef __cplusplus
}
#endif

#endif
