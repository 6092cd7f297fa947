// SPDX-License-Identifier: GPL-2.0-only
/* What is removed stays away, and links stay links. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "overlay.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void directory_and_files(void)
{
	make_dir("l/d");
	make_file("l/d/a");
	make_file("l/d/b");
}

static bool is_whiteout(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISCHR(st.st_mode) && !st.st_rdev;
}

static void whiteouts(void)
{
	uint64_t a = number("m/d/a");

	expect_listing("m/d", NAMES("a", "b"));
	remove_file("m/d/a");
	EXPECT(is_whiteout("u/d/a"), "there is no whiteout in the upper layer");
	expect_listing("m/d", NAMES("b"));
	make_file("m/d/a");
	EXPECT(number("m/d/a") != a, "a new file has the number of the removed one");
	expect_listing("m/d", NAMES("a", "b"));
	move("m/d/b", "m/b");
	EXPECT(is_whiteout("u/d/b"), "a rename leaves no whiteout");
	expect_listing("m/d", NAMES("a"));
}

static void opaque(void)
{
	remove_file("m/d/a");
	remove_file("m/d/b");
	EXPECT(!rmdir("m/d"), "rmdir m/d: %s", strerror(errno));
	make_dir("m/d");
	EXPECT(has_attribute("u/d", "opaque"), "the new directory is not opaque");
	expect_listing("m/d", (const char *const[]){ NULL });
	make_file("m/d/own");
	expect_listing("m/d", NAMES("own"));
}

/* Links are made of a new file: it has no other number to be translated to. */
static void hard_links(void)
{
	make_dir("m/new");
	make_file("m/new/one");
	move("m/d/a", "m/new/a");
	expect_listing("m/new", NAMES("one", "a"));
	make_link("m/new/one", "m/new/two");
	EXPECT(links("m/new/one") == 2 && links("m/new/two") == 2, "not 2 links");
	EXPECT(number("m/new/one") == number("m/new/two"), "a link has another number");
	expect_listing("m/new", NAMES("one", "two", "a"));
	remove_file("m/new/one");
	EXPECT(links("m/new/two") == 1, "not 1 link after the other is removed");
	expect_listing("m/new", NAMES("two", "a"));
}

static void hard_link_copied_up(void)
{
	make_dir("m/new");
	move("m/d/a", "m/new/a");
	expect_listing("m/new", NAMES("a"));
	make_link("m/new/a", "m/new/k");
	EXPECT(links("m/new/k") == 2, "not 2 links");
	expect_listing("m/new", NAMES("a", "k"));
}

/* Directories count their subdirectories, or have a count of 1, which says nothing. */
static void removed_directory(void)
{
	struct listed l;
	char buf[64];
	int fd;

	make_dir("m/new");
	make_dir("m/new/sub");
	move("m/d/a", "m/new/a");
	expect_listing("m/new", NAMES("sub", "a"));
	move("m/new/a", "m/d/a");
	fd = open_dir("m/new/sub");
	EXPECT(!rmdir("m/new/sub") && !rmdir("m/new"), "rmdir: %s", strerror(errno));
	EXPECT(getdents64(fd, buf, sizeof(buf)) == -1 && errno == ENOENT,
	       "a removed directory can be listed");
	list(&l, "m");
	EXPECT(!times(&l, "new", NULL), "the removed directory is listed");
}

const struct test entry_tests[] = {
	{ "whiteouts", "removed lower files are not listed, and their names can be used again",
	  directory_and_files, whiteouts, false },
	{ "opaque", "a new directory in place of a lower one shows nothing of it",
	  directory_and_files, opaque, false },
	{ "hard_links", "links in an impure directory are listed with one number",
	  directory_and_files, hard_links, false },
	{ "hard_link_copied_up", "links of a copied-up file are listed with one number",
	  directory_and_files, hard_link_copied_up, true },
	{ "removed_directory", "a removed directory is listed nowhere", directory_and_files,
	  removed_directory, false },
	{ 0 },
};
