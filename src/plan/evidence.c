// SPDX-License-Identifier: GPL-2.0-only
#include "plan/evidence.h"

#include <stdarg.h>
#include <stdio.h>

void evidence__set(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, size, fmt, ap);
	va_end(ap);
}
