// SPDX-License-Identifier: GPL-2.0-only
/* Uses no probe, and therefore works where `run` does not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "audit/report.h"
#include "cmd/audit_listings.h"
#include "cmd/audit_options.h"
#include "cmd/commands.h"
#include "cmd/mounts.h"
#include "probe/kernel.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/version.h"
#include "util/where.h"

/* Chooses the overlays that paths are on, or all of the system. Returns 0 or an exit status. */
static int mounts_choose(struct audit_mounts *m, const struct audit_opts *opts, char **paths)
{
	struct audit_mounts all = { 0 };
	int err = audit_mounts__read(&all), i;
	uint32_t dev;

	if (!err)
		err = paths[0] ? 0 : audit_mounts__read_others(&all);
	if (err) {
		complain("cannot read /proc/self/mountinfo: %s; mount /proc", strerror(-err));
		return EXIT_USAGE;
	}
	if (!paths[0]) {
		*m = all;
		return audit_options__keep(opts, m);
	}
	for (i = 0; paths[i] && !err; i++) {
		err = where__overlay_dev(paths[i], &dev);
		/* reached by /proc/PID/root, or a descriptor that was passed on */
		if (!err && !audit_mounts__find(&all, dev) && !audit_mounts__find(m, dev))
			err = audit_mounts__read_others(&all);
		if (!err)
			err = audit_mounts__pick(m, &all, paths[i], dev);
		if (err)
			mount__complain(paths[i], err);
	}
	audit_mounts__deinit(&all);
	return err ? EXIT_USAGE : 0;
}

/* Returns NULL, or why the system cannot be audited. */
static const char *probe_make(struct audit_probe **probe, struct kernel *k, char why[400])
{
	struct ovla_layout layout = { 0 };
	int err = kernel__audit_layout(k, &layout);

	if (err) {
		snprintf(why, 400, "%s; %s", k->why, k->remedy);
		return why;
	}
	debug("loading the iterator");
	err = audit_probe__new(probe, &layout);
	if (!err)
		return NULL;
	snprintf(why, 400,
		 "the kernel rejects the BPF iterator over open files: %s; use kernel 6.1 or later "
		 "that is not locked down to 'confidentiality' (-v shows more)",
		 strerror(-err));
	return why;
}

static int status_of(enum audit_outcome outcome)
{
	static const int status[] = { EXIT_CLEAN, EXIT_FINDINGS, EXIT_INCONCLUSIVE,
				      EXIT_UNTRACEABLE };

	return status[outcome];
}

static int print(const struct audit_report *r, bool json)
{
	int err = 0;

	if (json)
		err = audit_report__json(stdout, r);
	else
		audit_report__text(stdout, r);
	if (!err && (fflush(stdout) || ferror(stdout)))
		err = -errno;
	if (err)
		complain("standard output: %s", strerror(-err));
	return err;
}

static int audit(const struct audit_opts *opts, char **paths)
{
	struct audit_report report = { .version = OVLTRACE_VERSION };
	struct audit_probe *probe = NULL;
	struct kernel kernel = { 0 };
	struct utsname un;
	char why[400];
	size_t i;
	int status;

	uname(&un);
	report.kernel = un.release;
	report.arch = un.machine;
	status = mounts_choose(&report.mounts, opts, paths);
	if (!status) {
		report.reason = probe_make(&probe, &kernel, why);
		if (report.reason)
			complain("this system cannot be audited: %s", report.reason);
		for (i = 0; i < report.mounts.n && !report.reason; i++)
			audit_mount__run(&report.mounts.v[i], probe);
		status = print(&report, opts->json) ? EXIT_USAGE :
						      status_of(audit_report__outcome(&report));
	}
	audit_probe__free(probe);
	audit_mounts__deinit(&report.mounts);
	kernel__deinit(&kernel);
	return status;
}

int cmd_audit__main(int argc, char **argv)
{
	struct audit_opts opts = { 0 };
	int first = command__parse(&command_audit, argc, argv, &opts);

	if (first < 0)
		return -1 - first;
	if (opts.max_dirs && !opts.listings) {
		complain("option '--max-dirs': needs '--listings'");
		return EXIT_USAGE;
	}
	if (argv[first] && (opts.cgroups.n || opts.containers.n || opts.comms.n)) {
		complain("argument '%s': no PATH goes with '--cgroup', '--container' and '--comm'",
			 quoted(argv[first]));
		return EXIT_USAGE;
	}
	if (opts.listings) {
		opts.max_dirs = opts.max_dirs ? opts.max_dirs : AUDIT_MAX_DIRS;
		return audit_listings__run(&opts, argv + first);
	}
	return audit(&opts, argv + first);
}
