// SPDX-License-Identifier: GPL-2.0-only
/* Prepares, runs the phases, cleans up behind itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

static int touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0) {
		complain_errno("create", path);
		return STATUS_NO_SYSTEM;
	}
	close(fd);
	return STATUS_OK;
}

/* Says "ready" and waits for the word to continue; a signal counts as one. */
static int wait_for_start(const char *path)
{
	const struct timespec pause = { 0, 10 * 1000 * 1000 };
	char *ready = NULL;
	int status;

	if (asprintf(&ready, "%s.ready", path) < 0)
		return STATUS_NO_SYSTEM;
	status = touch(ready);
	while (!status && access(path, F_OK) && !interrupted())
		nanosleep(&pause, NULL);
	if (!status) {
		unlink(ready);
		unlink(path);
	}
	free(ready);
	return status;
}

static int one_phase(struct run *run)
{
	const struct options *opt = run->opt;
	struct verdict verdict = { 0 };
	struct tally sum;
	int status = STATUS_OK;

	if (opt->wait_file)
		status = wait_for_start(opt->wait_file);
	if (!status)
		status = run_phase(run, &sum);
	if (!status && (opt->verify || opt->verify_strict))
		status = verify_area(run->area, opt, &verdict, &sum);
	if (status)
		return status;
	report(opt, &sum, &verdict, run->phase);
	if (sum.errors)
		return STATUS_ERRORS;
	if (opt->verify_strict && (verdict.d_ino_mismatches || verdict.missing || verdict.phantoms))
		return STATUS_ERRORS;
	return STATUS_OK;
}

/* A signal that cuts a duration short is a normal end; a count that is not reached is not. */
static int all_phases(const struct options *opt, struct area *area)
{
	struct run run = { .opt = opt, .area = area };
	int status = STATUS_OK;

	for (run.phase = 1; run.phase <= opt->phases && !interrupted(); run.phase++) {
		int one = one_phase(&run);

		if (one > STATUS_ERRORS)
			return one;
		if (one)
			status = one;
	}
	if (interrupted() && (opt->ops || opt->rounds))
		return STATUS_ERRORS;
	return status;
}

int main(int argc, char **argv)
{
	struct options opt;
	struct area area;
	int status = options_parse(&opt, argc, argv);

	if (status)
		return status;
	if (opt.help) {
		options_help();
		return STATUS_OK;
	}
	if (opt.print_names)
		return names_print(&opt);
	catch_signals();
	status = area_init(&area, &opt);
	if (!status)
		status = all_phases(&opt, &area);
	area_deinit(&area, &opt);
	return status;
}
