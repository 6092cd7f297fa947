// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include "cmd/drop.h"
#include "cmd/run.h"
#include "util/exit_status.h"
#include "util/log.h"

/* The recording is theirs who will rotate it. */
static int give_output(struct run *r)
{
	if (r->out.dir < 0 || !fchown(r->out_fd, r->user.uid, r->user.gid))
		return 0;
	complain("output '%s': cannot be given to user %s", quoted(r->opts.output), r->user.name);
	return EXIT_USAGE;
}

int run_privileges__drop(struct run *r)
{
	struct drop d = {
		.user = r->opts.user ? &r->user : NULL,
		.command = r->command[0] != NULL,
		.output = { r->opts.rotate_size ? &r->out : NULL,
			    r->opts.metrics ? &r->metrics : NULL },
	};
	int err;

	if (r->opts.keep_privileges)
		return 0;
	err = attach__delegate(r->session.attached);
	if (err) {
		complain("cannot start a process: %s", strerror(-err));
		return EXIT_USAGE;
	}
	err = d.user ? give_output(r) : 0;
	return err ? err : drop__privileges(&d);
}
