// SPDX-License-Identifier: GPL-2.0-only
#include "probe/libbpf_log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

static struct load_log load_log;

/* A warning with the verifier's log is of any length. */
static void warned(const char *fmt, va_list ap)
{
	char *message = NULL;

	if (vasprintf(&message, fmt, ap) < 0)
		return;
	load_log__add(&load_log, message);
	free(message);
}

static int print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	va_list copy;

	if (level == LIBBPF_WARN) {
		va_copy(copy, ap);
		warned(fmt, copy);
		va_end(copy);
	}
	if (log__is_verbose())
		log__lines(fmt, ap);
	return 0;
}

void libbpf_log__init(void)
{
	libbpf_set_print(print);
}

void libbpf_log__forget(void)
{
	memset(&load_log, 0, sizeof(load_log));
}

const struct load_log *libbpf_log__load(void)
{
	return &load_log;
}
