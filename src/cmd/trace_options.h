/* SPDX-License-Identifier: GPL-2.0-only */
/* What run and top share: options, as rows of their tables, and the values of --without. */
#ifndef OVLTRACE_TRACE_OPTIONS_H
#define OVLTRACE_TRACE_OPTIONS_H

#include <stddef.h>

#include "cmd/options.h"
#include "probe/dirstat_probe.h"
#include "probe/follow_probe.h"
#include "record/task_filter.h"

#define WITHOUT_SITES "call-site"
#define WITHOUT_KPROBES "kprobe"
#define WITHOUT_TRAMPOLINES "trampoline"

const char *trace_options__without(size_t i, const char **text);

#define TRACE_OPTION_MOUNT(opts)                                                     \
	{                                                                            \
		.name = "mount", .type = OPTION_DIRS, .arg = "PATH",                 \
		.help = "trace only the overlay mount that PATH is on (repeatable)", \
		.details = "PATH is a directory. Up to 16 mounts can be given.",     \
		.offset = offsetof(opts, mounts)                                     \
	}

/* Whose rebuilds are wanted: three rows. */
#define TRACE_OPTIONS_TASKS(opts, what)                                                            \
	{ .name = "cgroup",                                                                        \
	  .type = OPTION_WORDS,                                                                    \
	  .arg = "CGROUP",                                                                         \
	  .help = what " tasks in CGROUP or below it (repeatable)",                                \
	  .details = "CGROUP is a path of the unified hierarchy, as /proc/PID/cgroup shows it.",   \
	  .offset = offsetof(opts, cgroups) },                                                     \
		{ .name = "container",                                                             \
		  .type = OPTION_WORDS,                                                            \
		  .arg = "NAME",                                                                   \
		  .help = what " tasks in container, pod or unit NAME (repeatable)",               \
		  .details = "NAME is an id of docker, podman, containerd or CRI-O, or its first " \
			     "four digits or more; the uid of a Kubernetes pod; the name of an "   \
			     "LXC or nspawn container; or a systemd unit. It is read from the "    \
			     "paths of cgroups, so names that users give to containers are not "   \
			     "known.",                                                             \
		  .offset = offsetof(opts, containers) },                                          \
	{                                                                                          \
		.name = "comm", .type = OPTION_WORDS, .arg = "NAME",                               \
		.help = what " tasks whose thread name is NAME (repeatable)",                      \
		.offset = offsetof(opts, comms)                                                    \
	}

#define TRACE_OPTION_PID(opts, what)                                                          \
	{                                                                                     \
		.name = "pid", .type = OPTION_PIDS, .arg = "PID",                             \
		.help = what " process PID and its descendants (repeatable)",                 \
		.details = "All threads are included, and what the processes fork later. Up " \
			   "to 64 processes can be given.",                                   \
		.offset = offsetof(opts, pids)                                                \
	}

/* Their numbers. False, after one line: one does not exist. */
bool trace_options__pids(const struct option_list *list, uint32_t pids[OPTION_MAX_VALUES]);
/*
 * Follows them and their descendants: members and trees of opts. Does nothing if there are
 * none. The caller owns *p. Returns 0 or -errno with a reason in why.
 */
int trace_options__follow(struct follow_probe **p, const uint32_t *pids, size_t n,
			  struct dirstat_probe_opts *opts, char why[256]);

/* The lists of those three. */
struct task_filter trace_options__filter(const struct option_list *comms,
					 const struct option_list *cgroups,
					 const struct option_list *containers);

#define TRACE_OPTION_WITHOUT(opts)                                                           \
	{                                                                                    \
		.name = "without", .type = OPTION_CHOICES, .arg = "WHAT",                    \
		.help = "do not use probes of kind WHAT (repeatable)",                       \
		.details = "This shows what could be seen on a kernel without such probes.", \
		.offset = offsetof(opts, without), .value = trace_options__without           \
	}

#define TRACE_OPTION_BTF(opts)                                                                 \
	{                                                                                      \
		.name = "btf", .type = OPTION_FILE, .arg = "FILE",                             \
		.help = "read the types of overlayfs from FILE (BTF, or ELF with BTF)",        \
		.details = "Use it for a module whose BTF was stripped; an overlay.ko of the " \
			   "same build will do.",                                              \
		.offset = offsetof(opts, btf)                                                  \
	}

#define TRACE_OPTION_USER(opts)                                                        \
	{                                                                              \
		.name = "user", .type = OPTION_USER, .arg = "NAME",                    \
		.help = "continue as user NAME when the probes are attached",          \
		.details = "NAME, or a number, is that of a user in /etc/passwd. The " \
			   "capabilities that a trace needs are kept.",                \
		.offset = offsetof(opts, user)                                         \
	}

#define TRACE_OPTION_KEEP(opts)                                                           \
	{                                                                                 \
		.name = "keep-privileges", .type = OPTION_FLAG,                           \
		.help = "do not give up privileges when the probes are attached",         \
		.details = "By default most capabilities are given up, and system calls " \
			   "that a trace does not need fail.",                            \
		.offset = offsetof(opts, keep_privileges)                                 \
	}

/* What top and slow share. */
#define TRACE_OPTION_DURATION(opts)                                                          \
	{                                                                                    \
		.name = "duration", .letter = 'd', .type = OPTION_SECONDS, .arg = "SECONDS", \
		.help = "stop after SECONDS", .offset = offsetof(opts, seconds)              \
	}

#define TRACE_OPTIONS_PROBES(opts)                                                    \
	TRACE_OPTION_MOUNT(opts), TRACE_OPTION_WITHOUT(opts), TRACE_OPTION_BTF(opts), \
		TRACE_OPTION_USER(opts), TRACE_OPTION_KEEP(opts)

#endif
