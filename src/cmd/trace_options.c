// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/trace_options.h"

static const struct {
	const char *name, *text;
} kinds[] = {
	{ WITHOUT_SITES, "kprobes on call instructions inside a function" },
	{ WITHOUT_KPROBES, "kprobes and kretprobes of any kind" },
	{ WITHOUT_TRAMPOLINES, "fentry and fexit programs" },
};

const char *trace_options__without(size_t i, const char **text)
{
	if (i >= sizeof(kinds) / sizeof(kinds[0]))
		return NULL;
	*text = kinds[i].text;
	return kinds[i].name;
}
