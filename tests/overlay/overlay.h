/* SPDX-License-Identifier: GPL-2.0-only */
/* Tests of what users see of overlay directories. */
#ifndef OVERLAY_TESTS_H
#define OVERLAY_TESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Each runs in a process and a mount namespace of its own. */
struct test {
	const char *name;
	const char *what; /* must hold */
	void (*lower)(void); /* fills the lower layer before the mount; NULL: it stays empty */
	void (*run)(void); /* returns: passed */
	bool known; /* fails on all released kernels: it only runs if it is named */
};

extern const struct test number_tests[], entry_tests[], stream_tests[]; /* until name is NULL */

/*
 * The area is the working directory, a tmpfs: the lower layer l, the upper one u, and the
 * overlay m.
 */
int area_run(const struct test *t, char *why, size_t size);

/* The test fails, or is skipped, and ends. */
_Noreturn void failed(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void skipped(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define EXPECT(condition, ...)               \
	do {                                 \
		if (!(condition))            \
			failed(__VA_ARGS__); \
	} while (0)

/* These fail the test if they do not succeed. format: of a path */
void make_dir(const char *path);
void make_file(const char *path);
void write_to(const char *path); /* copies it up */
void move(const char *from, const char *to);
void make_link(const char *from, const char *to);
void remove_file(const char *path);
int open_dir(const char *path);
uint64_t number(const char *path); /* as lstat() has it */
nlink_t links(const char *path);
/* Whether the upper file has that attribute of overlayfs, with the value "y". */
bool has_attribute(const char *path, const char *name);

enum {
	LISTED_MAX = 512,
};

struct listed {
	size_t n;
	struct {
		char name[32];
		uint64_t number; /* d_ino */
	} entry[LISTED_MAX];
};

/* Reads on to the end. size: of the buffer */
void read_on(struct listed *l, int fd, size_t size);
/* Opens, reads and closes. */
void list(struct listed *l, const char *path);
/* How often a name is listed; its number in *number, which may be NULL. */
unsigned int times(const struct listed *l, const char *name, uint64_t *number);
/*
 * Lists the directory: exactly these names, which end with NULL, and "." and "..", each once,
 * with the numbers that lstat() has.
 */
void expect_listing(const char *path, const char *const *names);

#endif
