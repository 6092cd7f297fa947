// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/drop.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "util/exit_status.h"
#include "util/log.h"

/* What the loop needs; docs/reliability.md has the reasons. */
static const uint64_t NAMES = CAPABILITY(CAP_SYS_PTRACE) | CAPABILITY(CAP_DAC_READ_SEARCH);

int drop__find_user(struct user *u, const char *option, const char *name)
{
	int err = name ? user__find(u, name) : 0;

	if (!err)
		return 0;
	complain("option '--%s' '%s': %s", option, quoted(name),
		 err == -ENOENT ? "there is no such user in /etc/passwd" : strerror(-err));
	return EXIT_USAGE;
}

/* Without it root may not write to the directory of another user. */
static bool needs_override(const struct drop *d, uint64_t keep)
{
	size_t i;

	for (i = 0; i < DROP_OUTPUTS && !d->user; i++)
		if (d->output[i] && d->output[i]->dir >= 0 &&
		    !privileges__can_write(d->output[i]->dir, keep))
			return true;
	return false;
}

static int check_outputs(const struct drop *d)
{
	size_t i;

	for (i = 0; i < DROP_OUTPUTS && d->user; i++) {
		if (!d->output[i] || d->output[i]->dir < 0 ||
		    privileges__can_write(d->output[i]->dir, NAMES))
			continue;
		complain("output '%s': user %s cannot write to its directory",
			 quoted(d->output[i]->name), d->user->name);
		return EXIT_USAGE;
	}
	return 0;
}

int drop__privileges(const struct drop *d)
{
	uint64_t keep = NAMES | (d->command ? CAPABILITY(CAP_KILL) : 0);
	int err;

	if (needs_override(d, keep))
		keep |= CAPABILITY(CAP_DAC_OVERRIDE);
	err = privileges__keep(keep, d->user);
	if (err) {
		complain("cannot give up privileges: %s; use --keep-privileges", strerror(-err));
		return EXIT_USAGE;
	}
	err = check_outputs(d);
	if (err)
		return err;
	err = sandbox__enter();
	if (err)
		complain("note: system calls are not filtered: %s",
			 err == -EINVAL ? "the kernel has no seccomp" : strerror(-err));
	return 0;
}
