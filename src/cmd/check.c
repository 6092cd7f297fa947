// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor of `ovltrace check`. It looks at no overlay and attaches no
 * probe; all it does is wait, and not for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check/check.h"
#include "util/child.h"
#include "cmd/options.h"
#include "session/session.h"
#include "util/version.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"

#define SECONDS_DEFAULT 10.0

enum {
	POLL_NS = 20000000,
	SECONDS_MAX = 3600,
};

struct cmd_opts {
	double seconds;
	const char *format, *widen, *output;
	struct option_list wanted;
	bool provoke;
	uint64_t seed;
};

static const struct option_spec check_options[] = {
	{ "duration", 'd', OPTION_SECONDS, "SECONDS", "how long it takes in all (10)",
	  offsetof(struct cmd_opts, seconds) },
	{ "format", 0, OPTION_STRING, "FORMAT", "ktap (the default), junit or json",
	  offsetof(struct cmd_opts, format) },
	{ "scenario", 0, OPTION_STRINGS, "NAME", "only that one (repeatable); see below",
	  offsetof(struct cmd_opts, wanted) },
	{ "widen", 0, OPTION_STRING, "USEC",
	  "hold each lock-drop window open for so long at most (10000); 0: don't",
	  offsetof(struct cmd_opts, widen) },
	{ "provoke", 0, OPTION_FLAG, NULL,
	  "race for copied-up directories, too: may corrupt memory of a kernel that is broken",
	  offsetof(struct cmd_opts, provoke) },
	{ "seed", 0, OPTION_SIZE, "N", "of what is chosen at random",
	  offsetof(struct cmd_opts, seed) },
	{ "output", 'o', OPTION_STRING, "FILE", "write the report to FILE, '-' for standard output",
	  offsetof(struct cmd_opts, output) },
	{ 0 },
};

static int check_main(const struct command_spec *spec, int argc, char **argv);

const struct command_spec command_check = {
	.name = "check",
	.synopsis = "[OPTION]...",
	.summary = "Checks in seconds whether this kernel's overlayfs directory caches are sound.",
	.details =
		"scenarios: impure-race, impure-sparse, impure-empties, removed, copy-up, merged,\n"
		"nested, xino-on, xino-off. Each has a private overlay of its own on a tmpfs.\n\n"
		"exit status: 0 all is well, 1 a defect was found, 2 usage or internal error,\n"
		"3 inconclusive, 4 this system can't be traced",
	.options = check_options,
	.main = check_main,
};

static int format_of(const char *name, struct check_opts *o)
{
	o->write = !name || !strcmp(name, "ktap") ? check_ktap__write :
		   !strcmp(name, "junit")	  ? check_junit__write :
		   !strcmp(name, "json")	  ? check_json__write :
						    NULL;
	if (o->write)
		return 0;
	complain("option '--format' '%s': none of ktap, junit, json", quoted(name));
	return EXIT_USAGE;
}

static int widen_of(const char *text, struct check_opts *o)
{
	unsigned long v;
	char *end;

	o->widen_us = CHECK_WIDEN_DEFAULT_US;
	if (!text)
		return 0;
	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || v > CHECK_WIDEN_MAX_US) {
		complain("option '--widen' '%s': not a whole number from 0 to %d", quoted(text),
			 CHECK_WIDEN_MAX_US);
		return EXIT_USAGE;
	}
	o->widen_us = v;
	return 0;
}

static int select_scenarios(const struct option_list *names, struct check_opts *o)
{
	size_t i, n;

	for (i = 0; i < nscenarios; i++)
		o->selected[i] = !names->n;
	for (n = 0; n < names->n; n++) {
		for (i = 0; i < nscenarios && strcmp(scenarios[i].name, names->v[n]); i++)
			;
		if (i == nscenarios) {
			complain("option '--scenario' '%s': unknown; see 'ovltrace check --help'",
				 quoted(names->v[n]));
			return EXIT_USAGE;
		}
		o->selected[i] = true;
	}
	return 0;
}

/* The last processor that we may run on, if there is another one. */
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

static int options_check(const struct cmd_opts *c, struct check_opts *o)
{
	int status;

	o->seconds = c->seconds > 0 ? c->seconds : SECONDS_DEFAULT;
	if (o->seconds > SECONDS_MAX) {
		complain("option '--duration': more than %d seconds", SECONDS_MAX);
		return EXIT_USAGE;
	}
	o->seed = c->seed ? c->seed : clock__now_ns() % 1000000 + 1;
	o->provoke = c->provoke;
	o->free_cpu = free_cpu();
	/* a short check may start slowly; from ten seconds on half as much again is enough */
	o->deadline_ns =
		clock__now_ns() + (uint64_t)((o->seconds + (o->seconds < 10 ? 10 : 4.5)) * 1e9);
	status = format_of(c->format, o);
	if (!status)
		status = widen_of(c->widen, o);
	return status ? status : select_scenarios(&c->wanted, o);
}

