/* SPDX-License-Identifier: GPL-2.0-only */
/* One option of a table, and how its value is checked. */
#ifndef OVLTRACE_OPTIONS_H
#define OVLTRACE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OPTION_MAX_VALUES = 64,
};

enum option_type {
	OPTION_FLAG, /* bool */
	OPTION_FILE, /* const char * */
	OPTION_USER, /* const char *, the name of a user */
	OPTION_CHOICE, /* const char *, one of the values */
	OPTION_SECONDS, /* double, above 0; with a unit: us, ms, s, m, h */
	OPTION_NUMBER, /* uint64_t, from min to max */
	OPTION_BYTES, /* the same; with a unit: K, M, G, T */
	OPTION_USEC, /* the same; with a unit: us, ms, s */
	OPTION_DIRS, /* struct option_list */
	OPTION_WORDS, /* struct option_list, of any words */
	OPTION_PIDS, /* struct option_list, each checked to be a process id */
	OPTION_CHOICES, /* struct option_list, each one of the values */
	OPTION_LOG, /* makes the program verbose; nothing is stored */
};

struct option_list {
	const char *v[OPTION_MAX_VALUES];
	size_t n;
};

struct option_spec {
	const char *name; /* without the dashes */
	char letter; /* 0: none */
	enum option_type type;
	const char *arg; /* name of the value; NULL for a flag */
	const char *help; /* a phrase without a full stop */
	const char *details; /* more sentences, for the man page; may be NULL */
	size_t offset; /* of the member that takes the value */
	uint64_t min, max; /* of the numbers */
	/* The i-th value of a choice and what it means; NULL after the last. */
	const char *(*value)(size_t i, const char **text);
};

/* Every command has it. */
#define OPTION_VERBOSE                                                                          \
	{                                                                                       \
		.name = "verbose", .letter = 'v', .type = OPTION_LOG,                           \
		.help = "show the plan, each probe and the messages of libbpf",                 \
		.details = "They go to standard error. The plan names, for each event, the "    \
			   "provider and the place that is probed. The messages of libbpf "     \
			   "include the log of the kernel's verifier if it rejects a program.", \
	}

/* Stores one value. Returns 0, or -1 after complaining about the value. */
int option__set(const struct option_spec *o, void *to, const char *value);

bool option_list__has(const struct option_list *list, const char *value);

#endif
