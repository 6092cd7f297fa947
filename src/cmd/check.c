// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "check/explore.h"
#include "cmd/address_option.h"
#include "cmd/check_caches.h"
#include "cmd/check_options.h"
#include "cmd/commands.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/outfile.h"

#define SECONDS_DEFAULT 10.0

enum {
	SECONDS_MIN = 3, /* a shorter check could not keep to its time */
	SECONDS_MAX = 3600,
	SLOW_SECONDS =
		240, /* with KASAN on an emulated processor the tracer starts for up to 90 s */
	EXPLORE_SECONDS_MAX = 30 * 86400,
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

	uint64_t now = clock__now_ns();

	o->seconds = c->seconds > 0 ? c->seconds : SECONDS_DEFAULT;
	if (o->seconds < SECONDS_MIN || o->seconds > SECONDS_MAX) {
		complain("option '--duration': not from %d to %d seconds", SECONDS_MIN,
			 SECONDS_MAX);
		return EXIT_USAGE;
	}
	o->records_fd = -1;
	o->seed = c->seed ? c->seed : clock__now_ns() % 1000000 + 1;
	o->provoke = c->provoke;
	o->strict = c->strict;
	o->free_cpu = free_cpu();
	o->widen_us = (uint32_t)c->widen_us;
	/* startup dominates a short check, so it gets more slack */
	o->deadline_ns = now + (uint64_t)((o->seconds + (o->seconds < 10 ? 10 : 4.5)) * 1e9);
	o->longest_ns = c->seconds > 0 ? o->deadline_ns : now + SLOW_SECONDS * 1000000000ULL;
	for (i = 0; i < nscenarios; i++)
		o->selected[i] =
			(!c->scenarios.n || option_list__has(&c->scenarios, scenarios[i].name)) &&
			!option_list__has(&c->skipped, scenarios[i].name);
	o->hash = address_option__key(c->hash_addresses, key);
	choose_format(c->format, o);
	return 0;
}

static const char provoke_warning[] =
	"--provoke: on a kernel without commit cbec8610ec5a (\"ovl: set OVL_WHITEOUTS before "
	"publishing the upper dir\") this makes overlayfs free directory caches that are in use. "
	"Kernel memory may be corrupted: use it only on machines that may crash";

/* ---- --explore ------------------------------------------------------------------ */

static unsigned int processors(void)
{
	cpu_set_t set;
	unsigned int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return n < EXPLORE_JOBS_MAX ? n : EXPLORE_JOBS_MAX;
}

static int parse_history(const char *text, struct explore_history *h)
{
	const char *why;
	size_t at;

	if (!history__parse(text, h, &why, &at))
		return 0;
	complain("option '--history': %s, at '%s'", why, quoted(text + at));
	return EXIT_USAGE;
}

/* The history comes first. */
static int parse_schedule(const struct check_cmdline *c, struct schedule *s)
{
	char text[EXPLORE_TEXT + SCHEDULE_TEXT];
	const char *why;
	size_t at;

	snprintf(text, sizeof(text), "%s%s%s", c->history ?: "", c->history ? "; " : "",
		 c->schedule);
	if (!schedule__parse(text, s, &why, &at))
		return 0;
	complain("option '--schedule': %s, at '%s'", why, quoted(text + at));
	return EXIT_USAGE;
}

static bool explores(const struct check_cmdline *c)
{
	return c->explore || c->history || c->schedule;
}

/* The options of the two kinds of check do not mix. */
static int refuse_mix(const struct check_cmdline *c)
{
	const char *wrong = NULL;

	if (!explores(c))
		wrong = c->configs.n	 ? "config" :
			c->readers	 ? "readers" :
			c->modifications ? "modifications" :
			c->depth	 ? "depth" :
			c->jobs		 ? "jobs" :
			c->from		 ? "from" :
					   NULL;
	if (wrong) {
		complain("option '--%s': it needs --explore", wrong);
		return EXIT_USAGE;
	}
	if (!explores(c))
		return 0;
	wrong = c->scenarios.n ? "scenario" :
		c->skipped.n   ? "skip" :
		c->records     ? "records" :
		c->provoke     ? "provoke" :
		c->seed	       ? "seed" :
				 NULL;
	if (wrong) {
		complain("option '--%s': --explore has no such choice", wrong);
		return EXIT_USAGE;
	}
	return 0;
}