static const char provoke_warning[] =
	"--provoke: on a kernel without commit cbec8610ec5a (\"ovl: set OVL_WHITEOUTS before "
	"publishing the upper dir\") this makes overlayfs free directory caches that are in use. "
	"Kernel memory may be corrupted: only on machines that may crash";

struct shared {
	struct scenario_state state[CHECK_MAX_SCENARIOS];
	int32_t reported; /* exit status + 1 */
};

static _Noreturn void engine(const struct check_opts *o, struct shared *sh, int report_fd,
			     pid_t parent)
{
	const int keep[] = { report_fd, -1 };
	int status = EXIT_USAGE;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	child__let_go(keep);
	if (getppid() == parent)
		status = check_engine__run(o, sh->state, report_fd, &sh->reported);
	_exit(status);
}

/* As it happens: there may be no report of a machine that this kills. */
static bool provoked(const struct shared *sh)
{
	size_t i;

	for (i = 0; i < nscenarios; i++) {
		if (!__atomic_load_n(&sh->state[i].provoked, __ATOMIC_ACQUIRE))
			continue;
		complain(
			"kind_mix: a readdir has freed a directory cache that another stream holds; "
			"nothing more is provoked");
		return true;
	}
	return false;
}

/* The engine's status, -1 if it did not end by itself. */
static int engine_wait(pid_t pid, uint64_t deadline_ns, const struct shared *sh)
{
	struct timespec ts = { 0, POLL_NS };
	bool told = false;
	int status;

	while (clock__now_ns() < deadline_ns) {
		told = told || provoked(sh);
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		nanosleep(&ts, NULL);
	}
	kill(pid, SIGKILL);
	return -1;
}

static int copy_report(int fd, FILE *out)
{
	char buf[8192];
	ssize_t n;
	off_t at = 0;

	while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
		fwrite(buf, 1, n, out);
		at += n;
	}
	return at ? 0 : -1;
}

/* No report came: then this is it, from what the scenarios left. */
static int report_anyway(const struct check_opts *o, struct shared *sh, uint64_t begin_ns,
			 FILE *out)
{
	static struct check_facts facts;
	static struct check_report report;
	struct utsname un;
	size_t i;

	uname(&un);
	facts.state = sh->state;
	facts.timed_out = true;
	memcpy(facts.selected, o->selected, sizeof(facts.selected));
	snprintf(facts.untraced, sizeof(facts.untraced), "the trace did not end");
	for (i = 0; i < nscenarios; i++)
		if (sh->state[i].phase == SCENARIO_RUNNING)
			sh->state[i].phase = SCENARIO_HUNG;
	check__judge(&facts, &report);
	report.version = OVLTRACE_VERSION;
	report.kernel = un.release;
	report.arch = un.machine;
	report.seed = o->seed;
	report.seconds = (clock__now_ns() - begin_ns) / 1e9;
	o->write(out, &report);
	return report.status;
}

static int supervise(const struct check_opts *o, FILE *out)
{
	struct shared *sh =
		mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = memfd_create("report", MFD_CLOEXEC), status;
	uint64_t begin = clock__now_ns();
	pid_t self = getpid(), pid;

	if (sh == MAP_FAILED || fd < 0) {
		complain("check: %s", strerror(errno));
		return EXIT_USAGE;
	}
	pid = fork();
	if (pid < 0) {
		complain("check: %s", strerror(errno));
		return EXIT_USAGE;
	}
	if (!pid)
		engine(o, sh, fd, self);
	status = engine_wait(pid, o->deadline_ns, sh);
	/* the probes may still be on their way out */
	if (status < 0)
		status = __atomic_load_n(&sh->reported, __ATOMIC_ACQUIRE) - 1;
	if (status < 0 || copy_report(fd, out))
		status = report_anyway(o, sh, begin, out);
	return status;
}

static int check_main(const struct command_spec *spec, int argc, char **argv)
{
	struct cmd_opts c = { 0 };
	struct check_opts o = { 0 };
	FILE *out = stdout;
	int first, status;

	first = options__parse(spec, argc, argv, &c);
	if (first < 0)
		return -1 - first;
	if (first < argc) {
		complain("argument '%s': check takes none", quoted(argv[first]));
		return EXIT_USAGE;
	}
	status = options_check(&c, &o);
	if (status)
		return status;
	if (c.output && strcmp(c.output, "-")) {
		out = fopen(c.output, "we");
		if (!out) {
			complain("output '%s': %s", quoted(c.output), strerror(errno));
			return EXIT_USAGE;
		}
	}
	if (c.provoke)
		complain("%s", provoke_warning);
	status = supervise(&o, out);
	if (fflush(out) || ferror(out)) {
		complain("output '%s': can't be written: %s", quoted(c.output ? c.output : "-"),
			 strerror(errno));
		return EXIT_USAGE;
	}
	return status;
}
