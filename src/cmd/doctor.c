// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/doctor_options.h"
#include "doctor/doctor.h"
#include "util/exit_status.h"
#include "util/log.h"

int cmd_doctor__main(int argc, char **argv)
{
	struct doctor_opts opts = { 0 };
	struct doctor *d;
	int first, status;

	first = command__parse(&command_doctor, argc, argv, &opts);
	if (first < 0)
		return -1 - first;
	status = command__no_operands(&command_doctor, argv[first]);
	if (status)
		return status;
	d = calloc(1, sizeof(*d));
	if (!d) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	doctor__examine(d, opts.proof);
	if (opts.json)
		doctor__write_json(stdout, d);
	else
		doctor__write_text(stdout, d);
	status = !d->diag.traceable ? EXIT_UNTRACEABLE :
		 d->diag.complete   ? EXIT_CLEAN :
				      EXIT_INCONCLUSIVE;
	if (opts.strict && doctor__has_defect(d))
		status = EXIT_FINDINGS;
	session__deinit(&d->session);
	free(d);
	return status;
}
