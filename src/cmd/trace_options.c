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

static struct task_words words(const struct option_list *list)
{
	return (struct task_words){ .v = list->v, .n = list->n };
}

struct task_filter trace_options__filter(const struct option_list *comms,
					 const struct option_list *cgroups,
					 const struct option_list *containers)
{
	return (struct task_filter){ .comms = words(comms),
				     .cgroups = words(cgroups),
				     .containers = words(containers) };
}