static int explore_options_apply(const struct check_cmdline *c, struct explore_opts *o)
{
	struct check_opts format = { 0 };
	size_t i;

	o->seconds = c->seconds;
	if (o->seconds > EXPLORE_SECONDS_MAX) {
		complain("option '--duration': more than %d seconds", EXPLORE_SECONDS_MAX);
		return EXIT_USAGE;
	}
	o->depth = c->depth ? c->depth : EXPLORE_DEPTH_DEFAULT;
	o->jobs = c->jobs ? c->jobs : processors();
	o->from = c->from;
	o->strict = c->strict;
	o->named = c->configs.n;
	for (i = 0; i < EXPLORE_CONFIGS; i++)
		o->selected[i] =
			!c->schedule &&
			(!c->configs.n || option_list__has(&c->configs, explore_configs[i].name));
	o->interleave = c->schedule ||
			(!c->history &&
			 (!c->configs.n || option_list__has(&c->configs, schedule_config.name)));
	o->schedules.readers = c->readers ? c->readers : SCHEDULES_READERS;
	o->schedules.modifications = c->modifications ? c->modifications : SCHEDULES_MODIFICATIONS;
	o->schedules.sum = c->depth;
	o->schedules.single = c->schedule;
	choose_format(c->format, &format);
	o->write = format.write;
	o->single = c->history && !c->schedule;
	if (c->schedule)
		return parse_schedule(c, &o->schedules.schedule);
	return c->history ? parse_history(c->history, &o->history) : 0;
}

/* ---- both -------------------------------------------------------------------------- */

/* What is run: one of the two. */
struct task {
	const struct check_opts *check;
	const struct explore_opts *explore;
};

/* The report replaces an older one only when it is complete. */
static int run(const struct task *t, const char *output)
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
	status = t->explore ? explore__run(t->explore, f) : check__supervise(t->check, f);
	err = outfile__sync(&out);
	if (!err)
		err = outfile__commit(&out);
	outfile__close(&out);
	if (!err)
		return status;
	complain("output '%s': %s", quoted(output ? output : "-"), strerror(-err));
	return EXIT_USAGE;
}

static int records_fail(const char *path, int err)
{
	complain("records '%s': %s", quoted(path), strerror(-err));
	return EXIT_USAGE;
}

static int check_recorded(const struct check_cmdline *c, struct check_opts *o)
{
	const struct task t = { .check = o };
	struct outfile out;
	int status, err;

	if (!c->records)
		return run(&t, c->output);
	if (outfile__open(&out, c->records, OUTFILE_PRIVATE))
		return EXIT_USAGE;
	o->records_fd = outfile__create(&out);
	if (o->records_fd < 0) {
		outfile__close(&out);
		return records_fail(c->records, o->records_fd);
	}
	status = run(&t, c->output);
	err = outfile__sync(&out);
	if (!err)
		err = outfile__commit(&out);
	outfile__close(&out);
	return err ? records_fail(c->records, err) : status;
}

static int check(const struct check_cmdline *c)
{
	struct address_key key;
	struct check_opts o = { 0 };
	int status = options_apply(c, &key, &o);

	if (status)
		return status;
	if (o.provoke)
		complain("%s", provoke_warning);
	return check_recorded(c, &o);
}

static int list(void)
{
	size_t i;

	for (i = 0; i < nscenarios; i++)
		printf("%-15s %s\n", scenarios[i].name, scenarios[i].property);
	return EXIT_CLEAN;
}

static int explore(const struct check_cmdline *c)
{
	struct explore_opts o = { 0 };
	const struct task t = { .explore = &o };
	int status = explore_options_apply(c, &o);
	char why[PERFORM_TEXT];

	if (status)
		return status;
	if (!c->schedule) {
		o.caches = check_caches__new(why);
		o.caches_why = o.caches ? NULL : why;
	}
	return run(&t, c->output);
}

int cmd_check__main(int argc, char **argv)
{
	struct check_cmdline c = { .widen_us = CHECK_WIDEN_DEFAULT_US };
	int first, status;

	first = command__parse(&command_check, argc, argv, &c);
	if (first < 0)
		return -1 - first;
	status = command__no_operands(&command_check, argv[first]);
	if (!status)
		status = refuse_mix(&c);
	if (status)
		return status;
	if (c.list)
		return list();
	return explores(&c) ? explore(&c) : check(&c);
}
