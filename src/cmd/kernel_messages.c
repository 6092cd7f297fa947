// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/kernel_messages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	RECORD_BYTES = 8192, /* /dev/kmsg has no longer ones */
	REPORT_LINES = 200, /* of one warning or oops */
};

struct messages {
	FILE *f;
	size_t written;
	/* a report whose end has not come yet */
	char *report;
	size_t report_len;
	FILE *pending; /* into report; NULL: none */
	unsigned int lines;
	bool about_us;
};

static bool has_one(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strstr(text, *words))
			return true;
	return false;
}

static bool about_overlay(const char *text)
{
	/* "[overlay]" stands behind each function of the module; ovl_ covers those built in */
	static const char *const words[] = { "overlay", "ovl_", NULL };

	return has_one(text, words);
}

static bool begins_report(const char *text)
{
	static const char *const words[] = { "[ cut here ]",
					     "BUG: ",
					     "WARNING: ",
					     "Oops: ",
					     "INFO: task",
					     "general protection fault",
					     NULL };

	return has_one(text, words);
}

/* A line of "=" stands before and after a report of KASAN, and only before one of lockdep. */
static bool ends_report(const char *text)
{
	return strstr(text, "---[ end trace") || !strncmp(text, "====", 4);
}

static void report_end(struct messages *m)
{
	if (!m->pending)
		return;
	fclose(m->pending);
	m->pending = NULL;
	if (m->about_us && m->written < KERNEL_MESSAGES_BYTES) {
		fwrite(m->report, 1, m->report_len, m->f);
		m->written += m->report_len;
	}
	free(m->report);
	m->report = NULL;
}

static void report_begin(struct messages *m)
{
	m->pending = open_memstream(&m->report, &m->report_len);
	m->lines = 0;
	m->about_us = false;
}

/* One message without its prefix. */
static void message(struct messages *m, uint64_t us, const char *text)
{
	/* it would reveal where the kernel is */
	if (strstr(text, "Kernel Offset:"))
		return;
	if (!m->pending && begins_report(text))
		report_begin(m);
	if (m->pending) {
		m->about_us |= about_overlay(text);
		fprintf(m->pending, "%5" PRIu64 ".%06" PRIu64 " %s\n", us / 1000000, us % 1000000,
			text);
		if (++m->lines >= REPORT_LINES || ends_report(text))
			report_end(m);
		return;
	}
	if (!about_overlay(text) || m->written >= KERNEL_MESSAGES_BYTES)
		return;
	m->written += (size_t)fprintf(m->f, "%5" PRIu64 ".%06" PRIu64 " %s\n", us / 1000000,
				      us % 1000000, text);
}

/* "priority,sequence,microseconds,flags;text\n CONTINUATION=..." */
static void record(struct messages *m, char *rec)
{
	char *semicolon = strchr(rec, ';'), *comma;
	unsigned long long us = 0;
	int i;

	if (!semicolon)
		return;
	*semicolon = 0;
	for (i = 0, comma = rec; i < 2 && comma; i++) {
		comma = strchr(comma, ',');
		comma = comma ? comma + 1 : NULL;
	}
	if (comma)
		us = strtoull(comma, NULL, 10);
	semicolon[1 + strcspn(semicolon + 1, "\n")] = 0;
	message(m, us, semicolon + 1);
}

int kernel_messages__read(int fd, FILE *f)
{
	struct messages m = { .f = f };
	char buf[RECORD_BYTES + 1];
	int err = 0;

	while (!err) {
		ssize_t n = read(fd, buf, RECORD_BYTES);

		if (n > 0) {
			buf[n] = 0;
			record(&m, buf);
		} else if (!n || errno == EAGAIN) {
			break;
		} else if (errno != EPIPE && errno != EINTR) {
			/* EPIPE: records were overwritten; the next read has the oldest that is left */
			err = -errno;
		}
	}
	report_end(&m);
	return err;
}
