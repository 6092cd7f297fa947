/* SPDX-License-Identifier: GPL-2.0-only */
/* The line of a sample, its members, and the line read with a part of it changed. */
#ifndef OVLTRACE_TEST_LINE_H
#define OVLTRACE_TEST_LINE_H

#include "record/read.h"
#include "samples.h"

enum {
	LINE_MEMBERS = 4096,
	LINE_NAME = 40,
};

/* "key":value in a line; the comma that separates it is not part of it. */
struct member {
	char key[LINE_NAME];
	const struct member *in; /* the member whose value it is in, or NULL */
	size_t from, value, to;
};

struct line {
	char *text;
	size_t len;
	struct member member[LINE_MEMBERS];
	size_t n;
	size_t at; /* of the scan */
};

extern struct line line;

/* Sample n of a type as the line, and all members of it; false: there is none. */
bool line__make(enum record_type type, unsigned int n, struct ovl_record *rec);
/* Reads the line with `text` in place of the bytes from `from` to `to`. */
enum read_result line__read(size_t from, size_t to, const char *text, struct record_read *out);
/* Reads a text of its own. */
enum read_result line__read_text(const char *text, struct record_read *out);
void line__free(void);

#endif
