// SPDX-License-Identifier: GPL-2.0-only
/* Names the addresses of kernel stacks, with --stacks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/internal.h"
#include "util/log.h"

enum {
	MAX_STACK_DEFAULT = 127, /* PERF_MAX_STACK_DEPTH */
};

/* The kernel walks no further: a stack of this depth may have more frames. */
static size_t walk_limit(void)
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_max_stack", "re");
	char line[32] = "";
	unsigned long n = 0;

	if (f && fgets(line, sizeof(line), f))
		n = strtoul(line, NULL, 10);
	if (f)
		fclose(f);
	return n && n < OVLW_STACK_DEPTH ? n : OVLW_STACK_DEPTH;
}

void session__read_symbols(struct session *s)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	debug("reading all symbols");
	s->stack_limit = walk_limit();
	if (f)
		setvbuf(f, NULL, _IOFBF, 1 << 18);
	while (f && (len = getline(&line, &cap, f)) > 0)
		symtab__add_line(&s->symbols, line, len);
	free(line);
	s->first.stacks = symtab__finish(&s->symbols) && !ferror(f);
	if (!s->first.stacks)
		complain("option '--stacks': %s; there are no stacks",
			 s->symbols.failed ? "out of memory" :
			 f		   ? "/proc/kallsyms shows no addresses" :
					     "/proc/kallsyms cannot be read");
	if (f)
		fclose(f);
}

void session__name_stack(const struct session *s, struct rec_stack *stack, struct stack_room *room)
{
	const struct ovlw_stack *raw = stack->raw;
	struct symtab_stack walked = { .n = 0 };
	uint64_t ip[OVLW_STACK_DEPTH];
	size_t i;

	stack->raw = NULL;
	if (!raw || !s->first.stacks || raw->bytes <= 0)
		return;
	walked.ip = ip;
	walked.n = (size_t)raw->bytes / sizeof(raw->ip[0]);
	walked.inside = raw->inside;
	if (walked.n > OVLW_STACK_DEPTH)
		walked.n = OVLW_STACK_DEPTH;
	for (i = 0; i < walked.n; i++)
		ip[i] = raw->ip[i];
	stack->n = symtab__frames(&s->symbols, &walked, room->frames, RECORD_MAX_FRAMES,
				  &stack->truncated);
	stack->truncated |= stack->n && walked.n >= s->stack_limit;
	for (i = 0; i < stack->n; i++)
		room->frame[i] = room->frames[i].text;
	stack->frame = room->frame;
}
