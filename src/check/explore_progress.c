// SPDX-License-Identifier: GPL-2.0-only
#include "check/explore_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/log.h"

#define MS 1000000ULL

enum {
	TERMINAL_MS = 500,
	LOG_MS = 10000, /* where lines stay */
};

void progress__begin(struct progress *p, uint64_t total)
{
	memset(p, 0, sizeof(*p));
	p->terminal = isatty(STDERR_FILENO);
	p->total = total;
	p->begun_ns = p->shown_ns = clock__now_ns();
}

static void write_time(char *text, size_t size, double seconds)
{
	if (seconds < 120)
		snprintf(text, size, "%.0f s", seconds);
	else if (seconds < 7200)
		snprintf(text, size, "%.0f min", seconds / 60);
	else
		snprintf(text, size, "%.0f h", seconds / 3600);
}

const char *progress__text(const struct progress *p, uint64_t now_ns, char text[PROGRESS_TEXT])
{
	double seconds = (now_ns - p->begun_ns) / 1e9;
	double rate = seconds > 0 ? p->done / seconds : 0;
	char left[32] = "unknown time";

	if (rate > 0)
		write_time(left, sizeof(left), (p->total - p->done) / rate);
	snprintf(text, PROGRESS_TEXT,
		 "%" PRIu64 " of %" PRIu64 " histories (%.0f %%), %.0f/s, %s left, %zu bad ones; "
		 "resume with --from %" PRIu64,
		 p->done, p->total, p->total ? 100.0 * p->done / p->total : 100.0, rate, left,
		 p->found, p->next);
	return text;
}

void progress__show(struct progress *p)
{
	uint64_t now = clock__now_ns();
	char text[PROGRESS_TEXT];

	if (now - p->shown_ns < (p->terminal ? TERMINAL_MS : LOG_MS) * MS)
		return;
	p->shown_ns = now;
	if (p->terminal)
		fprintf(stderr, "\r\033[K%s", progress__text(p, now, text));
	else
		complain("%s", progress__text(p, now, text));
}

void progress__end(struct progress *p)
{
	if (p->terminal)
		fputs("\r\033[K", stderr);
}
