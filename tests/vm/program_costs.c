// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked over libbpf's loader with --wrap: what each BPF program costs to verify and to
 * keep. A line for each that was loaded is added to the file that PROGRAM_COSTS names:
 *
 *	OBJECT PROGRAM VERIFIED INSTRUCTIONS JITED OWN_STACK LARGEST_STACK NANOSECONDS
 *
 * VERIFIED is how many instructions the verifier followed. JITED is in bytes, the stack of
 * the program and the largest one of its functions, too. The time is the verifier's.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LOG_STATS = 4, /* include/linux/bpf_verifier.h: BPF_LOG_STATS */
	LOG_BYTES = 4096,
	MAX_PROGRAMS = 128,
};

int __real_bpf_object__load_skeleton(struct bpf_object_skeleton *s);
int __wrap_bpf_object__load_skeleton(struct bpf_object_skeleton *s);

/* "stack depth 40+0+88": the program's own, then that of each of its functions. */
static void stack_depth(const char *log, unsigned long *own, unsigned long *largest)
{
	const char *at = strstr(log, "stack depth ");
	char *end;

	*own = *largest = 0;
	if (!at)
		return;
	*own = strtoul(at + strlen("stack depth "), &end, 10);
	while (*end == '+') {
		unsigned long depth = strtoul(end + 1, &end, 10);

		if (depth > *largest)
			*largest = depth;
	}
}

static void write_line(FILE *to, const char *object, const struct bpf_program *prog,
		       const char *log)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	const char *time = strstr(log, "verification time ");
	unsigned long own, largest, usec;

	if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return;
	stack_depth(log, &own, &largest);
	usec = time ? strtoul(time + strlen("verification time "), NULL, 10) : 0;
	fprintf(to, "%s %s %u %u %u %lu %lu %lu\n", object, bpf_program__name(prog),
		info.verified_insns, (unsigned int)(info.xlated_prog_len / sizeof(struct bpf_insn)),
		info.jited_prog_len, own, largest, 1000 * usec);
}

int __wrap_bpf_object__load_skeleton(struct bpf_object_skeleton *s)
{
	static char log[MAX_PROGRAMS][LOG_BYTES];
	const char *name = getenv("PROGRAM_COSTS");
	FILE *to = name ? fopen(name, "a") : NULL;
	struct bpf_program *prog;
	int n = 0, err;

	if (!to)
		return __real_bpf_object__load_skeleton(s);
	bpf_object__for_each_program(prog, *s->obj) {
		if (n == MAX_PROGRAMS)
			break;
		bpf_program__set_log_level(prog, LOG_STATS);
		bpf_program__set_log_buf(prog, log[n++], LOG_BYTES);
	}
	err = __real_bpf_object__load_skeleton(s);
	n = 0;
	bpf_object__for_each_program(prog, *s->obj)
		if (!err && n < MAX_PROGRAMS && bpf_program__fd(prog) >= 0)
			write_line(to, bpf_object__name(*s->obj), prog, log[n++]);
		else
			n++;
	fclose(to);
	return err;
}
