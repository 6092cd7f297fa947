// SPDX-License-Identifier: GPL-2.0-only
#include "util/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"
#include "util/outplace.h"

enum {
	RANDOM_DIGITS = 16,
	MAX_TRIES = 16,
};

/* /proc/self/fd/N, or a link to it such as /dev/stdout: N. Otherwise -1. */
static int own_descriptor(const struct outplace *p)
{
	struct stat dir, own;
	char *end;
	long n = strtol(p->name, &end, 10);

	if (!p->procfs || *end || end == p->name || n < 0 || n > INT_MAX)
		return -1;
	if (fstat(p->dir, &dir) || stat("/proc/self/fd", &own))
		return -1;
	return dir.st_dev == own.st_dev && dir.st_ino == own.st_ino ? (int)n : -1;
}

/* Only root can make a device. A FIFO of any user would receive what only root may read. */
static bool may_write(const struct outplace *p, const struct stat *st)
{
	struct stat dir;

	if (p->procfs || S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		return true;
	if (!st->st_uid || st->st_uid == geteuid())
		return true;
	return !fstat(p->dir, &dir) && dir.st_uid == st->st_uid;
}

/* Has a signal that its caller blocks arrived, to end it? */
static bool asked_to_end(void)
{
	sigset_t set;

	return !sigpending(&set) &&
	       (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
		sigismember(&set, SIGHUP) == 1);
}

/* A FIFO is opened when it has a reader. That may be never, and signals may be blocked. */
static int open_existing(const struct outplace *p, bool fifo)
{
	const struct timespec pause = { 0, 20000000 };
	int flags = O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC | (p->procfs ? 0 : O_NOFOLLOW), fd;

	if (!fifo)
		return openat(p->dir, p->name, flags);
	while ((fd = openat(p->dir, p->name, flags | O_NONBLOCK)) < 0 && errno == ENXIO) {
		if (asked_to_end()) {
			errno = EINTR;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What is already there, and is not replaced. Returns a descriptor or -errno. */
static int open_direct(const struct outplace *p, const struct stat *st, char *unsafe)
{
	int own = own_descriptor(p), fd;
	struct stat now;

	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	if (!may_write(p, st)) {
		strcpy(unsafe, p->name);
		return -EPERM;
	}
	/* shares the offset with its other writers */
	if (own >= 0)
		fd = fcntl(own, F_DUPFD_CLOEXEC, 3);
	else
		fd = open_existing(p, S_ISFIFO(st->st_mode));
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &now) && now.st_dev == st->st_dev && now.st_ino == st->st_ino)
		return fd;
	close(fd);
	return -ESTALE;
}

static int find(struct outfile *o, const char *path, char *unsafe)
{
	struct outplace p;
	struct stat st;
	int err;

	if (*path && path[strlen(path) - 1] == '/')
		return -EISDIR;
	err = outplace__find(&p, path, unsafe);
	if (err)
		return err;
	strcpy(o->name, p.name);
	err = fstatat(p.dir, p.name, &st, p.procfs ? 0 : AT_SYMLINK_NOFOLLOW) ? -errno : 0;
	if (err == -ENOENT || (!err && S_ISREG(st.st_mode) && !p.procfs)) {
		o->dir = p.dir;
		return 0;
	}
	if (!err) {
		o->fd = open_direct(&p, &st, unsafe);
		err = o->fd < 0 ? o->fd : 0;
	}
	close(p.dir);
	return err;
}

int outfile__open(struct outfile *o, const char *path, mode_t mode)
{
	char unsafe[NAME_MAX + 1] = "", name[NAME_MAX + 1];
	int err;

	memset(o, 0, sizeof(*o));
	o->dir = o->fd = -1;
	o->mode = mode;
	if (!path || !strcmp(path, "-")) {
		o->fd = STDOUT_FILENO;
		return 0;
	}
	err = find(o, path, unsafe);
	if (!err)
		return 0;
	o->fd = -1;
	if (*unsafe) {
		snprintf(name, sizeof(name), "%s", quoted(unsafe));
		complain("output '%s': another user may have made '%s', and could lead the output "
			 "elsewhere; give a path without it",
			 quoted(path), name);
	} else {
		complain("output '%s': %s", quoted(path), strerror(-err));
	}
	return -1;
}

bool outfile__is(const struct outfile *o, const struct stat *st)
{
	struct stat ours;

	if (o->dir >= 0 ? fstatat(o->dir, o->name, &ours, AT_SYMLINK_NOFOLLOW) :
			  fstat(o->fd, &ours))
		return false;
	return S_ISREG(ours.st_mode) && ours.st_dev == st->st_dev && ours.st_ino == st->st_ino;
}

static int random_name(struct outfile *o)
{
	/* .NAME.0123456789abcdef.tmp: no pattern for NAME matches it */
	int room = NAME_MAX - RANDOM_DIGITS - 6;
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	snprintf(o->temporary, sizeof(o->temporary), ".%.*s.%016llx.tmp", room, o->name,
		 (unsigned long long)random);
	return 0;
}

int outfile__create(struct outfile *o)
{
	int tries, err = -EEXIST;

	if (o->dir < 0)
		return o->fd;
	outfile__discard(o);
	for (tries = 0; tries < MAX_TRIES && err == -EEXIST; tries++) {
		err = random_name(o);
		if (err)
			break;
		o->fd = openat(o->dir, o->temporary,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, o->mode);
		err = o->fd < 0 ? -errno : 0;
	}
	if (err) {
		o->temporary[0] = 0;
		return err;
	}
	if (!fchmod(o->fd, o->mode))
		return o->fd;
	err = -errno;
	outfile__discard(o);
	return err;
}

FILE *outfile__stream(struct outfile *o)
{
	int fd;

	if (o->dir < 0 && o->stream)
		return o->stream;
	fd = outfile__create(o);
	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	o->stream = fd == STDOUT_FILENO ? stdout : fdopen(fd, "w");
	return o->stream;
}

static int flush(struct outfile *o)
{
	errno = 0;
	if (!o->stream || (!fflush(o->stream) && !ferror(o->stream)))
		return 0;
	return errno ? -errno : -EIO;
}

int outfile__commit(struct outfile *o)
{
	int err = flush(o);

	if (err || !o->temporary[0])
		return err;
	if (renameat(o->dir, o->temporary, o->dir, o->name))
		return -errno;
	o->temporary[0] = 0;
	return 0;
}

static void close_file(struct outfile *o)
{
	if (o->stream && o->stream != stdout)
		fclose(o->stream);
	else if (o->fd > STDERR_FILENO)
		close(o->fd);
	o->stream = NULL;
	o->fd = -1;
}

/* NAME.number; false: too long for a name */
static bool part_name(const struct outfile *o, unsigned int number, char name[NAME_MAX + 1])
{
	int len = number ? snprintf(name, NAME_MAX + 1, "%s.%u", o->name, number) :
			   snprintf(name, NAME_MAX + 1, "%s", o->name);

	return len <= NAME_MAX;
}

/* Frees NAME. The first number without a file ends what moves. */
static int shift(const struct outfile *o, unsigned int files)
{
	char from[NAME_MAX + 1], to[NAME_MAX + 1];
	unsigned int n = 0;

	while (n + 1 < files && part_name(o, n, from) &&
	       !faccessat(o->dir, from, F_OK, AT_SYMLINK_NOFOLLOW))
		n++;
	for (; n; n--) {
		if (!part_name(o, n - 1, from) || !part_name(o, n, to))
			return -ENAMETOOLONG;
		if (renameat(o->dir, from, o->dir, to))
			return -errno;
	}
	return 0;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int outfile__rotate(struct outfile *o, unsigned int files, const char *head, size_t len)
{
	struct outfile next = *o;
	char first[NAME_MAX + 1];
	int err;

	if (o->dir < 0)
		return -EINVAL;
	if (o->temporary[0]) {
		/* it is new itself */
		err = write_all(o->fd, head, len);
		err = err ? err : shift(o, files);
		err = err ? err : outfile__commit(o);
		return err ? err : o->fd;
	}
	next.stream = NULL;
	next.fd = -1;
	err = outfile__create(&next);
	if (err < 0)
		return err;
	err = write_all(next.fd, head, len);
	if (!err)
		err = shift(&next, files);
	if (!err)
		err = outfile__commit(&next);
	if (err) {
		/* if it has moved already: it continues under its old name */
		if (part_name(o, 1, first) && faccessat(o->dir, o->name, F_OK, AT_SYMLINK_NOFOLLOW))
			renameat(o->dir, first, o->dir, o->name);
		outfile__discard(&next);
		return err;
	}
	close_file(o);
	*o = next;
	return o->fd;
}

int outfile__sync(struct outfile *o)
{
	int err = flush(o);

	if (err || o->dir < 0 || o->fd < 0)
		return err;
	/* some file systems cannot */
	return fsync(o->fd) && errno != EINVAL && errno != EROFS ? -errno : 0;
}

void outfile__discard(struct outfile *o)
{
	if (o->dir < 0)
		return;
	close_file(o);
	if (o->temporary[0])
		unlinkat(o->dir, o->temporary, 0);
	o->temporary[0] = 0;
}

void outfile__close(struct outfile *o)
{
	outfile__discard(o);
	close_file(o);
	if (o->dir >= 0)
		close(o->dir);
	o->dir = -1;
}
