// SPDX-License-Identifier: GPL-2.0-only
#include "util/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/text.h"

static bool verbose;

void log__set_verbose(void)
{
	verbose = true;
}

bool log__is_verbose(void)
{
	return verbose;
}

/* Messages quote names, recordings and the kernel's log: no byte of these may act on a terminal. */
static void message(const char *fmt, va_list ap)
{
	char *text;
	int len = vasprintf(&text, fmt, ap);

	if (len < 0) {
		fputs("out of memory\n", stderr);
		return;
	}
	text__message(stderr, text, len);
	fputc('\n', stderr);
	free(text);
}

void log__lines(const char *fmt, va_list ap)
{
	char *text, *at;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	for (at = text; *at; at += strspn(at, "\n")) {
		size_t len = strcspn(at, "\n");

		text__message(stderr, at, len);
		fputc('\n', stderr);
		at += len;
	}
	free(text);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	fputs("ovltrace: ", stderr);
	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
}

void debug(const char *fmt, ...)
{
	struct timespec ts;
	va_list ap;

	if (!verbose)
		return;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	fprintf(stderr, "ovltrace: [%lld.%03ld] ", (long long)ts.tv_sec, ts.tv_nsec / 1000000);
	va_start(ap, fmt);
	message(fmt, ap);
	va_end(ap);
}

const char *quoted(const char *s)
{
	static char buf[1024];
	FILE *f = fmemopen(buf, sizeof(buf) - 1, "w");

	if (!f)
		return "?";
	text__bytes(f, s, strnlen(s, 200));
	fputc(0, f);
	fclose(f);
	return buf;
}
