/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages on standard error, for every room that may do input and output. */
#ifndef OVLTRACE_LOG_H
#define OVLTRACE_LOG_H

#include <stdarg.h>
#include <stdbool.h>

/* Writes "ovltrace: ..." and a newline. */
__attribute__((format(printf, 1, 2))) void complain(const char *fmt, ...);
/* The same with the time (CLOCK_MONOTONIC), after log__set_verbose(). */
__attribute__((format(printf, 1, 2))) void debug(const char *fmt, ...);
/* Writes what a library says, and keeps its lines. */
__attribute__((format(printf, 1, 0))) void log__lines(const char *fmt, va_list ap);
/* From now on debug() writes, as option -v asks. */
void log__set_verbose(void);
bool log__is_verbose(void);
/* Escapes untrusted text for a message, at most 200 bytes of it. Returns a static buffer. */
const char *quoted(const char *s);

#endif
