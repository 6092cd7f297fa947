// SPDX-License-Identifier: GPL-2.0-only
/*
 * libbpf's warnings have no structure. These forms were read in libbpf 1.1
 * (src/libbpf.c: bpf_object_load_prog, bpf_object__load_progs):
 *
 *	libbpf: prog 'NAME': BPF program load failed: Invalid argument
 *	libbpf: prog 'NAME': -- BEGIN PROG LOAD LOG --
 *	...
 *	-- END PROG LOAD LOG --
 *	libbpf: prog 'NAME': failed to load: -22
 */
#include "probe/load_log.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	REASON_LINES = 2, /* of the verifier's log */
};

static bool begins(const char *s, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && !memcmp(s, with, n);
}

/* "R1=ctx(off=0,imm=0)", "R2_w=...": the state of registers */
static bool is_state(const char *s, size_t len)
{
	size_t i = 1;

	if (len < 2 || s[0] != 'R' || !isdigit((unsigned char)s[1]))
		return false;
	while (i < len && isdigit((unsigned char)s[i]))
		i++;
	return i < len && (s[i] == '=' || s[i] == '_');
}

/* Instructions, registers, source lines and statistics explain nothing to a user. */
static bool is_reason(const char *s, size_t len)
{
	static const char *const noise[] = { ";",
					     "processed ",
					     "from ",
					     "func#",
					     "last_idx",
					     "regs=",
					     "parent ",
					     "verification time",
					     "stack depth",
					     "mark_precise",
					     "reg type unsupported",
					     "arg#",
					     "-- END" };
	size_t i;

	if (!len || isdigit((unsigned char)s[0]) || is_state(s, len))
		return false;
	for (i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
		if (begins(s, len, noise[i]))
			return false;
	return true;
}

/* The last lines that say something, in their order. */
static void condense(struct load_log *log, const char *text)
{
	const char *line[REASON_LINES] = { NULL };
	size_t len[REASON_LINES] = { 0 }, n, used = 0;
	int i;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (!is_reason(text, n))
			continue;
		line[0] = line[1];
		len[0] = len[1];
		line[1] = text;
		len[1] = n;
	}
	for (i = 0; i < REASON_LINES; i++) {
		if (!line[i])
			continue;
		snprintf(log->reason + used, sizeof(log->reason) - used, "%s%.*s", used ? "; " : "",
			 (int)len[i], line[i]);
		used = strlen(log->reason);
		log->verified = true;
	}
}

void load_log__add(struct load_log *log, const char *message)
{
	static const char start[] = "libbpf: prog '", failed[] = "BPF program load failed: ";
	const char *name = message + sizeof(start) - 1, *end, *text;

	if (strncmp(message, start, sizeof(start) - 1))
		return;
	end = strstr(name, "': ");
	if (!end || (size_t)(end - name) >= sizeof(log->prog))
		return;
	if (strncmp(log->prog, name, (size_t)(end - name)) || log->prog[end - name]) {
		memset(log, 0, sizeof(*log));
		memcpy(log->prog, name, (size_t)(end - name));
	}
	text = end + 3;
	if (!strncmp(text, failed, sizeof(failed) - 1))
		text += sizeof(failed) - 1;
	if (!strncmp(text, "-- BEGIN PROG LOAD LOG --\n", 26))
		condense(log, text + 26);
	else if (!*log->reason && strncmp(text, "failed to load: ", 16))
		snprintf(log->reason, sizeof(log->reason), "%.*s", (int)strcspn(text, "\n"), text);
}

const char *load_log__remedy(const struct load_log *log, int err)
{
	if (strstr(log->reason, "CO-RE relocation"))
		return "this version of ovltrace does not know a structure of this kernel: report "
		       "the output of 'ovltrace doctor -v'";
	if (strstr(log->reason, "unknown func") || strstr(log->reason, "invalid func"))
		return "use a kernel that has this BPF helper (6.1 or later)";
	if (err == -EPERM)
		return "run as root with CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN, where no security "
		       "policy forbids it";
	return "report the output of 'ovltrace doctor -v'";
}
