// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/help.h"
#include "probe/libbpf_log.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/version.h"

static int (*const mains[])(int argc, char **argv) = {
#define COMMAND(name) cmd_##name##__main,
#include "cmd/commands.def"
#undef COMMAND
};

static int unknown(const char *command)
{
	complain("unrecognized command '%s'; see 'ovltrace --help'", quoted(command));
	return EXIT_USAGE;
}

static int help(const char *command)
{
	const struct command_spec *spec = command ? command__find(command) : NULL;

	if (spec)
		help__command(stdout, spec);
	else if (command)
		return unknown(command);
	else
		help__overview(stdout);
	return EXIT_CLEAN;
}

/* What a full disk swallowed was not printed. A command that failed has said why. */
static int output_end(int status)
{
	int err = fflush(stdout) ? errno : ferror(stdout) ? EIO : 0;

	if (!err || status == EXIT_USAGE)
		return status;
	complain("standard output: %s", strerror(err));
	return EXIT_USAGE;
}

static int dispatch(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		complain("no command given; see 'ovltrace --help'");
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help"))
		return help(argv[2]);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help(NULL);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("ovltrace " OVLTRACE_VERSION);
		return EXIT_CLEAN;
	}
	for (i = 0; command_specs[i]; i++)
		if (!strcmp(argv[1], command_specs[i]->name))
			return mains[i](argc - 1, argv + 1);
	return unknown(argv[1]);
}

int main(int argc, char **argv)
{
	libbpf_log__init();
	return output_end(dispatch(argc, argv));
}
