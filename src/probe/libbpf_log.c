// SPDX-License-Identifier: GPL-2.0-only
#include "probe/libbpf_log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>

#include "util/log.h"

static int print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	return log__is_verbose() ? vfprintf(stderr, fmt, ap) : 0;
}

void libbpf_log__init(void)
{
	libbpf_set_print(print);
}
