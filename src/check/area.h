/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For a scenario's child process: its private mounts, and what a user sees in them.
 */
#ifndef OVLTRACE_CHECK_AREA_H
#define OVLTRACE_CHECK_AREA_H

#include "check/check.h"

enum {
	AREA_FILES = 16, /* that move in and out of an impure directory */
	AREA_NAME = 16,
	AREA_PATH = 128,
	VIEW_BUFFER = 4096,
};

struct area {
	struct scenario_state *st;
	const struct check_opts *opts;
	char top[AREA_PATH]; /* the tmpfs */
	int top_fd;
	int merged_fd; /* the overlay under test */
	bool dots; /* d_ino of "." and ".." is defined */
	bool dir_inos; /* d_ino of other directories is defined */
	bool moved_inos; /* d_ino of copied-up files is defined: "f0" ... in "D" */
	/* the impure directory "D", and its sibling "S", which holds the files that are moved out */
	int dir_fd, side_fd; /* O_PATH */
	char upper_dir[AREA_PATH]; /* "D" in the upper layer, "" if there is none */
	unsigned int nfiles;
	bool inside[AREA_FILES];
	uint64_t rng;
};

/* How the engine and a scenario's child synchronize. */
struct check_channel {
	int go_fd; /* until_ns of the next turn comes from here; closed: no more turns */
	int done_fd; /* a byte goes here after each turn */
};

/* Runs scenarios[index] in this process, which ends with it. */
_Noreturn void check_child__main(const struct check_opts *opts, struct scenario_state *st,
				 size_t index, const struct check_channel *ch);

/* All return 0, or -errno with st->why set. Paths are relative to the tmpfs. */
int area__mkdir(struct area *a, const char *path);
int area__file(struct area *a, const char *path);
int area__tmpfs(struct area *a, const char *path);
struct area_overlay {
	const char *merged, *lower, *upper, *work;
	const char *extra; /* mount options; NULL: none */
};

/* All layers on the area's tmpfs: the case in which inode numbers are translated. */
extern const struct area_overlay area_one_overlay;

/* Creates all of its directories but lower, and mounts it. */
int area__overlay(struct area *a, const struct area_overlay *ov);
int area__fail(struct area *a, const char *what, const char *which);
/* Files in lower/src, before the overlay is there; moved into merged/D, after. */
int area__impure_lower(struct area *a, const char *lower, unsigned int nfiles);
int area__impure(struct area *a, const char *merged, const char *upper);

uint64_t area__random(struct area *a, uint64_t below);
bool area__time_is_up(uint64_t until_ns);
void area__sleep_us(uint64_t us);
/* Binds this thread, which modifies, to a processor on which no reader is held. */
void area__on_free_cpu(const struct area *a);
void area__on_any_cpu(void);
/* Sets the comm of this thread, which timelines show. */
void area__thread_name(const char *name);

#define COUNT(st, what) __atomic_fetch_add(&(st)->what, 1, __ATOMIC_RELAXED)
/* Records a failure of a result; the first one keeps its text. */
__attribute__((format(printf, 3, 4))) void view__report(struct scenario_state *st, enum check_id id,
							const char *fmt, ...);
/* Counts a system call that failed without a known reason. */
void view__error(struct scenario_state *st, const char *what, const char *which);

/* A buffer for getdents64, and the consumer of its entries. */
struct view_buffer {
	char *buf;
	size_t size;
	void (*entry)(void *ctx, const char *name, uint64_t ino); /* NULL: not needed */
	void *ctx;
};

/* Calls getdents64 once. Judges the kernel's raw return value and returns it. */
long view__getdents(struct scenario_state *st, int fd, const struct view_buffer *vb);
/* The same with a buffer of that size, at most VIEW_BUFFER bytes; its entries are dropped. */
long view__read(struct scenario_state *st, int fd, size_t size);
/* Opens parent/name, lists it to its end, closes it. */
void view__list(struct scenario_state *st, int parent_fd, const char *name, size_t bufsize);
/*
 * Lists parent/name with a new stream while nothing modifies it. Compares the names
 * with those expected (NULL-terminated; NULL: not known), and each d_ino with statx.
 * An error counts only if a second listing has it, too.
 */
void view__verify(struct area *a, int parent_fd, const char *name, const char *const *names);

#endif
