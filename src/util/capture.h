/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a program and keeps what it writes, in bounded memory and time. */
#ifndef OVLTRACE_CAPTURE_H
#define OVLTRACE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>

struct capture_spec {
	const char *path;
	char *const *argv;
	size_t limit; /* of standard output: with more, the program is sent SIGTERM */
	unsigned int seconds; /* the same after that time */
};

struct capture {
	char *out, *err; /* a NUL follows; to be freed */
	size_t out_len, err_len;
	int status; /* exit status, or 128 + signal */
	bool over_limit, timed_out; /* why it was sent SIGTERM */
	bool cut; /* it wrote even more, or did not end: it was killed */
};

/* 0, or -errno if it could not be started. */
int capture__run(struct capture *c, const struct capture_spec *spec);
void capture__deinit(struct capture *c);

#endif
