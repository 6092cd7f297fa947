/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pieces of schedules on a real overlay. A child has the mounts and a thread for each
 * reader and for the modifications; it ends with us. We serve its lower layer, and
 * hold its readers in their windows: see served.h. Where their lookups do not reach that
 * layer, a program holds them: see probe/hold.h. We touch no overlay, so we cannot hang.
 */
#ifndef OVLTRACE_PERFORM_STAGE_H
#define OVLTRACE_PERFORM_STAGE_H

#include "explore/schedule.h"
#include "perform/perform.h"

enum stage_answer {
	STAGE_DONE,
	STAGE_HELD, /* the reader is held: it looks up x */
	STAGE_LATE, /* not done in time: something else holds the lock that it needs */
	STAGE_DEAD, /* the child has ended */
};

/* What the child says, in shared memory. */
struct stage_shared {
	uint32_t dev; /* of the overlay; the kernel's encoding */
	uint64_t ino; /* of D of the last directory */
	uint64_t held_at; /* of its x, at which readers are held; in the upper layer, too */
	uint32_t tid[CACHE_READERS + 1]; /* of the readers, and of the modifications */
	long returned[CACHE_READERS]; /* by the reader's getdents64, or -errno */
	struct perform_state st; /* violations of the last directory */
};

struct stage;
struct hold;

/* 0, or -errno with why. */
int stage__new(struct stage **s, char why[PERFORM_TEXT]);
const struct stage_shared *stage__shared(const struct stage *s);
/*
 * Readers are held by that program from now on; each needs a processor. Returns how many can be
 * held at a time: 0 where there is one processor only. Binds this thread to a processor that no
 * reader uses, until stage__free().
 */
unsigned int stage__hold_by(struct stage *s, struct hold *hold);
/* How many of these let themselves go, because they were held for too long. */
uint64_t stage__overdue(const struct stage *s);
/* Until it is off, pieces that wait for a lock are given up sooner. */
void stage__probe(struct stage *s, bool on);
/* Makes a new directory for the next schedule. */
enum stage_answer stage__make(struct stage *s, unsigned int dir);
/* Does a piece. A reader is held where it looks up x; hold: else only to count. */
enum stage_answer stage__piece(struct stage *s, const struct piece *p, bool hold);
/* Lets all readers go, and waits until nothing is to be done. */
enum stage_answer stage__settle(struct stage *s);
/* Lists the directory with a new stream, and compares it with stat: shared->st. */
enum stage_answer stage__check(struct stage *s);
/* Kills the child. */
void stage__free(struct stage *s);

#endif
