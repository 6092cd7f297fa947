// SPDX-License-Identifier: GPL-2.0-only
/* Frames of a kernel stack: their names, and which of them are left out. */
#include "code/symtab.h"

#include <stdlib.h>

#include "test.h"

static const char kallsyms[] = "0000000000000000 A fixed_percpu_data\n"
			       "ffffffff81000000 T _stext\n"
			       "ffffffff81000ff0 t __pfx_vfs_rename\n"
			       "ffffffff81001000 T vfs_rename\n"
			       "ffffffff81002000 T iterate_dir\n"
			       "ffffffff81003000 W __x64_sys_getdents64\n"
			       "ffffffff81003000 T __do_sys_alias\n"
			       "ffffffff81004000 T panic\n"
			       "ffffffff81004010 T after_panic\n"
			       "ffffffff81004800 D some_data\n"
			       "ffffffff81005000 T stack_trace_save_tsk\n"
			       "ffffffff81006000 T bpf_get_task_stack\n"
			       "ffffffff81007000 T arch_rethook_trampoline\n"
			       "ffffffffc0003000 t ovl_iterate\t[overlay]\n"
			       "ffffffffc0001000 t ovl_rename\t[overlay]\n"
			       "ffffffffc0002000 t $x\t[overlay]\n"
			       "ffffffffc0008000 t odd\x01name\t[mo\x1b[31m]\n"
			       "ffffffffc1000000 t bpf_prog_0123456789abcdef_ovlt_in\t[bpf]\n"
			       "ffffffffc1001000 t bpf_trampoline_6442536467\t[bpf]\n";

static void read_lines(struct symtab *t, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n") + 1;
		char *line = strndup(text, len);

		if (!CHECK(line))
			abort();
		symtab__add_line(t, line, len);
		free(line);
		text += len;
	}
}

#define STACK(in, ...)                                                                          \
	&(struct symtab_stack)                                                                  \
	{                                                                                       \
		.ip = (const uint64_t[]){ __VA_ARGS__ },                                        \
		.n = sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t), .inside = in \
	}

static void check(const struct symtab *t, const struct symtab_stack *s, size_t max, bool more,
		  const char *want)
{
	struct symtab_frames frames[8];
	char got[8 * SYMTAB_FRAME] = "";
	bool has_more;
	size_t i, n = symtab__frames(t, s, frames, max, &has_more);

	for (i = 0; i < n; i++) {
		strcat(got, frames[i].text);
		strcat(got, "\n");
	}
	CHECK_STR(got, want);
	CHECK_EQ(has_more, more);
}

static void names(void)
{
	struct symtab t = { 0 };

	read_lines(&t, kallsyms);
	CHECK(symtab__finish(&t));
	check(&t, STACK(false, 0xffffffffc0001005, 0xffffffff81001044, 0xffffffff8100307a), 8,
	      false, "ovl_rename+0x5 [overlay]\nvfs_rename+0x44\n__x64_sys_getdents64+0x7a\n");
	/* the place of a probe is exact; a call that does not return ends its function */
	check(&t, STACK(false, 0xffffffff81004010, 0xffffffff81004010), 8, false,
	      "after_panic+0x0\npanic+0x10\n");
	/* nothing that is known is near */
	check(&t, STACK(false, 0xffffffffc0001000, 5, 0xffffffffd0000000, UINT64_MAX, 0), 8, false,
	      "ovl_rename+0x0 [overlay]\n(no symbol)\n(no symbol)\n(no symbol)\n(no symbol)\n");
	/* no byte of a name controls a terminal */
	check(&t, STACK(false, 0xffffffffc0008001), 8, false, "odd?name+0x1 [mo?[31m]\n");
	check(&t, STACK(false, 0xffffffff81001044, 0xffffffff81002044), 1, true,
	      "vfs_rename+0x44\n");
	symtab__deinit(&t);
}

static void tracer_left_out(void)
{
	struct symtab t = { 0 };

	read_lines(&t, kallsyms);
	CHECK(symtab__finish(&t));
	/* helpers, the program, its trampoline; then a trampoline that calls the original */
	check(&t,
	      STACK(true, 0xffffffff81005033, 0xffffffff81006033, 0xffffffffc1000033,
		    0xffffffffc1001033, 0xffffffffc0001005, 0xffffffffc0003044, 0xffffffffc1001044,
		    0xffffffffc0003005, 0xffffffff81002044),
	      8, false, "ovl_rename+0x5 [overlay]\novl_iterate+0x44 [overlay]\niterate_dir+0x44\n");
	/* the program and its trampoline have no symbols */
	check(&t,
	      STACK(true, 0xffffffff81005033, 0xffffffff81006033, 0xffffffffd0000033,
		    0xffffffffd0001033, 0xffffffffc0001005),
	      8, false, "ovl_rename+0x5 [overlay]\n");
	/* what is not understood is shown */
	check(&t, STACK(true, 0xffffffff81005033, 0xffffffff81006033), 8, false,
	      "stack_trace_save_tsk+0x33\nbpf_get_task_stack+0x33\n");
	/* a function that a kretprobe is on */
	check(&t, STACK(false, 0xffffffff81007000, 0xffffffffc0001044), 8, false,
	      "ovl_rename+0x44 [overlay]\n");
	/* a recursion is none of a trampoline's */
	check(&t, STACK(false, 0xffffffffc0001044, 0xffffffffc0001044), 8, false,
	      "ovl_rename+0x44 [overlay]\novl_rename+0x44 [overlay]\n");
	symtab__deinit(&t);
}

static void hidden(void)
{
	struct symtab t = { 0 };

	read_lines(&t, "0000000000000000 T vfs_rename\n0000000000000000 t ovl_rename\t[overlay]\n"
		       "no symbol\n\nffffffff81000000 T \nffffffff81000000 D data\n");
	CHECK(!symtab__finish(&t));
	check(&t, STACK(false, 0xffffffff81000000, 0), 8, false, "(no symbol)\n(no symbol)\n");
	symtab__deinit(&t);
}

static void many(void)
{
	struct symtab t = { 0 };
	char line[512], want[SYMTAB_FRAME];
	size_t i, n = 20000;

	/* in descending order, with long names of several modules */
	for (i = n; i-- > 0;) {
		int len = snprintf(line, sizeof(line), "%zx t f%zu_%0200d\t[m%zu]\n",
				   0xffffffffc0000000 + i * 16, i, 0, i / 5000);

		symtab__add_line(&t, line, len);
	}
	CHECK(symtab__finish(&t));
	for (i = 0; i < n; i += 999) {
		struct symtab_frames frame;
		bool more;

		snprintf(want, sizeof(want), "%.96s+0x3 [m%zu]",
			 (snprintf(line, sizeof(line), "f%zu_%0200d", i, 0), line), i / 5000);
		CHECK_EQ(symtab__frames(&t, STACK(false, 0xffffffffc0000003 + i * 16), &frame, 1,
					&more),
			 1);
		CHECK_STR(frame.text, want);
	}
	symtab__deinit(&t);
}

int main(void)
{
	TEST(names);
	TEST(tracer_left_out);
	TEST(hidden);
	TEST(many);
	return test_done();
}
