/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages on standard error, for every room that may do input and output. */
#ifndef OVLTRACE_LOG_H
#define OVLTRACE_LOG_H

/* Writes "ovltrace: ..." and a newline. */
__attribute__((format(printf, 1, 2))) void complain(const char *fmt, ...);
/* The same with the time (CLOCK_MONOTONIC), if OVLTRACE_DEBUG is set. */
__attribute__((format(printf, 1, 2))) void debug(const char *fmt, ...);
/* Escapes untrusted text for a message, at most 200 bytes of it. Returns a static buffer. */
const char *quoted(const char *s);

#endif
