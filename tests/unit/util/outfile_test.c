// SPDX-License-Identifier: GPL-2.0-only
/* Each unsafe place for an output, and what takes part in a complete replacement. */
#include "util/outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum {
	NOBODY = 65534,
};

static char top[] = "/tmp/outfile-test-XXXXXX";

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	CHECK(f && fputs(text, f) >= 0 && !fclose(f));
}

static bool holds(const char *path, const char *text)
{
	char got[256] = "";
	FILE *f = fopen(path, "r");
	bool same = f && (fgets(got, sizeof(got), f) || !*text) && !strcmp(got, text);

	if (f)
		fclose(f);
	return same;
}

static unsigned int entries(const char *path)
{
	DIR *d = opendir(path);
	unsigned int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static int wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Writes `text` to `path`; false: refused. */
static bool write_out(const char *path, const char *text)
{
	struct outfile o;
	FILE *f;
	bool good;

	if (outfile__open(&o, path, OUTFILE_PRIVATE))
		return false;
	f = outfile__stream(&o);
	good = f && fputs(text, f) >= 0 && !outfile__sync(&o) && !outfile__commit(&o);
	outfile__close(&o);
	return good;
}

static void fresh(void)
{
	CHECK(!system("rm -rf area && mkdir area area/theirs area/target"));
	put("area/target/secret", "secret");
	if (!geteuid())
		CHECK(!chown("area/theirs", NOBODY, NOBODY));
}

/* A link that belongs to another user. */
static void plant(const char *to, const char *path)
{
	CHECK(!symlink(to, path) && !lchown(path, NOBODY, NOBODY));
}

static void replaces(void)
{
	struct stat st;

	fresh();
	CHECK(write_out("area/new", "1") && holds("area/new", "1"));
	CHECK(write_out("area/new", "2") && holds("area/new", "2"));
	CHECK(!stat("area/new", &st) && (st.st_mode & 07777) == 0600);
	CHECK(!link("area/new", "area/other"));
	CHECK(write_out("area//./new", "3") && holds("area/other", "2"));
	CHECK_EQ(entries("area"), 4);
	CHECK(!write_out("area", "x") && !write_out("area/", "x") && !write_out("", "x"));
	CHECK(!write_out("area/none/x", "x") && !write_out("area/new/x", "x"));
	CHECK(!write_out("area/..", "x") && !write_out("/", "x") && !write_out("area/n/", "x"));
}

static void mode_is_given(void)
{
	struct outfile o;
	struct stat st;
	mode_t mask = umask(077);

	fresh();
	CHECK(!outfile__open(&o, "area/metrics", OUTFILE_PUBLIC));
	CHECK(outfile__create(&o) >= 0 && !outfile__commit(&o));
	outfile__close(&o);
	umask(mask);
	CHECK(!stat("area/metrics", &st) && (st.st_mode & 07777) == 0644);
}

static void keeps_the_old(void)
{
	struct outfile o;

	fresh();
	put("area/old", "old");
	CHECK(!outfile__open(&o, "area/old", OUTFILE_PRIVATE));
	CHECK(fputs("new", outfile__stream(&o)) >= 0 && holds("area/old", "old"));
	outfile__discard(&o);
	CHECK(holds("area/old", "old"));
	/* as metrics do */
	CHECK(fputs("new", outfile__stream(&o)) >= 0 && !outfile__commit(&o));
	CHECK(holds("area/old", "new"));
	CHECK(fputs("newer", outfile__stream(&o)) >= 0 && holds("area/old", "new"));
	outfile__close(&o);
	CHECK(holds("area/old", "new"));
	CHECK_EQ(entries("area"), 3);
}

/* As a trace does: the file has its name, and grows. */
static void grows(void)
{
	struct outfile o;

	fresh();
	CHECK(!outfile__open(&o, "area/f", OUTFILE_PRIVATE));
	CHECK(write(outfile__create(&o), "a", 1) == 1 && !outfile__commit(&o));
	CHECK(holds("area/f", "a") && write(o.fd, "b", 1) == 1 && holds("area/f", "ab"));
	CHECK(!outfile__sync(&o));
	outfile__close(&o);
	CHECK(holds("area/f", "ab"));
}

static void recognizes_the_input(void)
{
	struct outfile o;
	struct stat st;

	fresh();
	put("area/in", "in");
	CHECK(!stat("area/in", &st) && !symlink("in", "area/link") &&
	      !link("area/in", "area/hard"));
	CHECK(!outfile__open(&o, "area/in", OUTFILE_PRIVATE) && outfile__is(&o, &st));
	outfile__close(&o);
	CHECK(!outfile__open(&o, "area/link", OUTFILE_PRIVATE) && outfile__is(&o, &st));
	outfile__close(&o);
	CHECK(!outfile__open(&o, "area/hard", OUTFILE_PRIVATE) && outfile__is(&o, &st));
	outfile__close(&o);
	CHECK(!outfile__open(&o, "area/no", OUTFILE_PRIVATE) && !outfile__is(&o, &st));
	outfile__close(&o);
	CHECK(!stat("/dev/null", &st));
	CHECK(!outfile__open(&o, "/dev/null", OUTFILE_PRIVATE) && !outfile__is(&o, &st));
	outfile__close(&o);
}

static void own_links(void)
{
	struct stat st;

	fresh();
	CHECK(!symlink("target/secret", "area/link") && !symlink("area", "to-area"));
	CHECK(write_out("to-area/link", "1") && holds("area/target/secret", "1"));
	CHECK(!lstat("area/link", &st) && S_ISLNK(st.st_mode));
	CHECK(!symlink("target/created", "area/dangling") && write_out("area/dangling", "2"));
	CHECK(holds("area/target/created", "2"));
	CHECK(!symlink("round", "area/round") && !write_out("area/round", "x"));
	CHECK(!unlink("to-area"));
}

static void direct(void)
{
	char text[8] = "", path[64];
	struct outfile o;
	struct stat st;
	int fd = -1, fds[2];

	fresh();
	CHECK(write_out("/dev/null", "x") && !stat("/dev/null", &st) && S_ISCHR(st.st_mode));
	CHECK(!mkfifo("area/fifo", 0600) && (fd = open("area/fifo", O_RDWR)) >= 0);
	CHECK(write_out("area/fifo", "one") && read(fd, text, 8) == 3 && !strcmp(text, "one"));
	CHECK(!lstat("area/fifo", &st) && S_ISFIFO(st.st_mode));
	close(fd);
	CHECK(!pipe(fds));
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[1]);
	CHECK(write_out(path, "two") && read(fds[0], text, 8) == 3 && !strcmp(text, "two"));
	close(fds[0]);
	close(fds[1]);
	/* what was written there before stays */
	fd = open("area/log", O_RDWR | O_CREAT, 0600);
	CHECK(write(fd, "a", 1) == 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(write_out(path, "b") && write(fd, "c", 1) == 1 && holds("area/log", "abc"));
	close(fd);
	CHECK(!outfile__open(&o, "-", OUTFILE_PRIVATE) && outfile__create(&o) == STDOUT_FILENO);
	CHECK(outfile__stream(&o) == stdout);
	outfile__close(&o);
	CHECK(fcntl(STDOUT_FILENO, F_GETFD) >= 0);
}

static void links_of_others(void)
{
	fresh();
	/* in a directory that is theirs, as that of the textfile collector */
	plant("../target/secret", "area/theirs/metrics");
	CHECK(!write_out("area/theirs/metrics", "x"));
	plant("../target/new", "area/theirs/dangling");
	CHECK(!write_out("area/theirs/dangling", "x") && access("area/target/new", F_OK));
	plant("../target", "area/theirs/dir");
	CHECK(!write_out("area/theirs/dir/secret", "x"));
	/* through a link of ours */
	CHECK(!symlink("theirs/metrics", "area/link") && !write_out("area/link", "x"));
	/* in a sticky one, such as /tmp */
	CHECK(!chmod("area", 01777));
	plant("target/secret", "area/sticky");
	CHECK(!write_out("area/sticky", "x"));
	plant("theirs/f", "area/to-theirs");
	CHECK(!write_out("area/to-theirs", "x"));
	CHECK(holds("area/target/secret", "secret"));
	/* they could have made the file themselves */
	plant("f", "area/theirs/own");
	CHECK(write_out("area/theirs/own", "1") && holds("area/theirs/f", "1"));
	/* anybody could have moved a link of root's here */
	CHECK(!symlink("target/secret", "area/ours") && write_out("area/ours", "secret"));
	CHECK(!chmod("area", 0777) && !write_out("area/ours", "x"));
	CHECK(holds("area/target/secret", "secret"));
}

static void fifos_of_others(void)
{
	int fd = -1;

	fresh();
	CHECK(!chmod("area", 01777) && !mkfifo("area/fifo", 0666));
	CHECK(!chown("area/fifo", NOBODY, NOBODY) && (fd = open("area/fifo", O_RDWR)) >= 0);
	CHECK(!write_out("area/fifo", "x"));
	close(fd);
}

/* The directory is held: what another one becomes under its name has no effect. */
/* Without a reader, a signal ends the wait for one, also if it is blocked. */
static void fifo_without_reader(void)
{
	char path[64];
	sigset_t set;
	pid_t pid;
	int fd;

	snprintf(path, sizeof(path), "%s/fifo", top);
	CHECK(!mkfifo(path, 0600));
	pid = fork();
	if (!pid) {
		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		alarm(10); /* kills */
		kill(getpid(), SIGTERM);
		_exit(write_out(path, "x") ? 0 : 2);
	}
	CHECK_EQ(wait_for(pid), 2);
	pid = fork();
	if (!pid) {
		alarm(10);
		_exit(write_out(path, "x") ? 0 : 2);
	}
	usleep(50000);
	fd = open(path, O_RDONLY);
	CHECK_EQ(wait_for(pid), 0);
	close(fd);
	unlink(path);
}

static void directory_is_held(void)
{
	struct outfile o;

	fresh();
	CHECK(!outfile__open(&o, "area/theirs/f", OUTFILE_PUBLIC));
	CHECK(!rename("area/theirs", "area/moved"));
	plant("target", "area/theirs");
	CHECK(fputs("1", outfile__stream(&o)) >= 0 && !outfile__commit(&o));
	outfile__close(&o);
	CHECK(holds("area/moved/f", "1") && access("area/target/f", F_OK));
	/* the link that is made after the place was found is replaced, not followed */
	fresh();
	CHECK(!outfile__open(&o, "area/theirs/f", OUTFILE_PUBLIC));
	plant("../target/secret", "area/theirs/f");
	CHECK(fputs("1", outfile__stream(&o)) >= 0 && !outfile__commit(&o));
	outfile__close(&o);
	CHECK(holds("area/target/secret", "secret") && holds("area/theirs/f", "1"));
}

static void rotates(void)
{
	struct rlimit limit, small;
	struct outfile o;
	int fd;

	fresh();
	put("area/r", "earlier");
	put("area/r.3", "another");
	CHECK(!outfile__open(&o, "area/r", OUTFILE_PRIVATE));
	fd = outfile__create(&o);
	CHECK(holds("area/r", "earlier"));
	/* at the start of a trace: the earlier recording is kept */
	CHECK_EQ(outfile__rotate(&o, 3, NULL, 0), fd);
	CHECK(write(fd, "1", 1) == 1 && holds("area/r", "1") && holds("area/r.1", "earlier"));
	fd = outfile__rotate(&o, 3, "2", 1);
	CHECK(fd >= 0 && holds("area/r", "2") && holds("area/r.1", "1"));
	CHECK(holds("area/r.2", "earlier"));
	fd = outfile__rotate(&o, 3, NULL, 0);
	CHECK(write(fd, "3", 1) == 1 && holds("area/r", "3") && holds("area/r.1", "2"));
	CHECK(holds("area/r.2", "1") && holds("area/r.3", "another"));
	fd = outfile__rotate(&o, 1, NULL, 0);
	CHECK(write(fd, "4", 1) == 1 && holds("area/r", "4") && holds("area/r.1", "2"));
	/* a file that cannot be rotated continues: no room for the first bytes, then no free name */
	CHECK(!getrlimit(RLIMIT_FSIZE, &limit) && signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	small = (struct rlimit){ 4, limit.rlim_max };
	CHECK(!setrlimit(RLIMIT_FSIZE, &small) && outfile__rotate(&o, 2, "12345", 5) == -EFBIG);
	CHECK(!setrlimit(RLIMIT_FSIZE, &limit));
	CHECK(holds("area/r", "4") && holds("area/r.1", "2"));
	CHECK(!unlink("area/r.1") && !mkdir("area/r.1", 0700));
	CHECK(outfile__rotate(&o, 2, NULL, 0) < 0);
	CHECK(write(o.fd, "5", 1) == 1 && holds("area/r", "45"));
	CHECK(!outfile__sync(&o));
	outfile__close(&o);
	CHECK_EQ(entries("area"), 6);
	CHECK(!outfile__open(&o, "/dev/null", OUTFILE_PRIVATE) &&
	      outfile__rotate(&o, 3, NULL, 0) < 0);
	outfile__close(&o);
}

/* No room is left for the random part. */
static void long_names(void)
{
	char path[8 + NAME_MAX + 2] = "area/";

	fresh();
	memset(path + 5, 'n', NAME_MAX);
	CHECK(write_out(path, "1") && holds(path, "1"));
	path[5 + NAME_MAX] = 'n';
	CHECK(!write_out(path, "1"));
}

int main(void)
{
	CHECK(mkdtemp(top) && !chdir(top));
	TEST(replaces);
	TEST(mode_is_given);
	TEST(keeps_the_old);
	TEST(grows);
	TEST(recognizes_the_input);
	TEST(own_links);
	TEST(direct);
	TEST(fifo_without_reader);
	TEST(long_names);
	TEST(rotates);
	if (geteuid()) {
		test_skip("links_of_others", "requires root");
	} else {
		TEST(links_of_others);
		TEST(fifos_of_others);
		TEST(directory_is_held);
	}
	CHECK(!system("rm -rf area") && !chdir("/") && !rmdir(top));
	return test_done();
}
