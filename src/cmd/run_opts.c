// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/run_opts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "session/window_hold.h"
#include "util/exit_status.h"
#include "util/log.h"

const struct option_spec run_options[] = {
	{ "output", 'o', OPTION_STRING, "FILE", "write JSON Lines to FILE, '-' for standard output",
	  offsetof(struct run_opts, output) },
	{ "duration", 'd', OPTION_SECONDS, "SECONDS", "stop after that time",
	  offsetof(struct run_opts, seconds) },
	{ "mount", 0, OPTION_STRINGS, "PATH", "trace only the overlay that PATH is on (repeatable)",
	  offsetof(struct run_opts, mounts) },
	{ "pid", 0, OPTION_PIDS, "PID", "report only rebuilds by that process (repeatable)",
	  offsetof(struct run_opts, pids) },
	{ "hits", 0, OPTION_FLAG, NULL,
	  "count listings, hits and rebuilds of each directory, too: probes on the cached path",
	  offsetof(struct run_opts, hits) },
	{ "merged", 0, OPTION_FLAG, NULL,
	  "trace the caches of merged directories, too: each open directory passes a probe",
	  offsetof(struct run_opts, merged) },
	{ "quiet", 'q', OPTION_FLAG, NULL, "no text, only the exit status and -o",
	  offsetof(struct run_opts, quiet) },
	{ "allow-partial", 0, OPTION_FLAG, NULL, "run even where this kernel hides a part of it",
	  offsetof(struct run_opts, allow_partial) },
	{ "costly", 0, OPTION_FLAG, NULL,
	  "allow system-wide probes where call sites can't be probed",
	  offsetof(struct run_opts, costly) },
	{ "without", 0, OPTION_STRINGS, "WHAT",
	  "do as if the kernel had no 'call-site' probes, 'kprobe' or 'trampoline' (repeatable)",
	  offsetof(struct run_opts, without) },
	{ "btf", 0, OPTION_STRING, "FILE", "take overlayfs' types from FILE (BTF, or ELF with BTF)",
	  offsetof(struct run_opts, btf) },
	{ "metrics", 0, OPTION_STRING, "FILE",
	  "keep metrics in FILE, for node exporter's textfile collector",
	  offsetof(struct run_opts, metrics) },
	{ "proof", 0, OPTION_FLAG, NULL,
	  "prove the plan on a private mount first: the default without COMMAND",
	  offsetof(struct run_opts, proof) },
	{ "no-proof", 0, OPTION_FLAG, NULL, "don't: the default with COMMAND",
	  offsetof(struct run_opts, no_proof) },
	{ "ktap", 0, OPTION_FLAG, NULL,
	  "read the KTAP that COMMAND prints, and pass it on: findings are told with their test",
	  offsetof(struct run_opts, ktap) },
	{ "widen", 0, OPTION_STRING, "USEC",
	  "hold windows of COMMAND's tasks open for so long at most: rare races come",
	  offsetof(struct run_opts, widen) },
	{ "ring-bytes", 0, OPTION_SIZE, "BYTES", "size of each CPU's ring buffer, a power of two",
	  offsetof(struct run_opts, ring_bytes) },
	{ 0 },
};

/* --without: to try what another kernel would leave. */
static bool without(const struct run_opts *o, struct session_wishes *w)
{
	size_t i;

	for (i = 0; i < o->without.n; i++) {
		const char *what = o->without.v[i];

		if (!strcmp(what, "call-site")) {
			w->no_sites = true;
		} else if (!strcmp(what, "kprobe")) {
			w->no_kprobes = true;
		} else if (!strcmp(what, "trampoline")) {
			w->no_trampolines = true;
		} else {
			complain("option '--without' '%s': not call-site, kprobe or trampoline",
				 quoted(what));
			return false;
		}
	}
	return true;
}

int run_opts__session(struct run_opts *o, struct session_opts *so)
{
	const struct option_list *m = &o->mounts;
	size_t i;
	int err;

	for (i = 0; i < o->pids.n; i++)
		o->pid[i] = (uint32_t)strtoul(o->pids.v[i], NULL, 10);
	so->wishes.hits = o->hits;
	so->wishes.merged = o->merged;
	so->wishes.costly = o->costly;
	so->wishes.btf = o->btf;
	so->wishes.quiet = so->attach.quiet = o->quiet && !o->output;
	if (!without(o, &so->wishes))
		return EXIT_USAGE;
	so->pids = o->pid;
	so->npids = o->pids.n;
	if (m->n > sizeof(so->attach.devs) / sizeof(so->attach.devs[0])) {
		complain("option '--mount': more than %zu are given",
			 sizeof(so->attach.devs) / sizeof(so->attach.devs[0]));
		return EXIT_USAGE;
	}
	for (i = 0; i < m->n; i++) {
		err = where__overlay_dev(m->v[i], &so->attach.devs[i]);
		if (!err)
			continue;
		complain("mount '%s': %s", quoted(m->v[i]),
			 err == -EINVAL ?
				 "not a directory of an overlay mount (see 'findmnt -t overlay')" :
				 strerror(-err));
		return EXIT_USAGE;
	}
	so->attach.ndevs = m->n;
	if (o->proof && o->no_proof) {
		complain("option '--proof': '--no-proof' is given, too");
		return EXIT_USAGE;
	}
	if (o->ring_bytes & (o->ring_bytes - 1) || (o->ring_bytes && o->ring_bytes < 4096)) {
		complain("option '--ring-bytes' '%llu': not a power of two from 4096 on",
			 (unsigned long long)o->ring_bytes);
		return EXIT_USAGE;
	}
	so->attach.ring_bytes = o->ring_bytes;
	return 0;
}

int run_opts__command(struct run_opts *o, char **command)
{
	const char *widen = o->widen;
	char *end;
	unsigned long us;

	if (!command[0] && (o->ktap || widen)) {
		complain("option '--%s': there is no command that it could be about",
			 widen ? "widen" : "ktap");
		return EXIT_USAGE;
	}
	if (!widen)
		return 0;
	errno = 0;
	us = strtoul(widen, &end, 10);
	if (*widen < '0' || *widen > '9' || *end || errno || us > WIDEN_MAX_US) {
		complain("option '--widen' '%s': not a number of microseconds up to %d",
			 quoted(widen), WIDEN_MAX_US);
		return EXIT_USAGE;
	}
	o->widen_us = (uint32_t)us;
	return 0;
}
