// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/parts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/read.h"
#include "replay/replay.h"
#include "util/exit_status.h"
#include "util/lines.h"
#include "util/log.h"

/* The first record of a part. */
struct head {
	uint32_t part;
	uint64_t start_realtime_ns, ts_ns;
};

/* Leaves the file at its start. False: it does not begin with the session of a part. */
static bool head_read(int fd, struct head *h)
{
	struct record_reader *reader = record_reader__new();
	struct lines *lines = lines__new(fd, REPLAY_LINE_MAX);
	struct record_read got;
	bool is_head;
	size_t len;
	char *line;

	is_head = reader && lines && lines__next(lines, &line, &len) == LINES_LINE &&
		  record_reader__line(reader, line, len, &got) == READ_OK &&
		  got.rec.type == RECORD_SESSION && got.rec.session.part;
	if (is_head) {
		h->part = got.rec.session.part;
		h->start_realtime_ns = got.rec.session.start_realtime_ns;
		h->ts_ns = got.rec.ts_ns;
	}
	lines__free(lines);
	record_reader__free(reader);
	return !lseek(fd, 0, SEEK_SET) && is_head;
}

/* NAME.N+1 in place of NAME.N; false: it has no number. */
static bool increment(char name[PATH_MAX])
{
	char *dot = strrchr(name, '.'), *end;
	unsigned long n;

	if (!dot || !isdigit((unsigned char)dot[1]) || dot[1] == '0')
		return false;
	n = strtoul(dot + 1, &end, 10);
	if (*end || n >= OUTFILE_MAX_PARTS)
		return false;
	snprintf(dot, (size_t)(name + PATH_MAX - dot), ".%lu", n + 1);
	return true;
}

/* Opens `name` if it is the part before *last, which it becomes. Otherwise -1. */
static int open_part(const char *name, struct head *last)
{
	/* a FIFO in its place must not block */
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct head h;

	if (fd < 0)
		return -1;
	if (head_read(fd, &h) && h.part == last->part - 1 && h.ts_ns == last->ts_ns &&
	    h.start_realtime_ns == last->start_realtime_ns) {
		*last = h;
		return fd;
	}
	close(fd);
	return -1;
}

/* Opens the parts before the first one. That may have a name which ends with a number itself. */
static void open_older(struct parts *p, const char *first)
{
	char name[PATH_MAX];
	struct head last;
	struct stat st;
	int fd;

	if (fstat(p->fd[0], &st) || !S_ISREG(st.st_mode) || !head_read(p->fd[0], &last))
		return;
	snprintf(name, sizeof(name), "%s", first);
	while (last.part > 1 && p->n < OUTFILE_MAX_PARTS) {
		fd = increment(name) ? open_part(name, &last) : -1;
		if (fd < 0 && p->n == 1) {
			snprintf(name, sizeof(name), "%s.1", first);
			fd = open_part(name, &last);
		}
		if (fd < 0)
			return;
		p->fd[p->n++] = fd;
	}
}

int parts__open(struct parts *p, const char *name)
{
	bool standard = !strcmp(name, "-");
	int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	p->n = 0;
	if (fd < 0 || (!fstat(fd, &st) && S_ISDIR(st.st_mode))) {
		complain("file '%s': %s", quoted(name), strerror(fd < 0 ? errno : EISDIR));
		return EXIT_USAGE;
	}
	p->fd[p->n++] = fd;
	if (!standard)
		open_older(p, name);
	return 0;
}

void parts__close(struct parts *p)
{
	while (p->n) {
		int fd = p->fd[--p->n];

		if (fd != STDIN_FILENO)
			close(fd);
	}
}
