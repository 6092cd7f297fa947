// SPDX-License-Identifier: GPL-2.0-only
/* Checks the options of run and translates them into session options. */
#include <string.h>

#include "cmd/address_option.h"
#include "cmd/drop.h"
#include "cmd/mounts.h"
#include "cmd/run.h"
#include "cmd/trace_options.h"
#include "util/exit_status.h"
#include "util/log.h"

/* Options that contradict each other, or that need COMMAND. */
static int check(const struct run *r)
{
	const struct run_opts *o = &r->opts;

	if (o->proof && o->no_proof) {
		complain("options '--proof' and '--no-proof' exclude each other");
		return EXIT_USAGE;
	}
	if (o->ring_bytes & (o->ring_bytes - 1)) {
		complain("option '--ring-bytes' '%llu': not a power of two",
			 (unsigned long long)o->ring_bytes);
		return EXIT_USAGE;
	}
	if (o->rotate_files && !o->rotate_size) {
		complain("option '--rotate-files' requires '--rotate-size'");
		return EXIT_USAGE;
	}
	if (o->rotate_size && !o->output) {
		complain("option '--rotate-size' requires '--output'");
		return EXIT_USAGE;
	}
	if (o->metrics && !strcmp(o->metrics, "-") &&
	    (r->command[0] || (o->output && !strcmp(o->output, "-")))) {
		complain("option '--metrics' '-': standard output is for %s",
			 r->command[0] ? "the command" : "the records");
		return EXIT_USAGE;
	}
	if (!r->command[0] && (o->ktap || o->widen_us != RUN_WIDEN_UNSET)) {
		complain("option '--%s' requires a command", o->ktap ? "ktap" : "widen");
		return EXIT_USAGE;
	}
	if (!r->command[0] && o->command_user) {
		complain("option '--command-user' requires a command");
		return EXIT_USAGE;
	}
	if (o->follow && !r->command[0]) {
		complain("option '--follow' requires a command");
		return EXIT_USAGE;
	}
	if (o->follow && o->pids.n) {
		complain("options '--follow' and '--pid' exclude each other");
		return EXIT_USAGE;
	}
	if (o->user && o->keep_privileges) {
		complain("options '--user' and '--keep-privileges' exclude each other");
		return EXIT_USAGE;
	}
	return 0;
}

int run_options__session(struct run *r, struct session_opts *so)
{
	const struct run_opts *o = &r->opts;

	if (!trace_options__pids(&o->pids, r->pids))
		return EXIT_USAGE;
	so->pids = r->pids;
	so->npids = o->pids.n;
	so->command = r->command[0] != NULL;
	so->follow = o->follow;
	so->hash = address_option__key(o->hash_addresses, &r->key);
	so->no_paths = o->no_paths;
	so->filter = trace_options__filter(&o->comms, &o->cgroups, &o->containers);
	so->command_line = r->command_line;
	so->require_rebuilds = o->require_rebuilds;
	so->wishes.hits = o->hits;
	so->wishes.merged = o->merged;
	so->wishes.costly = o->costly;
	so->wishes.btf = o->btf;
	so->wishes.no_sites = option_list__has(&o->without, WITHOUT_SITES);
	so->wishes.no_kprobes = option_list__has(&o->without, WITHOUT_KPROBES);
	so->wishes.no_trampolines = option_list__has(&o->without, WITHOUT_TRAMPOLINES);
	so->wishes.quiet = so->attach.quiet = o->quiet && !o->output && !o->text;
	so->attach.stacks = o->stacks && !so->attach.quiet;
	so->attach.ring_bytes = o->ring_bytes;
	so->attach.ndevs = o->mounts.n;
	if (!mounts__find(&o->mounts, so->attach.devs,
			  sizeof(so->attach.devs) / sizeof(so->attach.devs[0])))
		return EXIT_USAGE;
	if (drop__find_user(&r->user, "user", o->user) ||
	    drop__find_user(&r->command_user, "command-user", o->command_user))
		return EXIT_USAGE;
	return check(r);
}
