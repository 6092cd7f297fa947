// SPDX-License-Identifier: GPL-2.0-only
#include "doctor/system.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

enum {
	LINE = 4096,
};

/* Bits of CapEff, include/uapi/linux/capability.h; older headers lack the last two. */
static const struct {
	const char *name;
	int bit;
} caps[SYSTEM_CAPS] = {
	[SYSTEM_CAP_SYS_ADMIN] = { "CAP_SYS_ADMIN", 21 },
	[SYSTEM_CAP_SYSLOG] = { "CAP_SYSLOG", 34 },
	[SYSTEM_CAP_PERFMON] = { "CAP_PERFMON", 38 },
	[SYSTEM_CAP_BPF] = { "CAP_BPF", 39 },
};

static const char *const configs[SYSTEM_CONFIGS] = {
	[CONFIG_HAS_BPF] = "CONFIG_BPF_SYSCALL",
	[CONFIG_HAS_KPROBES] = "CONFIG_KPROBE_EVENTS",
	[CONFIG_HAS_BTF] = "CONFIG_DEBUG_INFO_BTF",
	[CONFIG_HAS_MODULE_BTF] = "CONFIG_DEBUG_INFO_BTF_MODULES",
	[CONFIG_HAS_OVERLAY] = "CONFIG_OVERLAY_FS",
};

static FILE *open_in(const char *root, const char *path)
{
	char full[LINE];

	snprintf(full, sizeof(full), "%s%s", root, path);
	return fopen(full, "re");
}

static enum tristate exists(const char *root, const char *path)
{
	char full[LINE];

	snprintf(full, sizeof(full), "%s%s", root, path);
	if (!access(full, F_OK))
		return TRISTATE_YES;
	return errno == ENOENT ? TRISTATE_NO : TRISTATE_UNKNOWN;
}

/* The first line, without its end. */
static bool read_line(const char *root, const char *path, char *line)
{
	FILE *f = open_in(root, path);
	bool got;

	if (!f)
		return false;
	got = fgets(line, LINE, f) != NULL;
	fclose(f);
	if (got)
		line[strcspn(line, "\n")] = 0;
	return got;
}

static int read_number(const char *root, const char *path)
{
	char line[LINE], *end;
	long v;

	if (!read_line(root, path, line))
		return SYSTEM_UNKNOWN;
	v = strtol(line, &end, 10);
	return end == line ? SYSTEM_UNKNOWN : (int)v;
}

/* Does a line of the file hold the word, between blanks? */
static enum tristate has_word(const char *root, const char *path, const char *word)
{
	enum tristate found = TRISTATE_NO;
	char line[LINE], *save, *w;
	FILE *f = open_in(root, path);

	if (!f)
		return TRISTATE_UNKNOWN;
	while (found == TRISTATE_NO && fgets(line, sizeof(line), f))
		for (w = strtok_r(line, " \t\n", &save); w; w = strtok_r(NULL, " \t\n", &save))
			if (!strcmp(w, word))
				found = TRISTATE_YES;
	fclose(f);
	return found;
}

static void read_privileges(struct system *s, const char *root)
{
	FILE *f = open_in(root, "/proc/self/status");
	unsigned long long from, to, n, bits;
	char line[LINE];
	int i, mode;

	s->uid = geteuid();
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "CapEff: %llx", &bits) == 1)
			for (i = 0; i < SYSTEM_CAPS; i++)
				s->cap[i] = bits >> caps[i].bit & 1 ? TRISTATE_YES : TRISTATE_NO;
		else if (sscanf(line, "Seccomp: %d", &mode) == 1)
			s->seccomp = mode ? TRISTATE_YES : TRISTATE_NO;
	}
	if (f)
		fclose(f);
	/* only the initial namespace maps all of 32 bits onto itself */
	if (read_line(root, "/proc/self/uid_map", line) &&
	    sscanf(line, "%llu %llu %llu", &from, &to, &n) == 3)
		s->initial_user_ns = !from && !to && n == 4294967295ULL ? TRISTATE_YES :
									  TRISTATE_NO;
}

/* "none [integrity] confidentiality"; needs securityfs. Else the command line may say it. */
static enum lockdown read_lockdown(const char *root)
{
	char line[LINE];

	if (read_line(root, "/sys/kernel/security/lockdown", line)) {
		if (strstr(line, "[none]"))
			return LOCKDOWN_NONE;
		if (strstr(line, "[integrity]"))
			return LOCKDOWN_INTEGRITY;
		if (strstr(line, "[confidentiality]"))
			return LOCKDOWN_CONFIDENTIALITY;
	}
	if (has_word(root, "/proc/cmdline", "lockdown=confidentiality") == TRISTATE_YES)
		return LOCKDOWN_CONFIDENTIALITY;
	if (has_word(root, "/proc/cmdline", "lockdown=integrity") == TRISTATE_YES)
		return LOCKDOWN_INTEGRITY;
	return LOCKDOWN_UNKNOWN;
}

