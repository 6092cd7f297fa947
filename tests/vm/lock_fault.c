// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plants the fault that the test of locks must notice: a program at a call site,
 * where a kprobe is an int3, updates a hash map whose lock is taken elsewhere, too.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	PMU_KPROBE = 6, /* /sys/bus/event_source/devices/kprobe/type, mostly */
	FAR = 64, /* an instruction begins within so many bytes */
};

static int pmu_type(void)
{
	FILE *f = fopen("/sys/bus/event_source/devices/kprobe/type", "r");
	int type;

	if (!f || fscanf(f, "%d", &type) != 1)
		type = PMU_KPROBE;
	if (f)
		fclose(f);
	return type;
}

/* Updates the map's one element. */
static int load(int map)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -8 },
		{ .code = BPF_LD | BPF_IMM | BPF_DW,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_update_elem },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_KPROBE, "fault", "GPL", insns,
			     sizeof(insns) / sizeof(insns[0]), NULL);
}

/* Within the function: at its entry the probe may be one of ftrace. */
static int probe_inside(const char *func)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .type = pmu_type() };
	int offset, fd;

	attr.kprobe_func = (__u64)(unsigned long)func;
	for (offset = 12; offset < FAR; offset++) {
		attr.probe_offset = offset;
		fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

int main(void)
{
	__u64 key = 0, value = 0;
	int map = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "fault", 8, 8, 16, NULL), prog, event, i;
	struct stat st;

	/* the lock is used, outside of any NMI */
	if (map < 0 || bpf_map_update_elem(map, &key, &value, BPF_ANY)) {
		perror("map");
		return 1;
	}
	prog = load(map);
	event = probe_inside("vfs_statx");
	if (prog < 0 || event < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, prog) ||
	    ioctl(event, PERF_EVENT_IOC_ENABLE, 0)) {
		perror("probe");
		return 1;
	}
	for (i = 0; i < 3; i++)
		if (stat("/", &st))
			return 1;
	return 0;
}
