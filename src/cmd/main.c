// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/options.h"
#include "util/version.h"
#include "util/exit_status.h"
#include "util/log.h"

static const struct command_spec *const commands[] = {
	&command_run,	&command_check,	 &command_report,
	&command_audit, &command_doctor, &command_top,
};

enum {
	NCOMMANDS = sizeof(commands) / sizeof(commands[0]),
};

static int help(void)
{
	int i;

	puts("usage: ovltrace COMMAND [OPTION]...\n\n"
	     "Traces and diagnoses the directory caches of overlayfs.\n\ncommands:");
	for (i = 0; i < NCOMMANDS; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("\n'ovltrace COMMAND --help' tells more; 'ovltrace --version' the version");
	return EXIT_CLEAN;
}

/* libbpf's messages are riddles to most: ours say what and why. */
static int libbpf_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	return getenv("OVLTRACE_DEBUG") ? vfprintf(stderr, fmt, ap) : 0;
}

int main(int argc, char **argv)
{
	int i;

	libbpf_set_print(libbpf_print);
	if (argc < 2) {
		complain("no command is given; see 'ovltrace --help'");
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return help();
	if (!strcmp(argv[1], "--version")) {
		puts("ovltrace " OVLTRACE_VERSION);
		return EXIT_CLEAN;
	}
	for (i = 0; i < NCOMMANDS; i++)
		if (!strcmp(argv[1], commands[i]->name))
			return commands[i]->main(commands[i], argc - 1, argv + 1);
	complain("command '%s': unknown; see 'ovltrace --help'", quoted(argv[1]));
	return EXIT_USAGE;
}
