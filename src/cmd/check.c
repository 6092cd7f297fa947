// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "cmd/address_option.h"
#include "cmd/check_options.h"
#include "cmd/commands.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/outfile.h"

#define SECONDS_DEFAULT 10.0

enum {
	SECONDS_MAX = 3600,
};

static const struct {
	const char *name;
	void (*write)(FILE *f, const struct check_report *r);
} formats[] = {
#define FORMAT(name, text) { #name, check_##name##__write },
#include "check/formats.def"
#undef FORMAT
};

/* name: one of the table's, or NULL for the first. */
static void choose_format(const char *name, struct check_opts *o)
{
	size_t i = 0;

	while (name && strcmp(formats[i].name, name))
		i++;
	o->write = formats[i].write;
}

/* The last CPU of our affinity mask; -1 if there is only one. */
static int free_cpu(void)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) < 2)
		return -1;
	for (cpu = CPU_SETSIZE - 1; !CPU_ISSET(cpu, &set); cpu--)
		;
	return cpu;
}

static int options_apply(const struct check_cmdline *c, struct address_key *key,
			 struct check_opts *o)
{
	size_t i;

	o->seconds = c->seconds > 0 ? c->seconds : SECONDS_DEFAULT;
	if (o->seconds > SECONDS_MAX) {
		complain("option '--duration': more than %d seconds", SECONDS_MAX);
		return EXIT_USAGE;
	}
	o->seed = c->seed ? c->seed : clock__now_ns() % 1000000 + 1;
	o->provoke = c->provoke;
	o->strict = c->strict;
	o->free_cpu = free_cpu();
	o->widen_us = (uint32_t)c->widen_us;
	/* startup dominates a short check, so it gets more slack */
	o->deadline_ns =
		clock__now_ns() + (uint64_t)((o->seconds + (o->seconds < 10 ? 10 : 4.5)) * 1e9);
	for (i = 0; i < nscenarios; i++)
		o->selected[i] = !c->scenarios.n ||
				 option_list__has(&c->scenarios, scenarios[i].name);
	o->hash = address_option__key(c->hash_addresses, key);
	choose_format(c->format, o);
	return 0;
}

static const char provoke_warning[] =
	"--provoke: on a kernel without commit cbec8610ec5a (\"ovl: set OVL_WHITEOUTS before "
	"publishing the upper dir\") this makes overlayfs free directory caches that are in use. "
	"Kernel memory may be corrupted: use it only on machines that may crash";

/* The report replaces an older one only when it is complete. */
static int check(const struct check_opts *o, const char *output)
{
	struct outfile out;
	int status, err = 0;
	FILE *f;

	if (outfile__open(&out, output, OUTFILE_PRIVATE))
		return EXIT_USAGE;
	f = outfile__stream(&out);
	if (!f) {
		complain("output '%s': %s", quoted(output), strerror(errno));
		outfile__close(&out);
		return EXIT_USAGE;
	}
	if (o->provoke)
		complain("%s", provoke_warning);
	status = check__supervise(o, f);
	err = outfile__sync(&out);
	if (!err)
		err = outfile__commit(&out);
	outfile__close(&out);
	if (!err)
		return status;
	complain("output '%s': %s", quoted(output ? output : "-"), strerror(-err));
	return EXIT_USAGE;
}

int cmd_check__main(int argc, char **argv)
{
	struct check_cmdline c = { .widen_us = CHECK_WIDEN_DEFAULT_US };
	struct check_opts o = { 0 };
	struct address_key key;
	int first, status;

	first = command__parse(&command_check, argc, argv, &c);
	if (first < 0)
		return -1 - first;
	status = command__no_operands(&command_check, argv[first]);
	if (!status)
		status = options_apply(&c, &key, &o);
	return status ? status : check(&o, c.output);
}
