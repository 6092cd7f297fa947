// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kprobes by address, through perf_event_open().
 *
 * bpf_program__attach_kprobe_opts() of libbpf 1.1 takes a function's name and an
 * offset, and the kernel looks the name up again. That is not what the plan
 * decided on:
 *
 * - A static function's name may stand for several functions, and a module's
 *   symbol for one of the kernel's. Kernels before 6.6 take the first of them;
 *   6.6 and stable kernels with its commit b022f0c7e404 ("tracing/kprobes:
 *   Return EADDRNOTAVAIL when func matches several symbols") refuse the name.
 * - Without the kprobe PMU libbpf falls back to tracefs' kprobe_events, which
 *   stay when the process is killed.
 */
#include "probe/kprobe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PMU "/sys/bus/event_source/devices/kprobe/"
#define WHY(...) snprintf(why, 256, __VA_ARGS__)

/* Reads an attribute of the kprobe PMU: its type, or the bit for kretprobes. */
static int pmu_read(const char *file, const char *fmt, int *value)
{
	FILE *f = fopen(file, "re");
	int n;

	if (!f)
		return -errno;
	n = fscanf(f, fmt, value);
	fclose(f);
	return n == 1 ? 0 : -EINVAL;
}

bool kprobe__available(void)
{
	return !access(PMU "type", R_OK);
}

int kprobe__check(bool needed, char why[256])
{
	struct perf_event_attr attr = { .size = sizeof(attr), .type = PERF_TYPE_SOFTWARE };
	int on, fd, err;

	if (!needed)
		return 0;
	if (access("/sys/bus/event_source/devices", F_OK)) {
		WHY("/sys is not mounted; mount -t sysfs sysfs /sys");
		return -ENOENT;
	}
	if (!kprobe__available()) {
		WHY("it has no kprobes; use 'ovltrace audit', which does not need them, or boot a "
		    "kernel with CONFIG_KPROBE_EVENTS (Debian's have it)");
		return -EOPNOTSUPP;
	}
	if (!pmu_read("/sys/kernel/debug/kprobes/enabled", "%d", &on) && !on) {
		WHY("kprobes are disabled; echo 1 > /sys/kernel/debug/kprobes/enabled");
		return -EOPNOTSUPP;
	}
	if (!pmu_read("/proc/sys/kernel/ftrace_enabled", "%d", &on) && !on) {
		WHY("kernel.ftrace_enabled is 0, so probes at function entries never fire; sysctl "
		    "kernel.ftrace_enabled=1");
		return -EOPNOTSUPP;
	}
	attr.config = PERF_COUNT_SW_DUMMY;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	err = fd < 0 ? -errno : 0;
	if (err)
		WHY("perf_event_open fails: %s; run as root (needs CAP_PERFMON and "
		    "CAP_SYS_ADMIN)",
		    strerror(-err));
	else
		close(fd);
	return err;
}

static int open_event(uint64_t addr, bool at_return)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	int type, bit, err, fd;

	err = pmu_read(PMU "type", "%d", &type);
	if (!err)
		err = pmu_read(PMU "format/retprobe", "config:%d", &bit);
	if (err)
		return err;
	attr.type = type;
	if (at_return)
		attr.config |= 1ULL << bit;
	attr.kprobe_func = 0;
	attr.kprobe_addr = addr;
	fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int kprobe__attach(struct bpf_link **link, struct bpf_program *prog, const struct kprobe_at *at)
{
	LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = at->cookie);
	int err, fd = open_event(at->addr, at->at_return);

	if (fd < 0)
		return fd;
	*link = bpf_program__attach_perf_event_opts(prog, fd, &opts);
	if (*link)
		return 0;
	err = -errno;
	close(fd);
	return err;
}

/* struct bpf_link_info of a kprobe, include/uapi/linux/bpf.h since 6.7 */
struct kprobe_link_info {
	__u32 type, id, prog_id, pad;
	__u32 event_type, pad2;
	__u64 func_name;
	__u32 name_len, offset;
	__u64 addr;
	__u64 missed;
};

uint64_t kprobe__missed(const struct bpf_link *link)
{
	struct kprobe_link_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = bpf_link__fd(link);

	if (bpf_obj_get_info_by_fd(fd, &info, &len) || len < sizeof(info) ||
	    info.type != BPF_LINK_TYPE_PERF_EVENT)
		return 0;
	return info.missed;
}
