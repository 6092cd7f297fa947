// SPDX-License-Identifier: GPL-2.0-only
/* Runs this program's own commands, so that one that fails costs only its part. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "cmd/bugreport.h"
#include "cmd/kernel_messages.h"
#include "cmd/scrub.h"
#include "util/capture.h"
#include "util/log.h"

enum {
	TEXT_BYTES = 8 << 20, /* of doctor or audit */
	TEXT_SECONDS = 120,
	TRACE_MORE_SECONDS = 60, /* to attach the probes, and to write what is left */
	TRACE_SECONDS = 10,
	TRACE_BYTES = 16 << 20,
};

enum content {
	CONTENT_TEXT, /* may have addresses, but no paths */
	CONTENT_PATHS, /* full of paths: left out with --no-paths */
	CONTENT_ANSWER, /* the same, but for its first line */
	CONTENT_RECORDS, /* written without addresses, and without paths if asked */
};

/* What a command of ovltrace writes. */
struct source {
	const char *file;
	const char *argv[12];
	size_t limit;
	unsigned int seconds;
	enum content content;
};

static struct bugreport_part *part_add(struct bugreport *b, const char *file)
{
	struct bugreport_part *p = &b->part[b->n++];

	snprintf(p->file.name, sizeof(p->file.name), "%s", file);
	return p;
}

static void part_drop(struct bugreport_part *p, const char *why)
{
	free(p->file.bytes);
	p->file.bytes = NULL;
	p->file.len = 0;
	snprintf(p->missing, sizeof(p->missing), "%s", why);
}

/* The last line of standard error, without our name. */
static const char *last_line(char *err)
{
	static const char name[] = "ovltrace: ";
	char *line;

	while (err && *err && err[strlen(err) - 1] == '\n')
		err[strlen(err) - 1] = 0;
	if (!err || !*err)
		return "it wrote nothing";
	line = strrchr(err, '\n');
	line = line ? line + 1 : err;
	return strncmp(line, name, strlen(name)) ? line : line + strlen(name);
}

static void command_name(struct bugreport_part *p, const struct source *s)
{
	size_t i, at = 0;

	for (i = 0; s->argv[i] && at < sizeof(p->command); i++)
		at += (size_t)snprintf(p->command + at, sizeof(p->command) - at, "%s%s",
				       i ? " " : "", s->argv[i]);
}

static void answer_only(struct bugreport_part *p)
{
	char *end = strchr(p->file.bytes, '\n');

	if (end) {
		end[1] = 0;
		p->file.len = strlen(p->file.bytes);
	}
	snprintf(p->remark, sizeof(p->remark), "its first line only: paths are left out");
}

static void content_clean(struct bugreport *b, struct bugreport_part *p, enum content content)
{
	if (content == CONTENT_RECORDS)
		return;
	if (!b->has_key) {
		part_drop(p, "no random numbers, so addresses could not be hashed");
		return;
	}
	scrub__addresses(p->file.bytes, p->file.len, &b->key);
	if (content == CONTENT_ANSWER && b->opts.no_paths)
		answer_only(p);
}

static void command_gather(struct bugreport *b, const struct source *s)
{
	struct bugreport_part *p;
	struct capture_spec spec = { .path = "/proc/self/exe",
				     .argv = (char *const *)s->argv,
				     .limit = s->limit,
				     .seconds = s->seconds };
	struct capture c;
	int err;

	if (s->content == CONTENT_PATHS && b->opts.no_paths)
		return;
	p = part_add(b, s->file);
	command_name(p, s);
	debug("bugreport: %s", p->command);
	err = capture__run(&c, &spec);
	p->status = c.status;
	p->file.bytes = c.out;
	p->file.len = c.out_len;
	c.out = NULL;
	if (err)
		part_drop(p, strerror(-err));
	else if (!p->file.len)
		part_drop(p, last_line(c.err));
	else
		content_clean(b, p, s->content);
	if (c.cut)
		snprintf(p->remark, sizeof(p->remark), "it is cut: there was more");
	else if (c.over_limit || c.timed_out)
		snprintf(p->remark, sizeof(p->remark), "it was ended: %s",
			 c.over_limit ? "it reached its size" : "it took too long");
	capture__deinit(&c);
}

static void trace_gather(struct bugreport *b)
{
	double seconds = b->opts.seconds > 0 ? b->opts.seconds : TRACE_SECONDS;
	char duration[32];
	size_t n = 0;
	struct source s = {
		.file = BUGREPORT_TRACE,
		.argv = { "ovltrace", "run", "-o", "-", "-d", duration, "--hash-addresses",
			  "--allow-partial", "--quiet" },
		.limit = b->opts.size ? b->opts.size : TRACE_BYTES,
		.seconds = (unsigned int)seconds + TRACE_MORE_SECONDS,
		.content = CONTENT_RECORDS,
	};

	while (s.argv[n])
		n++;
	if (b->opts.no_paths)
		s.argv[n++] = "--no-paths";
	if (b->opts.stacks)
		s.argv[n++] = "--stacks";
	snprintf(duration, sizeof(duration), "%g", seconds);
	command_gather(b, &s);
}

/* Without paths, if that is wanted. Takes text. */
static void messages_add(struct bugreport *b, struct bugreport_part *p, char *text, size_t len)
{
	FILE *f;

	p->file.bytes = text;
	p->file.len = len;
	content_clean(b, p, CONTENT_TEXT);
	if (!b->opts.no_paths || !p->file.bytes)
		return;
	text = p->file.bytes;
	f = open_memstream(&p->file.bytes, &p->file.len);
	if (f) {
		scrub__paths(f, text);
		fclose(f);
		free(text);
	} else {
		part_drop(p, "out of memory");
	}
}

static void messages_gather(struct bugreport *b)
{
	struct bugreport_part *p = part_add(b, "kernel-messages.txt");
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), err = -errno;
	char *text = NULL;
	size_t len = 0;
	FILE *f = fd < 0 ? NULL : open_memstream(&text, &len);

	if (f) {
		err = kernel_messages__read(fd, f);
		fclose(f);
	}
	if (fd >= 0)
		close(fd);
	if (!f || err) {
		snprintf(p->missing, sizeof(p->missing), "/dev/kmsg: %s%s", strerror(-err),
			 err == -EPERM || err == -EACCES ? "; be root, or have CAP_SYSLOG" : "");
		free(text);
		return;
	}
	messages_add(b, p, text, len);
	if (!p->missing[0] && !p->file.len)
		snprintf(p->remark, sizeof(p->remark), "the kernel logged nothing about overlayfs");
}

void bugreport__gather(struct bugreport *b)
{
	static const struct source texts[] = {
		{ "doctor.txt", { "ovltrace", "doctor" }, TEXT_BYTES, TEXT_SECONDS, CONTENT_TEXT },
		{ "doctor.json",
		  { "ovltrace", "doctor", "--json" },
		  TEXT_BYTES,
		  TEXT_SECONDS,
		  CONTENT_TEXT },
		{ "audit.txt", { "ovltrace", "audit" }, TEXT_BYTES, TEXT_SECONDS, CONTENT_ANSWER },
		{ "audit.json",
		  { "ovltrace", "audit", "--json" },
		  TEXT_BYTES,
		  TEXT_SECONDS,
		  CONTENT_PATHS },
	};
	size_t i;

	b->has_key = getrandom(&b->key, sizeof(b->key), 0) == sizeof(b->key);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		command_gather(b, &texts[i]);
	trace_gather(b);
	messages_gather(b);
}

size_t bugreport__missing(const struct bugreport *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->n; i++)
		n += b->part[i].missing[0] != 0;
	return n;
}
