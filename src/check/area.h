/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside a scenario's child: its private mounts, and what a user sees in them.
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
	int merged_fd; /* of the overlay that is looked at */
	bool dots; /* "." and ".." have a defined d_ino */
	bool dir_inos; /* other directories have */
	bool moved_inos; /* files that were copied up have: "f0" ... in "D" */
	/* the impure directory "D", with "S" beside it where files wait */
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
/* This thread modifies: it runs where no reader waits for it. */
void area__on_free_cpu(const struct area *a);
void area__on_any_cpu(void);
/* For timelines: what this thread is called. */
void area__thread_name(const char *name);

#define COUNT(st, what) __atomic_fetch_add(&(st)->what, 1, __ATOMIC_RELAXED)
/* The first of its kind is told in words. */
__attribute__((format(printf, 3, 4))) void view__report(struct scenario_state *st, enum check_id id,
							const char *fmt, ...);
/* A system call failed that should not have. */
void view__error(struct scenario_state *st, const char *what, const char *which);

/* What a call of getdents64 is given, and who takes the entries. */
struct view_buffer {
	char *buf;
	size_t size;
	void (*entry)(void *ctx, const char *name, uint64_t ino); /* NULL: not needed */
	void *ctx;
};

/* One getdents64. Returns, and judges, the raw value that the kernel returned. */
long view__getdents(struct scenario_state *st, int fd, const struct view_buffer *vb);
/* The same with a buffer of that size, at most VIEW_BUFFER bytes; its entries are dropped. */
long view__read(struct scenario_state *st, int fd, size_t size);
/* Opens parent/name, lists it to its end, closes it. */
void view__list(struct scenario_state *st, int parent_fd, const char *name, size_t bufsize);
/*
 * A new listing of parent/name, while nobody changes it: the names that must
 * be there (NULL ended; NULL: not known), each with the number that statx says.
 * What is wrong counts if it is wrong in a second listing, too.
 */
void view__verify(struct area *a, int parent_fd, const char *name, const char *const *names);

#endif
