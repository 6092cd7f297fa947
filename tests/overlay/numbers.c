// SPDX-License-Identifier: GPL-2.0-only
/* Inode numbers stay what they are, and listings have the same as lstat(). */
#include "overlay.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void two_files(void)
{
	make_file("l/a");
	make_file("l/b");
}

/* The new directory is in the upper layer only. What moves into it makes it impure. */
static void impure_rename(void)
{
	uint64_t a = number("m/a");

	make_dir("m/new");
	EXPECT(!has_attribute("u/new", "impure"), "a new directory is impure");
	make_file("m/new/own");
	move("m/a", "m/new/a");
	EXPECT(has_attribute("u/new", "impure"), "the impure attribute is not set by a rename");
	EXPECT(number("m/new/a") == a, "a rename changes the number of a file");
	expect_listing("m/new", NAMES("own", "a"));
	move("m/new/a", "m/a");
	expect_listing("m/new", NAMES("own"));
	EXPECT(number("m/a") == a, "a rename back changes the number of a file");
}

static void directory_and_file(void)
{
	make_dir("l/d");
	make_file("l/d/a");
	make_file("l/d/b");
}

static void copy_up_file(void)
{
	uint64_t a = number("m/d/a"), d = number("m/d");

	expect_listing("m/d", NAMES("a", "b"));
	write_to("m/d/a");
	EXPECT(number("m/d/a") == a, "a copy-up changes the number of a file");
	EXPECT(number("m/d") == d, "the copy-up of a file changes the number of its directory");
	EXPECT(number("u/d/a") != a, "the upper file has the lower file's number");
	EXPECT(has_attribute("u/d", "impure"), "the impure attribute is not set by a copy-up");
	expect_listing("m/d", NAMES("a", "b"));
}

/* A stream that was opened before has a cache from before. */
static void copy_up_while_open(void)
{
	struct listed l;
	uint64_t listed;
	int fd = open_dir("m/d");

	write_to("m/d/a");
	make_file("m/d/c");
	read_on(&l, fd, SIZE_MAX);
	EXPECT(times(&l, "a", &listed) == 1 && times(&l, "b", NULL) == 1, "a name is missing");
	EXPECT(listed == number("m/d/a"), "a copied-up file is listed with another number");
	expect_listing("m/d", NAMES("a", "b", "c"));
}

static void both_layers(void)
{
	make_dir("l/d");
	make_dir("u/d");
	make_file("l/d/low");
	make_file("u/d/up");
	make_file("l/d/both");
	make_file("u/d/both");
	make_dir("l/d/sub");
}

static void merged_numbers(void)
{
	uint64_t sub = number("m/d/sub");

	expect_listing("m/d", NAMES("low", "up", "both", "sub"));
	EXPECT(number("m/d/both") != number("l/d/both"), "the lower file shows through");
	make_file("m/d/sub/x");
	EXPECT(number("m/d/sub") == sub, "a copy-up changes the number of a directory");
	expect_listing("m/d", NAMES("low", "up", "both", "sub"));
	expect_listing("m/d/sub", NAMES("x"));
}

const struct test number_tests[] = {
	{ "impure_rename", "files renamed into an upper directory keep their numbers", two_files,
	  impure_rename, false },
	{ "copy_up_file", "files keep their numbers when they are copied up", directory_and_file,
	  copy_up_file, false },
	{ "copy_up_while_open", "open streams survive a copy-up", directory_and_file,
	  copy_up_while_open, false },
	{ "merged_numbers", "merged directories list each name once, with its number", both_layers,
	  merged_numbers, false },
	{ 0 },
};
