/* SPDX-License-Identifier: GPL-2.0-only */
/* A line of /proc/kallsyms. */
#ifndef OVLTRACE_KSYM_LINE_H
#define OVLTRACE_KSYM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ksym_line {
	uint64_t addr;
	char type;
	char *name, *module; /* module: "[overlay]", NULL in the kernel itself */
};

/* "ffffffff81000000 T name\t[module]"; text ends with 0 after len bytes, and is changed. */
static inline bool ksym_line__parse(char *text, size_t len, struct ksym_line *l)
{
	char *p = text;

	/* parsed by hand: this is the largest part of our own start-up time */
	for (l->addr = 0; (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f'); p++)
		l->addr = l->addr << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	if (p == text || p[0] != ' ' || !p[1] || p[2] != ' ')
		return false;
	l->type = p[1];
	l->name = p + 3;
	if (text[len - 1] == '\n')
		text[len - 1] = 0;
	l->module = strchr(l->name, '\t');
	if (l->module)
		*l->module++ = 0;
	return true;
}

enum {
	KSYM_PADDING_PREFIX = 6, /* characters of __pfx_ and __cfi_ */
};

/*
 * What lies right before a function: room to patch (__pfx_NAME), with kCFI also
 * the hash of its type (__cfi_NAME).
 */
static inline bool ksym_name__is_padding(const char *name)
{
	return *name == '_' && (!strncmp(name, "__pfx_", KSYM_PADDING_PREFIX) ||
				!strncmp(name, "__cfi_", KSYM_PADDING_PREFIX));
}

#endif
