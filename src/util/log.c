// SPDX-License-Identifier: GPL-2.0-only
#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
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

void complain(const char *fmt, ...)
{
	va_list ap;

	fputs("ovltrace: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
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
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
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
