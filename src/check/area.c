// SPDX-License-Identifier: GPL-2.0-only
/*
 * A scenario's own world: a mount namespace with a tmpfs and overlays on it.
 * It lies over a directory that is there already, so nothing has to be removed
 * afterwards; the kernel takes all of it away with the process.
 */
#include "check/area.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"

int area__fail(struct area *a, const char *what, const char *which)
{
	int err = errno ? errno : EINVAL;

	snprintf(a->st->why, sizeof(a->st->why), "%s '%s': %s", what, which, strerror(err));
	return -err;
}

static int below_top(struct area *a, const char *path, char full[AREA_PATH])
{
	if (snprintf(full, AREA_PATH, "%s/%s", a->top, path) < AREA_PATH)
		return 0;
	errno = ENAMETOOLONG;
	return area__fail(a, "path", path);
}

int area__mkdir(struct area *a, const char *path)
{
	return mkdirat(a->top_fd, path, 0755) && errno != EEXIST ? area__fail(a, "mkdir", path) : 0;
}

int area__file(struct area *a, const char *path)
{
	int fd = openat(a->top_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return area__fail(a, "create", path);
	close(fd);
	return 0;
}

int area__tmpfs(struct area *a, const char *path)
{
	char full[AREA_PATH];
	int err = below_top(a, path, full);

	if (!err)
		err = area__mkdir(a, path);
	if (!err && mount("ovltrace-check", full, "tmpfs", 0, "mode=0755"))
		err = area__fail(a, "mount tmpfs on", path);
	return err;
}

static int note_dev(struct area *a, const char *merged)
{
	struct stat s;

	if (fstatat(a->top_fd, merged, &s, 0))
		return area__fail(a, "stat", merged);
	if (a->st->ndevs < CHECK_MAX_DEVS)
		a->st->devs[a->st->ndevs++] = major(s.st_dev) << 20 | minor(s.st_dev);
	return 0;
}

const struct area_overlay area_one_overlay = {
	.merged = "merged",
	.lower = "lower",
	.upper = "upper",
	.work = "work",
};

int area__overlay(struct area *a, const struct area_overlay *ov)
{
	char full[AREA_PATH], options[5 * AREA_PATH];
	const char *extra = ov->extra ? ov->extra : "";
	int err = below_top(a, ov->merged, full);

	if (!err)
		err = area__mkdir(a, ov->merged);
	if (!err)
		err = area__mkdir(a, ov->upper);
	if (!err)
		err = area__mkdir(a, ov->work);
	if (err)
		return err;
	snprintf(options, sizeof(options), "lowerdir=%s/%s,upperdir=%s/%s,workdir=%s/%s%s%s",
		 a->top, ov->lower, a->top, ov->upper, a->top, ov->work, *extra ? "," : "", extra);
	if (mount("ovltrace-check", full, "overlay", 0, options))
		return area__fail(a, "mount overlay with", *extra ? extra : "no options");
	if (a->merged_fd >= 0)
		close(a->merged_fd);
	a->merged_fd = openat(a->top_fd, ov->merged, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (a->merged_fd < 0)
		return area__fail(a, "open", ov->merged);
	return note_dev(a, ov->merged);
}

int area__impure_lower(struct area *a, const char *lower, unsigned int nfiles)
{
	char path[AREA_PATH];
	unsigned int i;
	int err;

	a->nfiles = nfiles;
	snprintf(path, sizeof(path), "%s/src", lower);
	err = area__mkdir(a, path);
	for (i = 0; !err && i < nfiles; i++) {
		snprintf(path, sizeof(path), "%s/src/f%u", lower, i);
		err = area__file(a, path);
	}
	return err;
}

/* "D" with files from below and one that is its own: the lookups have something to do. */
int area__impure(struct area *a, const char *merged, const char *upper)
{
	char from[AREA_PATH], to[AREA_PATH];
	unsigned int i;
	int err;

	if (mkdirat(a->merged_fd, "D", 0755) || mkdirat(a->merged_fd, "S", 0755))
		return area__fail(a, "mkdir in", merged);
	snprintf(to, sizeof(to), "%s/D/own", merged);
	err = area__file(a, to);
	if (err)
		return err;
	for (i = 0; i < a->nfiles; i++) {
		snprintf(from, sizeof(from), "src/f%u", i);
		snprintf(to, sizeof(to), "D/f%u", i);
		if (renameat(a->merged_fd, from, a->merged_fd, to))
			return area__fail(a, "rename", to);
		a->inside[i] = true;
	}
	a->dir_fd = openat(a->merged_fd, "D", O_PATH | O_DIRECTORY | O_CLOEXEC);
	a->side_fd = openat(a->merged_fd, "S", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (a->dir_fd < 0 || a->side_fd < 0)
		return area__fail(a, "open", "D");
	snprintf(a->upper_dir, sizeof(a->upper_dir), "%.40s/%.60s/D", a->top, upper);
	return 0;
}

uint64_t area__random(struct area *a, uint64_t below)
{
	/* splitmix64 */
	uint64_t z = a->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % below;
}

bool area__time_is_up(uint64_t until_ns)
{
	return clock__now_ns() >= until_ns;
}

void area__sleep_us(uint64_t us)
{
	struct timespec ts = { (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };

	nanosleep(&ts, NULL);
}

void area__thread_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

void area__on_free_cpu(const struct area *a)
{
	cpu_set_t set;

	if (a->opts->free_cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(a->opts->free_cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

void area__on_any_cpu(void)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	sched_setaffinity(0, sizeof(set), &set);
}

static int private_world(struct area *a)
{
	/* the one that is there; what it holds is only hidden, and only from us */
	static const char *const places[] = { "/mnt", "/tmp", "/run", "/var/tmp", "/sys" };
	size_t i;

	if (unshare(CLONE_NEWNS))
		return area__fail(a, "unshare", "mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return area__fail(a, "make private", "/");
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (mount("ovltrace-check", places[i], "tmpfs", 0, "mode=0755,size=64m"))
			continue;
		snprintf(a->top, sizeof(a->top), "%s", places[i]);
		a->top_fd = open(a->top, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return a->top_fd < 0 ? area__fail(a, "open", a->top) : 0;
	}
	return area__fail(a, "mount tmpfs on", "/mnt");
}

static void raise_file_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max < 4096 ? r.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &r);
}

static void phase_set(struct scenario_state *st, enum scenario_phase phase)
{
	__atomic_store_n(&st->phase, phase, __ATOMIC_RELEASE);
}

_Noreturn void check_child__main(const struct check_opts *opts, struct scenario_state *st,
				 size_t index, const struct check_channel *ch)
{
	const struct scenario *s = &scenarios[index];
	struct area *a = calloc(1, sizeof(*a));
	uint64_t until;

	if (!a)
		_exit(1);
	a->st = st;
	a->opts = opts;
	a->top_fd = a->merged_fd = a->dir_fd = a->side_fd = -1;
	a->dots = a->dir_inos = a->moved_inos = true;
	a->rng = opts->seed * 1000003 + index;
	area__thread_name(s->name);
	raise_file_limit();
	if (private_world(a) || s->prepare(st, a)) {
		phase_set(st, SCENARIO_UNFIT);
		_exit(0);
	}
	phase_set(st, SCENARIO_READY);
	while (read(ch->go_fd, &until, sizeof(until)) == sizeof(until)) {
		phase_set(st, SCENARIO_RUNNING);
		s->run(st, a, until);
		phase_set(st, SCENARIO_DONE);
		__atomic_fetch_add(&st->turns, 1, __ATOMIC_RELEASE);
		if (write(ch->done_fd, "", 1) != 1)
			break;
	}
	_exit(0);
}
