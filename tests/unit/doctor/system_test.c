// SPDX-License-Identifier: GPL-2.0-only
/* A system, read from invented files under a root directory of their own. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "doctor/system.h"
#include "test.h"

static char root[64];

static void path_in(char *full, size_t size, const char *path)
{
	char *p;

	snprintf(full, size, "%s%s", root, path);
	for (p = full + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		mkdir(full, 0755);
	}
}

static void file(const char *path, const char *text)
{
	char full[256];
	FILE *f;

	path_in(full, sizeof(full), path);
	f = fopen(full, "w");
	if (!CHECK(f))
		return;
	fputs(text, f);
	fclose(f);
}

static void begin(void)
{
	strcpy(root, "/tmp/ovltrace-system.XXXXXX");
	CHECK(mkdtemp(root));
}

static struct system end(void)
{
	struct system s;
	char command[128];

	system__read(&s, root, "6.12.0-test");
	snprintf(command, sizeof(command), "rm -r '%s'", root);
	CHECK_EQ(system(command), 0);
	return s;
}

static void nothing_is_there(void)
{
	struct system s;
	int i;

	begin();
	s = end();
	for (i = 0; i < SYSTEM_CAPS; i++)
		CHECK_EQ(s.cap[i], TRISTATE_UNKNOWN);
	for (i = 0; i < SYSTEM_CONFIGS; i++)
		CHECK_EQ(s.config[i], TRISTATE_UNKNOWN);
	CHECK_EQ(s.initial_user_ns, TRISTATE_UNKNOWN);
	CHECK_EQ(s.seccomp, TRISTATE_UNKNOWN);
	CHECK_EQ(s.btf_vmlinux, TRISTATE_UNKNOWN);
	CHECK_EQ(s.procfs, TRISTATE_NO);
	CHECK_EQ(s.sysfs, TRISTATE_NO);
	CHECK_EQ(s.lockdown, LOCKDOWN_UNKNOWN);
	CHECK_EQ(s.kprobes, KPROBES_UNKNOWN);
	CHECK_EQ(s.overlay, OVERLAY_UNKNOWN);
	CHECK_EQ(s.kptr_restrict, SYSTEM_UNKNOWN);
	CHECK_EQ(s.perf_event_paranoid, SYSTEM_UNKNOWN);
	CHECK_EQ(s.ftrace_enabled, SYSTEM_UNKNOWN);
	CHECK(!lockdown__name(s.lockdown) && !kprobes__name(s.kprobes));
	CHECK_STR(system_overlay__name(s.overlay), "unknown");
	CHECK(s.machine[0]);
}

static void all_is_there(void)
{
	struct system s;

	begin();
	file("/proc/self/status", "Name:\tx\nCapInh:\t000001ffffffffff\nCapEff:\t000000c000200000\n"
				  "Seccomp:\t2\n");
	file("/proc/self/uid_map", "         0     100000      65536\n");
	file("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	file("/proc/cmdline", "quiet lockdown=confidentiality\n");
	file("/sys/bus/event_source/devices/kprobe/type", "8\n");
	file("/sys/kernel/debug/kprobes/enabled", "0\n");
	file("/proc/filesystems", "nodev\tsysfs\nnodev\toverlay\n");
	file("/proc/modules", "overlay 208896 0 - Live 0x0000000000000000\n");
	file("/proc/sys/kernel/perf_event_paranoid", "-1\n");
	file("/proc/sys/kernel/kptr_restrict", "2\n");
	file("/proc/sys/kernel/unprivileged_bpf_disabled", "1\n");
	file("/proc/sys/kernel/ftrace_enabled", "1\n");
	file("/sys/kernel/btf/vmlinux", "");
	file("/boot/config-6.12.0-test",
	     "CONFIG_BPF_SYSCALL=y\nCONFIG_OVERLAY_FS=m\n"
	     "# CONFIG_KPROBE_EVENTS is not set\nCONFIG_DEBUG_INFO_BTF_MODULES=y\n");
	s = end();
	CHECK_EQ(s.cap[SYSTEM_CAP_BPF], TRISTATE_YES);
	CHECK_EQ(s.cap[SYSTEM_CAP_PERFMON], TRISTATE_YES);
	CHECK_EQ(s.cap[SYSTEM_CAP_SYS_ADMIN], TRISTATE_YES);
	CHECK_EQ(s.cap[SYSTEM_CAP_SYSLOG], TRISTATE_NO);
	CHECK_EQ(s.seccomp, TRISTATE_YES);
	CHECK_EQ(s.initial_user_ns, TRISTATE_NO);
	CHECK_EQ(s.procfs, TRISTATE_YES);
	CHECK_EQ(s.sysfs, TRISTATE_YES);
	CHECK_EQ(s.lockdown, LOCKDOWN_INTEGRITY);
	CHECK_EQ(s.kprobes, KPROBES_OFF);
	CHECK_EQ(s.overlay, OVERLAY_MODULE);
	CHECK_EQ(s.perf_event_paranoid, -1);
	CHECK_EQ(s.kptr_restrict, 2);
	CHECK_EQ(s.unprivileged_bpf_disabled, 1);
	CHECK_EQ(s.ftrace_enabled, 1);
	CHECK_EQ(s.btf_vmlinux, TRISTATE_YES);
	CHECK_EQ(s.btf_overlay, TRISTATE_NO);
	CHECK_EQ(s.config[CONFIG_HAS_BPF], TRISTATE_YES);
	CHECK_EQ(s.config[CONFIG_HAS_OVERLAY], TRISTATE_YES);
	CHECK_EQ(s.config[CONFIG_HAS_KPROBES], TRISTATE_NO);
	/* its longer namesake is there, and it is not */
	CHECK_EQ(s.config[CONFIG_HAS_BTF], TRISTATE_NO);
	CHECK_EQ(s.config[CONFIG_HAS_MODULE_BTF], TRISTATE_YES);
}

