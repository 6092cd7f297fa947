/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lower layer of schedules: a FUSE filesystem that the explorer serves itself.
 *
 * Overlayfs validates the lower half of each cached entry that a reader looks up. For
 * the entry x that is a LOOKUP request here, within the reader's window. The reader is
 * held as long as the request is not answered: it sleeps, so this needs no processor,
 * no probe and no time limit in the kernel. If the explorer ends, the kernel aborts
 * the connection, and all readers continue.
 *
 * cN has S with a and b, and T with x and y, for each N. x has two links, so it keeps
 * the upper file's number after its copy-up: no cache has an entry of it.
 */
#ifndef OVLTRACE_PERFORM_SERVED_H
#define OVLTRACE_PERFORM_SERVED_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SERVED_HOLDS = 4,
};

struct served_hold {
	uint32_t tid; /* whose lookups of x are held; 0: none */
	uint64_t request; /* that is held; 0: none */
	uint64_t node;
};

struct served {
	int fd; /* /dev/fuse */
	struct served_hold hold[SERVED_HOLDS];
};

/* 0 or -errno. */
int served__open(struct served *s);
/* Mount options for mount(2); the filesystem is "fuse". */
void served__options(const struct served *s, char *text, unsigned long size);
/* Answers all requests that have come. */
void served__answer(struct served *s);
/* Holds the next lookup of x by that thread. */
void served__arm(struct served *s, unsigned int hold, uint32_t tid);
void served__disarm(struct served *s, unsigned int hold);
bool served__is_held(const struct served *s, unsigned int hold);
/* Answers the request that is held. The next one of the thread is held again. */
void served__release(struct served *s, unsigned int hold);
void served__close(struct served *s);

#endif
