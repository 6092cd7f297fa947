/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must hold for every output, whatever was read. The oracles share no code with the
 * writers that they judge.
 */
#ifndef OVLTRACE_TEST_ORACLE_H
#define OVLTRACE_TEST_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

/* NULL, or the rule that the text violates. */

/* Valid UTF-8, no control character but the newline, and nothing invisible. */
const char *oracle__text(const char *s, size_t len);
/* The same, and one value of JSON (RFC 8259). */
const char *oracle__json(const char *s, size_t len);
/* The same, and each line is a value of JSON. */
const char *oracle__json_lines(const char *s, size_t len);
/* Text, and only our own elements and attributes; text has neither < nor a quote. */
const char *oracle__html(const char *s, size_t len);
/* Text, and each line is a comment or a sample with quoted labels. */
const char *oracle__metrics(const char *s, size_t len);

#endif
