/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The workload generator: what its parts know of each other.
 *
 * options -> area (mounts, directories, files) -> run (threads) -> report
 */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_BYTES 255 /* NAME_MAX, in bytes and without the NUL */
#define COMM_BYTES 15 /* TASK_COMM_LEN without the NUL */
#define UNSET UINT64_MAX /* a number that was not given: the mode decides */

enum status {
	STATUS_OK = 0,
	STATUS_ERRORS = 1, /* system calls failed, or --verify-strict found something */
	STATUS_USAGE = 2,
	STATUS_NOT_IMPURE = 3, /* the directories would have no impure cache */
	STATUS_NO_SYSTEM = 4, /* no overlayfs, no privilege, no space */
};

/* ---- options.c ---------------------------------------------------------- */

struct options {
	const char *mode_name;
	const char *make, *mount, *lower, *upper, *mount_options, *prefix, *scratch;
	const char *wait_file;
	uint64_t dirs, entries, readers, renamers; /* after options_parse() never UNSET */
	uint64_t duration_ns, rounds, ops; /* 0: no such limit */
	uint64_t phases, seed, period_us, buffer_bytes;
	bool no_unshare, keep, cold, verify, verify_strict, json, print_names, help;
	const struct mode *mode;
};

/* STATUS_OK, or STATUS_USAGE after one line on standard error. */
int options_parse(struct options *opt, int argc, char **argv);
void options_help(void);

/* ---- say.c -------------------------------------------------------------- */

/* One line on standard error, "workload: what 'which': why"; harmless on a terminal. */
void complain(const char *what, const char *which, const char *why);
/* The same with the text of errno. */
void complain_errno(const char *what, const char *which);

/* ---- random.c ----------------------------------------------------------- */

struct rng {
	uint64_t state;
};

void rng_seed(struct rng *rng, uint64_t seed, uint64_t stream);
uint64_t rng_next(struct rng *rng);
/* A number from 0 to bound - 1. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

/* ---- names.c ------------------------------------------------------------ */

enum role {
	ROLE_READER,
	ROLE_RENAMER
};

/* Allocated; NULL when there is no memory. The same for the same options. */
char *name_of_directory(const struct options *opt, unsigned int dir);
char *name_of_file(const struct options *opt, unsigned int dir, unsigned int file);
void name_of_thread(const struct options *opt, enum role role, unsigned int index,
		    char comm[COMM_BYTES + 1]);
/* Every name in hexadecimal, one a line: "directory D HEX", "file D F HEX", "comm ROLE N HEX". */
int names_print(const struct options *opt);

/* ---- mounts.c ----------------------------------------------------------- */

/* Where the layers are. Every path is absolute and allocated. */
struct mounts {
	char *merged, *lower, *upper, *plain; /* plain: not on the overlay, may be NULL */
	char *top, *work; /* what was made for --make */
	bool made_top, mounted_tmpfs, mounted_overlay;
};

int mounts_init(struct mounts *m, const struct options *opt);
/* For --make: the overlay itself, once the lower files exist. */
int mounts_overlay(struct mounts *m, const struct options *opt);
void mounts_deinit(struct mounts *m, const struct options *opt);

/* ---- mountinfo.c -------------------------------------------------------- */

/* The layers of the overlay mounted at path; unknown ones stay NULL. */
int mountinfo_layers(const char *path, char **lower, char **upper);

/* ---- area.c ------------------------------------------------------------- */

enum place {
	INSIDE,
	OUTSIDE,
	MOVING
};

struct file {
	char *name;
	_Atomic int place; /* enum place; MOVING belongs to one thread */
};

struct directory {
	char *name, *side, *source; /* D, where files wait outside of D, where they come from */
	int fd, side_fd; /* O_PATH */
	struct file *files;
	bool made_source; /* in the lower layer, by us */
	bool swapped; /* the first file has its spare name: see mode rebuild */
};

struct area {
	struct mounts mounts;
	int merged_fd, plain_fd;
	unsigned int nr_dirs, nr_files; /* files a directory */
	struct directory *dirs;
};

int area_init(struct area *area, const struct options *opt);
void area_deinit(struct area *area, const struct options *opt);

/* ---- merged.c ----------------------------------------------------------- */

struct worker;

/* Makes a merged directory of what is in the lower layer. */
int merged_fill(const struct area *area, struct directory *dir);
void merged_streams(struct worker *worker);

/* ---- list.c ------------------------------------------------------------- */

struct tally {
	uint64_t ops, rounds, listings, entries, renames, errors;
	int first_errno;
	const char *first_call;
	uint64_t start_ns, end_ns;
};

struct lister {
	char *buffer;
	size_t size;
};

typedef void (*entry_fn)(void *ctx, const char *name, uint64_t ino);

int list_open(const struct area *area, const struct directory *dir, struct tally *tally);
/* Reads from fd until the end, then closes it. each may be NULL. False after an error. */
bool list_read(int fd, struct lister *lister, struct tally *tally, entry_fn each, void *ctx);
bool list_directory(const struct area *area, const struct directory *dir, struct lister *lister,
		    struct tally *tally);
void tally_error(struct tally *tally, const char *call);

/* ---- verify.c ----------------------------------------------------------- */

struct verdict {
	uint64_t d_ino_mismatches, missing, phantoms;
};

/* Lists every directory again, while no thread modifies it, and compares. */
int verify_area(const struct area *area, const struct options *opt, struct verdict *verdict,
		struct tally *tally);

/* ---- run.c -------------------------------------------------------------- */

struct run {
	const struct options *opt;
	struct area *area;
	uint64_t phase;
	pthread_barrier_t gate, round;
	bool last_round; /* written by one reader between two barriers */
	struct worker *workers;
	unsigned int nr_workers;
};

struct worker {
	struct run *run;
	pthread_t thread;
	enum role role;
	unsigned int index;
	struct rng rng;
	struct lister lister;
	struct tally tally;
	bool started;
};

uint64_t now_ns(void);
/* SIGINT or SIGTERM came, or the time is up. */
bool stopped(void);
bool interrupted(void);
/* Keeps SIGINT and SIGTERM from ending the program at once. */
void catch_signals(void);
/* The lister's way through a directory with the worker's own buffer and tally. */
void worker_list(struct worker *worker, const struct directory *dir);
/* One phase; the sum of what the threads did. */
int run_phase(struct run *run, struct tally *sum);

/* ---- modes.c ------------------------------------------------------------ */

enum limit {
	BY_DURATION,
	BY_ROUNDS,
	BY_OPS
};

struct mode {
	const char *name, *help;
	enum limit limit;
	unsigned int dirs, entries, readers, renamers, min_entries;
	uint64_t rounds, ops;
	bool single; /* one thread: neither --readers nor --renamers */
	bool merged; /* directories of two layers, not impure ones; with --make only */
	void (*prepare)(struct worker *worker); /* before the time starts; may be NULL */
	void (*reader)(struct worker *worker);
	void (*renamer)(struct worker *worker); /* may be NULL */
	void (*finish)(struct worker *worker); /* after the time; may be NULL */
};

extern const struct mode modes[];
extern const unsigned int nr_modes;
const struct mode *mode_find(const char *name);

/* ---- report.c ----------------------------------------------------------- */

void report(const struct options *opt, const struct tally *sum, const struct verdict *verdict,
	    uint64_t phase);

#endif
