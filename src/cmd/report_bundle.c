// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/report_bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/bugreport.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/text.h"

/* 0 or -errno. */
static int trace_open(struct report_bundle *b, const struct bundle_file *file)
{
	size_t at = 0;

	b->trace_fd = memfd_create("trace", MFD_CLOEXEC);
	if (b->trace_fd < 0)
		return -errno;
	while (at < file->len) {
		ssize_t n = write(b->trace_fd, file->bytes + at, file->len - at);

		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return lseek(b->trace_fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

static bool is_text(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, ".txt");
}

/* Takes the file, or frees it. */
static int file_take(struct report_bundle *b, struct bundle_file *file)
{
	int err = 0;

	if (is_text(file->name) && b->n < REPORT_BUNDLE_TEXTS) {
		b->text[b->n++] = *file;
		return 0;
	}
	if (!strcmp(file->name, BUGREPORT_TRACE) && b->trace_fd < 0)
		err = trace_open(b, file);
	free(file->bytes);
	return err;
}

int report_bundle__open(struct report_bundle *b, int fd, const char *name)
{
	struct bundle *bundle = bundle__open(fd);
	struct bundle_file file = { 0 };
	int got, err = 0;

	b->trace_fd = -1;
	b->present = bundle;
	if (!bundle)
		return 0;
	while (!err && (got = bundle__next(bundle, &file)) > 0)
		err = file_take(b, &file);
	if (err)
		complain("file '%s': %s", quoted(name), strerror(-err));
	else if (got < 0)
		complain("file '%s': archive: %s", quoted(name), bundle__why(bundle));
	else if (!b->n && b->trace_fd < 0)
		complain("file '%s': an archive that 'ovltrace bugreport' did not write",
			 quoted(name));
	else
		got = 1;
	bundle__close(bundle);
	return got == 1 && !err ? 0 : EXIT_USAGE;
}

void report_bundle__write(const struct report_bundle *b, FILE *f)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		const char *line = b->text[i].bytes, *end = line + b->text[i].len;

		/* the summary answers: it is the first line */
		if (strcmp(b->text[i].name, BUGREPORT_SUMMARY)) {
			fputs("---- ", f);
			text__bytes(f, b->text[i].name, strlen(b->text[i].name));
			fputs(" ----\n", f);
		}
		while (line < end) {
			const char *newline = memchr(line, '\n', (size_t)(end - line));

			newline = newline ? newline : end;
			text__message(f, line, (size_t)(newline - line));
			fputc('\n', f);
			line = newline + 1;
		}
		fputc('\n', f);
	}
	fputs(b->trace_fd < 0 ? "---- there is no trace ----\n" : "---- the trace ----\n", f);
}

void report_bundle__close(struct report_bundle *b)
{
	while (b->n)
		free(b->text[--b->n].bytes);
	if (b->trace_fd >= 0)
		close(b->trace_fd);
}
