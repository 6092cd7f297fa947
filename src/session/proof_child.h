/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The known operations of the proof, in a process of their own with a mount
 * namespace of its own. Whatever ends it, nothing is left: its mounts go with
 * its namespace, and all its files are in them.
 */
#ifndef OVLTRACE_PROOF_CHILD_H
#define OVLTRACE_PROOF_CHILD_H

#include <stdint.h>
#include <sys/types.h>

/* Where it is. It waits for a byte before it goes on from the first three. */
enum proof_step {
	PROOF_MOUNTED, /* nothing was listed yet */
	PROOF_LISTED, /* a rename within the directory is next */
	PROOF_RENAMED,
	PROOF_DONE, /* its overlay is unmounted */
	PROOF_FAILED,
};

struct proof_msg {
	uint32_t step;
	int32_t err; /* FAILED: negative errno, 0: not by a system call */
	uint32_t dev; /* MOUNTED: the overlay's; the kernel's encoding */
	char what[68]; /* FAILED: what was tried */
};

/* Its pid, and in *fd the socket to talk to it; or -errno. It dies with us. */
pid_t proof_child__start(int *fd);

#endif
