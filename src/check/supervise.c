// SPDX-License-Identifier: GPL-2.0-only
/*
 * The supervisor of `ovltrace check`. It touches no overlay and attaches no
 * probe. All it does is wait for the engine, its child, up to a deadline.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check/turns.h"
#include "util/child.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/version.h"

enum {
	POLL_NS = 20000000,
	PROGRESS_NS = 500000000,
};

static const char clear_line[] = "\r\033[K";

static _Noreturn void engine(const struct check_opts *o, struct check_shared *sh, int report_fd,
			     pid_t parent)
{
	const int keep[] = { report_fd, o->records_fd, -1 };
	int status = EXIT_USAGE;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	child__detach(keep);
	if (getppid() == parent)
		status = check_engine__run(o, sh, report_fd);
	_exit(status);
}

/* Reported at once: there may be no report of a machine that this crashes. */
static bool provoked(const struct check_shared *sh)
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

/* One line that changes, for those who watch. */
static void progress(const struct check_opts *o, const struct check_shared *sh, uint64_t begin_ns)
{
	uint64_t listings = 0;
	size_t i, n = 0, ready = 0;
	char running[64] = "";

	for (i = 0; i < nscenarios; i++) {
		const struct scenario_state *st = &sh->state[i];

		n += o->selected[i];
		ready += st->turns > 0;
		listings += st->listings;
		if (st->phase == SCENARIO_RUNNING)
			snprintf(running, sizeof(running), ", now %s", scenarios[i].name);
	}
	fprintf(stderr,
		"%scheck: %.0f of %.0f s, %zu of %zu scenarios began, %" PRIu64 " listings%s",
		clear_line, (double)(clock__now_ns() - begin_ns) / 1e9, o->seconds, ready, n,
		listings, running);
}

/* The engine's status, -1 if it did not end by itself. */
static int engine_wait(pid_t pid, const struct check_opts *o, const struct check_shared *sh)
{
	uint64_t begin = clock__now_ns(), shown = begin;
	struct timespec ts = { 0, POLL_NS };
	bool reported = false, may_extend = o->longest_ns > o->deadline_ns;
	bool live = isatty(STDERR_FILENO);
	uint64_t now, deadline;
	int status;

	do {
		reported = reported || provoked(sh);
		if (live && clock__now_ns() - shown > PROGRESS_NS) {
			progress(o, sh, begin);
			shown = clock__now_ns();
		}
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		nanosleep(&ts, NULL);
		now = clock__now_ns();
		deadline = __atomic_load_n(&sh->deadline_ns, __ATOMIC_ACQUIRE);
		if (may_extend && !deadline && turns__extension_ns(o->seconds * 1e9, now - begin)) {
			may_extend = false;
			if (live)
				fputs(clear_line, stderr);
			complain(
				"note: the tracer starts slowly on this kernel, so the check takes "
				"longer, up to %.0f s; -d limits it",
				(o->longest_ns - begin) / 1e9);
		}
	} while (now < (deadline ? deadline : o->longest_ns));
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

/* The engine left no report: make one from what the scenarios left in shared memory. */
static int report_without_engine(const struct check_opts *o, struct check_shared *sh,
				 uint64_t begin_ns, FILE *out)
{
	static struct check_facts facts;
	static struct check_report report;
	struct utsname un;
	size_t i;

	uname(&un);
	facts.state = sh->state;
	facts.timed_out = true;
	facts.strict = o->strict;
	memcpy(facts.selected, o->selected, sizeof(facts.selected));
	snprintf(facts.untraced, sizeof(facts.untraced), "the trace did not end");
	for (i = 0; i < nscenarios; i++)
		if (sh->state[i].phase == SCENARIO_RUNNING)
			sh->state[i].phase = SCENARIO_HUNG;
	check__judge(&facts, &report);
	report.version = OVLTRACE_VERSION;
	report.kernel = un.release;
	report.arch = un.machine;
	report.host = un.nodename;
	report.seed = o->seed;
	report.seconds = (clock__now_ns() - begin_ns) / 1e9;
	o->write(out, &report);
	return report.status;
}

/* Unloads the module that mounting loaded. It stays if anything uses it by now. */
static void module_restore(bool was_there)
{
	if (!was_there && !access("/sys/module/overlay/initstate", F_OK))
		syscall(SYS_delete_module, "overlay", O_NONBLOCK);
}

int check__supervise(const struct check_opts *o, FILE *out)
{
	bool module = !access("/sys/module/overlay", F_OK);
	struct check_shared *sh =
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
	status = engine_wait(pid, o, sh);
	if (isatty(STDERR_FILENO))
		fputs(clear_line, stderr);
	/*
	 * The engine reports before it detaches its probes. For each of them the kernel waits for
	 * RCU, which takes longest on PREEMPT_RT, and it does so for one at a time.
	 */
	if (status < 0) {
		status = __atomic_load_n(&sh->reported, __ATOMIC_ACQUIRE) - 1;
		if (status >= 0)
			complain(
				"note: the check is over, but the kernel still removes its probes, "
				"which takes seconds");
	}
	if (status < 0 || copy_report(fd, out))
		status = report_without_engine(o, sh, begin, out);
	module_restore(module);
	return status;
}