static void overlay_is(const char *filesystems, const char *modules, enum system_overlay want)
{
	struct system s;

	begin();
	file("/proc/filesystems", filesystems);
	if (modules)
		file("/proc/modules", modules);
	s = end();
	CHECK_EQ(s.overlay, want);
	CHECK_EQ(s.btf_overlay, TRISTATE_UNKNOWN); /* no /sys */
}

static void overlayfs(void)
{
	overlay_is("nodev\tsysfs\n\text4\n", "", OVERLAY_ABSENT);
	overlay_is("nodev\toverlay\n", NULL, OVERLAY_BUILTIN);
	overlay_is("nodev\toverlay\n", "ext4 1 0\n", OVERLAY_BUILTIN);
	/* another file system's name has it in it */
	overlay_is("nodev\tfuse-overlay\n", "overlayfoo 1 0\n", OVERLAY_ABSENT);
	overlay_is("", "", OVERLAY_ABSENT);
}

static void lockdown(void)
{
	static const struct {
		const char *file, *cmdline;
		enum lockdown want;
	} cases[] = {
		{ "[none] integrity confidentiality\n", "lockdown=integrity\n", LOCKDOWN_NONE },
		{ "none integrity [confidentiality]\n", "", LOCKDOWN_CONFIDENTIALITY },
		{ NULL, "quiet lockdown=confidentiality splash\n", LOCKDOWN_CONFIDENTIALITY },
		{ NULL, "lockdown=integrity\n", LOCKDOWN_INTEGRITY },
		{ NULL, "nolockdown=integrity\n", LOCKDOWN_UNKNOWN },
		{ "gibberish", "", LOCKDOWN_UNKNOWN },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		if (cases[i].file)
			file("/sys/kernel/security/lockdown", cases[i].file);
		file("/proc/cmdline", cases[i].cmdline);
		CHECK_EQ(end().lockdown, cases[i].want);
	}
}

static void kprobes(void)
{
	begin();
	file("/sys/bus/event_source/devices/software/type", "1\n");
	CHECK_EQ(end().kprobes, KPROBES_ABSENT);
	begin();
	file("/sys/bus/event_source/devices/kprobe/type", "8\n");
	CHECK_EQ(end().kprobes, KPROBES_ON);
	begin();
	file("/sys/bus/event_source/devices/kprobe/type", "8\n");
	file("/sys/kernel/debug/kprobes/enabled", "1\n");
	CHECK_EQ(end().kprobes, KPROBES_ON);
}

static void namespaces(void)
{
	begin();
	file("/proc/self/uid_map", "         0          0 4294967295\n");
	CHECK_EQ(end().initial_user_ns, TRISTATE_YES);
	begin();
	file("/proc/self/uid_map", "         0          0      65536\n");
	CHECK_EQ(end().initial_user_ns, TRISTATE_NO);
	begin();
	file("/proc/self/uid_map", "gibberish\n");
	CHECK_EQ(end().initial_user_ns, TRISTATE_UNKNOWN);
}

static void compressed_config(void)
{
	char full[256];
	struct system s;
	gzFile f;

	begin();
	path_in(full, sizeof(full), "/proc/config.gz");
	f = gzopen(full, "wb");
	gzputs(f, "CONFIG_KPROBE_EVENTS=y\n# CONFIG_OVERLAY_FS is not set\n");
	gzclose(f);
	s = end();
	CHECK_EQ(s.config[CONFIG_HAS_KPROBES], TRISTATE_YES);
	CHECK_EQ(s.config[CONFIG_HAS_OVERLAY], TRISTATE_NO);
	/* truncated: unknown, not no */
	begin();
	path_in(full, sizeof(full), "/proc/config.gz");
	f = gzopen(full, "wb");
	gzputs(f, "CONFIG_KPROBE_EVENTS=y\n");
	gzclose(f);
	CHECK_EQ(truncate(full, 14), 0);
	CHECK_EQ(end().config[CONFIG_HAS_OVERLAY], TRISTATE_UNKNOWN);
}

int main(void)
{
	TEST(nothing_is_there);
	TEST(all_is_there);
	TEST(overlayfs);
	TEST(lockdown);
	TEST(kprobes);
	TEST(namespaces);
	TEST(compressed_config);
	return test_done();
}