static enum kprobes read_kprobes(const char *root)
{
	switch (exists(root, "/sys/bus/event_source/devices/kprobe/type")) {
	case TRISTATE_NO:
		return exists(root, "/sys/bus/event_source/devices") == TRISTATE_YES ?
			       KPROBES_ABSENT :
			       KPROBES_UNKNOWN;
	case TRISTATE_YES:
		/* only root can read it, and only where debugfs is mounted */
		return read_number(root, "/sys/kernel/debug/kprobes/enabled") == 0 ? KPROBES_OFF :
										     KPROBES_ON;
	default:
		return KPROBES_UNKNOWN;
	}
}

static enum system_overlay read_overlay(const char *root)
{
	switch (has_word(root, "/proc/filesystems", "overlay")) {
	case TRISTATE_NO:
		return OVERLAY_ABSENT;
	case TRISTATE_YES:
		/* a built-in one has this directory too, but no such file in it */
		if (exists(root, "/sys/module/overlay/initstate") == TRISTATE_YES ||
		    has_word(root, "/proc/modules", "overlay") == TRISTATE_YES)
			return OVERLAY_MODULE;
		return OVERLAY_BUILTIN;
	default:
		return OVERLAY_UNKNOWN;
	}
}

/* zlib reads a file that is not compressed as it is */
static void read_config(struct system *s, const char *root, const char *release)
{
	char path[LINE], line[LINE];
	gzFile f;
	int i;

	snprintf(path, sizeof(path), "%s/proc/config.gz", root);
	f = gzopen(path, "rbe");
	if (!f) {
		snprintf(path, sizeof(path), "%s/boot/config-%s", root, release);
		f = gzopen(path, "rbe");
	}
	if (!f)
		return;
	for (i = 0; i < SYSTEM_CONFIGS; i++)
		s->config[i] = TRISTATE_NO;
	while (gzgets(f, line, sizeof(line)))
		for (i = 0; i < SYSTEM_CONFIGS; i++) {
			size_t n = strlen(configs[i]);

			if (!strncmp(line, configs[i], n) && line[n] == '=' &&
			    (line[n + 1] == 'y' || line[n + 1] == 'm'))
				s->config[i] = TRISTATE_YES;
		}
	/* a damaged or truncated file says nothing about the configuration */
	i = gzeof(f);
	if (gzclose(f) != Z_OK || !i)
		memset(s->config, 0, sizeof(s->config));
}

void system__read(struct system *s, const char *root, const char *release)
{
	struct utsname un;

	memset(s, 0, sizeof(*s));
	if (!uname(&un))
		snprintf(s->machine, sizeof(s->machine), "%s", un.machine);
	s->procfs = exists(root, "/proc/self");
	s->sysfs = exists(root, "/sys/kernel");
	read_privileges(s, root);
	s->lockdown = read_lockdown(root);
	s->kprobes = read_kprobes(root);
	s->overlay = read_overlay(root);
	s->perf_event_paranoid = read_number(root, "/proc/sys/kernel/perf_event_paranoid");
	s->kptr_restrict = read_number(root, "/proc/sys/kernel/kptr_restrict");
	s->unprivileged_bpf_disabled =
		read_number(root, "/proc/sys/kernel/unprivileged_bpf_disabled");
	s->ftrace_enabled = read_number(root, "/proc/sys/kernel/ftrace_enabled");
	if (s->sysfs == TRISTATE_YES)
		s->btf_vmlinux = exists(root, "/sys/kernel/btf/vmlinux");
	if (s->overlay == OVERLAY_MODULE && s->sysfs == TRISTATE_YES)
		s->btf_overlay = exists(root, "/sys/kernel/btf/overlay");
	read_config(s, root, release);
}

const char *system_cap__name(enum system_cap cap)
{
	return caps[cap].name;
}

const char *system_config__name(enum system_config c)
{
	return configs[c];
}

const char *lockdown__name(enum lockdown l)
{
	static const char *const names[] = { NULL, "none", "integrity", "confidentiality" };

	return names[l];
}

const char *kprobes__name(enum kprobes k)
{
	static const char *const names[] = { NULL, "absent", "off", "on" };

	return names[k];
}

const char *system_overlay__name(enum system_overlay o)
{
	static const char *const names[] = { "unknown", "absent", "builtin", "module" };

	return names[o];
}
