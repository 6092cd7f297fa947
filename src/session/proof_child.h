/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The known operations of the proof, in a child with its own mount namespace. However
 * the child ends, nothing is left behind: all its files are on mounts that end with the
 * namespace.
 */
#ifndef OVLTRACE_PROOF_CHILD_H
#define OVLTRACE_PROOF_CHILD_H

#include <stdint.h>
#include <sys/types.h>

/* Progress of the child. After each of the first three steps it waits for a byte. */
enum proof_step {
	PROOF_MOUNTED, /* nothing has been listed yet */
	PROOF_LISTED, /* next: a rename within the directory */
	PROOF_RENAMED,
	PROOF_DONE, /* the overlay is unmounted */
	PROOF_FAILED,
};

struct proof_msg {
	uint32_t step;
	int32_t err; /* FAILED: negative errno; 0 if no system call failed */
	uint32_t dev; /* MOUNTED: of the overlay, in the kernel's encoding */
	char what[68]; /* FAILED: the operation */
};

/* Returns the child's pid and its socket in *fd, or -errno. The child dies with its parent. */
pid_t proof_child__start(int *fd);

#endif
