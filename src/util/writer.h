/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output that never makes its caller wait. A reader may stop reading, and a disk may
 * take seconds, while records arrive that do not wait. So a thread does the writing.
 */
#ifndef OVLTRACE_WRITER_H
#define OVLTRACE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct writer;

enum {
	WRITER_BOUND = 16 << 20, /* bytes that wait, see writer__is_full() */
};

/* Writes to a duplicate of fd. NULL: no memory. */
struct writer *writer__new(int fd);
/* What is not yet written is dropped: see writer__finish(). */
void writer__free(struct writer *w);

/*
 * Queues bytes, however many wait. After an error they are dropped. If a write fails, a
 * regular file is cut back to its last complete line.
 */
void writer__write(struct writer *w, const void *bytes, size_t len);
/*
 * The same without a copy, of bytes from malloc() with room for cap. Replaces them by others
 * that were written, or by NULL and 0.
 */
void writer__take(struct writer *w, char **bytes, size_t len, size_t *cap);
/* What is written from now on goes to a duplicate of fd. */
void writer__switch(struct writer *w, int fd);
/* As if a write had failed. */
void writer__fail(struct writer *w, int err);
/*
 * A stream to the same queue; fclose() it before writer__free(). Its descriptor is -1.
 * Writes to it fail after an error. NULL: no memory.
 */
FILE *writer__stream(struct writer *w);

/* Do more bytes wait than WRITER_BOUND? Then the caller should not produce more. */
bool writer__is_full(struct writer *w);
/*
 * A descriptor that becomes readable when it is no longer full, or has failed, and is so up
 * to the next writer__is_full().
 */
int writer__fd(const struct writer *w);
bool writer__is_idle(struct writer *w);
/* Has a write failed? */
bool writer__has_failed(struct writer *w);
/* -errno of the first write that failed, once; 0 otherwise. */
int writer__error(struct writer *w);

/* How long writer__finish() waits; of all writers together. */
struct writer_wait {
	int signal_fd; /* a signalfd */
	uint64_t grace_ns; /* after a signal */
	uint64_t begin_ns; /* of the wait */
	uint64_t signal_ns; /* when the first signal came; 0: none yet */
	bool over; /* another one came */
};

enum {
	WRITER_AGAIN_NS = 500000000, /* a signal so soon after another one was sent with it */
};

/*
 * Waits until all is written: as long as it takes, but after a signal only for the grace
 * time, and after another signal not at all. False: some of it is not written.
 */
bool writer__finish(struct writer *w, struct writer_wait *wait);

#endif
