// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/audit_listings.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "audit/listing_report.h"
#include "cmd/mounts.h"
#include "util/clock.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/version.h"
#include "util/where.h"

enum {
	TERMINAL_MS = 500,
	LOG_MS = 10000, /* where lines stay */
};

struct progress {
	bool terminal;
	uint64_t shown_ns, directories, names; /* of the trees before this one */
};

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static bool step(void *ctx, const struct listing_tree *t, const char *path)
{
	struct progress *p = ctx;
	uint64_t now = clock__now_ns(), ms = (now - p->shown_ns) / 1000000;

	if (ms >= (p->terminal ? TERMINAL_MS : LOG_MS)) {
		p->shown_ns = now;
		fputs(p->terminal ? "\r\033[K" : "ovltrace: ", stderr);
		fprintf(stderr, "%" PRIu64 " directories, %" PRIu64 " names compared, at '%.40s'%s",
			p->directories + t->directories, p->names + t->names, quoted(path),
			p->terminal ? "" : "\n");
	}
	return !stopped;
}

/* The overlays that exist, and in `all` what is known of them. Returns 0 or an exit status. */
static int mounts_read(struct audit_mounts *all)
{
	int err = audit_mounts__read(all);

	if (!err)
		err = audit_mounts__read_others(all);
	if (err)
		complain("cannot read the mounts in /proc: %s; mount /proc", strerror(-err));
	return err ? EXIT_USAGE : 0;
}

static int tree_begin(struct listing_tree *t, const char *path)
{
	int err = where__overlay_dev(path, &t->dev);

	if (err) {
		mount__complain(path, err);
		return EXIT_USAGE;
	}
	t->path = strdup(path);
	return t->path ? 0 : EXIT_USAGE;
}

/* One tree for each path, or for each overlay. Returns 0 or an exit status. */
static int trees_make(struct listing_report *r, const struct audit_mounts *all, char **paths)
{
	size_t n = 0, i;
	int status = 0;

	while (paths[n])
		n++;
	r->v = calloc(n ? n : all->n + 1, sizeof(*r->v));
	if (!r->v)
		return EXIT_USAGE;
	for (i = 0; i < n && !status; i++)
		status = tree_begin(&r->v[r->n++], paths[i]);
	for (i = 0; i < all->n && !n; i++) {
		struct listing_tree *t = &r->v[r->n++];

		t->dev = all->v[i].dev;
		t->path = strdup(all->v[i].path);
		if (!t->path)
			return EXIT_USAGE;
	}
	return status;
}

static int compare(struct listing_report *r, const struct audit_mounts *all, uint64_t max_dirs)
{
	struct progress progress = { .terminal = isatty(STDERR_FILENO),
				     .shown_ns = clock__now_ns() };
	struct listing_walk walk = { .left = max_dirs, .step = step, .ctx = &progress };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
	size_t i;
	int err = 0;

	/* what was compared is reported; a second signal ends the program */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	for (i = 0; i < r->n && !err; i++) {
		const struct audit_mount *m = audit_mounts__find(all, r->v[i].dev);

		err = listing_tree__run(&r->v[i], m, &walk);
		progress.directories += r->v[i].directories;
		progress.names += r->v[i].names;
	}
	if (progress.terminal)
		fputs("\r\033[K", stderr);
	if (err)
		complain("%s", strerror(-err));
	return err;
}

static int print(const struct listing_report *r, bool json)
{
	int err = 0;

	if (json)
		err = listing_report__json(stdout, r);
	else
		listing_report__text(stdout, r);
	if (!err && (fflush(stdout) || ferror(stdout)))
		err = -errno;
	if (err)
		complain("standard output: %s", strerror(-err));
	return err;
}

static int status_of(const struct listing_report *r)
{
	struct listing_counts c;

	listing_counts__make(&c, r);
	switch (listing_counts__outcome(&c)) {
	case AUDIT_FINDINGS:
		return EXIT_FINDINGS;
	case AUDIT_INCONCLUSIVE:
		return EXIT_INCONCLUSIVE;
	default:
		return EXIT_CLEAN;
	}
}

int audit_listings__run(const struct audit_opts *opts, char **paths)
{
	struct listing_report r = { .version = OVLTRACE_VERSION, .whole = log__is_verbose() };
	struct audit_mounts all = { 0 };
	struct utsname un;
	size_t i;
	int status;

	uname(&un);
	r.kernel = un.release;
	r.arch = un.machine;
	status = mounts_read(&all);
	if (!status)
		status = audit_options__keep(opts, &all);
	if (!status)
		status = trees_make(&r, &all, paths);
	if (!paths[0]) {
		r.namespaces = all.namespaces;
		r.hidden = all.hidden;
	}
	if (!status)
		status = compare(&r, &all, opts->max_dirs) || print(&r, opts->json) ? EXIT_USAGE :
										      status_of(&r);
	for (i = 0; i < r.n; i++)
		listing_tree__deinit(&r.v[i]);
	free(r.v);
	audit_mounts__deinit(&all);
	return status;
}
