/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_TEXT_H
#define OVLTRACE_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* Writes untrusted bytes, and escapes those that could control a terminal. */
void text__bytes(FILE *f, const char *bytes, size_t len);

#endif
