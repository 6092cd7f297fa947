// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/trace_options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/log.h"

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

bool trace_options__pids(const struct option_list *list, uint32_t pids[OPTION_MAX_VALUES])
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		pids[i] = (uint32_t)strtoul(list->v[i], NULL, 10);
		if (!kill((pid_t)pids[i], 0) || errno != ESRCH)
			continue;
		complain("option '--pid' '%u': there is no such process", pids[i]);
		return false;
	}
	return true;
}

int trace_options__follow(struct follow_probe **p, const uint32_t *pids, size_t n,
			  struct dirstat_probe_opts *opts, char why[256])
{
	int err;

	/* a plan that is made again keeps them */
	if (!*p && n) {
		err = follow_probe__new(p, why);
		if (err)
			return err;
		err = follow_probe__gather(*p, pids, n);
		if (err) {
			snprintf(why, 256, "the descendants of a process cannot be followed: %s",
				 strerror(-err));
			return err;
		}
	}
	if (!*p)
		return 0;
	opts->members = follow_probe__map(*p);
	opts->trees = OVLF_PIDS;
	return 0;
}
