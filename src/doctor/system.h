/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What decides whether a system can be traced: privileges, settings, types,
 * configuration. Files are read below a root directory, so that tests can supply
 * their own. A file that cannot be read means unknown, not no.
 */
#ifndef OVLTRACE_SYSTEM_H
#define OVLTRACE_SYSTEM_H

#include <limits.h>
#include <stdint.h>

#include "util/tristate.h"

enum lockdown {
	LOCKDOWN_UNKNOWN,
	LOCKDOWN_NONE,
	LOCKDOWN_INTEGRITY, /* refuses nothing that is needed here */
	LOCKDOWN_CONFIDENTIALITY, /* refuses kprobes and BPF's reads of kernel memory */
};

enum kprobes {
	KPROBES_UNKNOWN,
	KPROBES_ABSENT, /* the kernel lacks them, or the PMU that creates them */
	KPROBES_OFF, /* they attach, and never fire */
	KPROBES_ON, /* as far as can be seen */
};

enum system_overlay {
	OVERLAY_UNKNOWN,
	OVERLAY_ABSENT, /* neither built in nor loaded */
	OVERLAY_BUILTIN,
	OVERLAY_MODULE,
};

enum system_cap {
	SYSTEM_CAP_SYS_ADMIN,
	SYSTEM_CAP_SYSLOG,
	SYSTEM_CAP_PERFMON,
	SYSTEM_CAP_BPF,
	SYSTEM_CAPS,
};

/* Hints only: the configuration that is found may be another kernel's. */
enum system_config {
	CONFIG_HAS_BPF,
	CONFIG_HAS_KPROBES,
	CONFIG_HAS_BTF,
	CONFIG_HAS_MODULE_BTF,
	CONFIG_HAS_OVERLAY, /* built in or as a module */
	SYSTEM_CONFIGS,
};

enum {
	SYSTEM_UNKNOWN = INT_MIN, /* of a number */
};

struct system {
	char machine[65];
	int uid;
	enum tristate cap[SYSTEM_CAPS];
	enum tristate initial_user_ns; /* capabilities in another one count there only */
	enum tristate seccomp; /* a filter is in force: it may refuse bpf() */
	enum tristate procfs, sysfs; /* mounted */
	enum lockdown lockdown;
	enum kprobes kprobes;
	enum system_overlay overlay;
	int perf_event_paranoid, kptr_restrict, unprivileged_bpf_disabled, ftrace_enabled;
	enum tristate btf_vmlinux, btf_overlay; /* overlay: of a loaded module */
	enum tristate config[SYSTEM_CONFIGS];
};

/* root: "" for this system; machine and uid are always this system's */
void system__read(struct system *s, const char *root, const char *release);

const char *system_cap__name(enum system_cap cap);
const char *system_config__name(enum system_config c);
const char *lockdown__name(enum lockdown l); /* NULL: unknown */
const char *kprobes__name(enum kprobes k);
const char *system_overlay__name(enum system_overlay o);

#endif
