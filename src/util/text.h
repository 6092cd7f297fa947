/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_TEXT_H
#define OVLTRACE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes untrusted bytes, and escapes those that could control a terminal. */
void text__bytes(FILE *f, const char *bytes, size_t len);
/* The same for a message of ours that may quote such bytes: a backslash stays as it is. */
void text__message(FILE *f, const char *bytes, size_t len);
/* A character as \xXX, \uXXXX or \UXXXXXXXX. */
void text__escaped(FILE *f, uint32_t cp);

#endif
