// SPDX-License-Identifier: GPL-2.0-only
/* `ovltrace check --explore`: schedules, then histories, then the report. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "check/explore.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/version.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	interrupted = sig;
}

static void watch_signals(void)
{
	struct sigaction sa = { .sa_handler = interrupt };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static int write_report(const struct explore_opts *o, const struct explore_report *e,
			uint64_t begun_ns, FILE *out)
{
	static struct check_report report;
	struct check_finding *findings = explore__findings(e);
	struct utsname un;

	uname(&un);
	explore__judge(e, &report);
	report.version = OVLTRACE_VERSION;
	report.kernel = un.release;
	report.arch = un.machine;
	report.seconds = (clock__now_ns() - begun_ns) / 1e9;
	report.start_realtime_ns = (uint64_t)time(NULL) * 1000000000ULL;
	report.findings = findings;
	o->write(out, &report);
	explore__free_findings(findings);
	return report.status;
}

/* The first part only: what --from continues is the second. */
static void run_schedules(const struct explore_opts *opts, struct schedules_report *r,
			  uint64_t end_ns)
{
	struct schedules_opts o = opts->schedules;

	r->selected = opts->interleave && !opts->from;
	if (!r->selected)
		return;
	o.interrupted = &interrupted;
	o.end_ns = end_ns;
	schedules__run(&o, r);
}

int explore__run(const struct explore_opts *opts, FILE *out)
{
	static struct explore_report report;
	struct explore_opts o = *opts;
	uint64_t begun = clock__now_ns();
	uint64_t end = opts->seconds > 0 ? begun + (uint64_t)(opts->seconds * 1e9) : 0;

	o.interrupted = &interrupted;
	watch_signals();
	run_schedules(&o, &report.schedules, end);
	if (explore__histories(&o, &report, end)) {
		complain("check: %s", strerror(ENOMEM));
		return EXIT_USAGE;
	}
	return write_report(&o, &report, begun, out);
}
