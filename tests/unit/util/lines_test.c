// SPDX-License-Identifier: GPL-2.0-only
/* Lines from a pipe, plain and gzip, whole and cut. */
#include "util/lines.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "test.h"

enum {
	LONGEST = 1 << 20,
};

static int file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("lines", 0);

	CHECK_EQ(write(fd, bytes, len), len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static size_t gzip(const char *text, size_t len, char *to, size_t room)
{
	z_stream z = { 0 };

	deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	z.next_in = (unsigned char *)text;
	z.avail_in = len;
	z.next_out = (unsigned char *)to;
	z.avail_out = room;
	CHECK_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return room - z.avail_out;
}

/* "a|bc|.": lines, one unended, the end; "L" a long one; "!" a failure, with NULL after any lines */
static void expect(const void *bytes, size_t len, const char *want)
{
	char got[256] = "";
	int fd = file_of(bytes, len);
	struct lines *l = lines__new(fd, LONGEST);
	size_t n, at = 0;
	char *line;

	while (at < 200) {
		switch (lines__next(l, &line, &n)) {
		case LINES_LINE:
			at += snprintf(got + at, 40, "%.*s|", (int)n, line);
			line[n] = 0;
			continue;
		case LINES_REST:
			at += snprintf(got + at, 40, "%.*s", (int)n, line);
			line[n] = 0;
			continue;
		case LINES_LONG:
			got[at++] = 'L';
			continue;
		case LINES_FAILED:
			got[at++] = '!';
			CHECK(lines__why(l)[0]);
			break;
		case LINES_END:
			got[at++] = '.';
			break;
		}
		break;
	}
	got[at] = 0;
	if (want)
		CHECK_STR(got, want);
	else
		CHECK(got[at - 1] == '!');
	lines__free(l);
	close(fd);
}

static void plain(void)
{
	expect("", 0, ".");
	expect("a\nbc\n", 5, "a|bc|.");
	expect("a\n\nbc", 5, "a||bc.");
	expect("\x1f", 1, "\x1f.");
}

static void long_lines(void)
{
	char *big = malloc(5 * LONGEST);

	memset(big, 'x', 5 * LONGEST);
	memcpy(big, "a\n", 2);
	memcpy(big + 4 * LONGEST, "\nb\n", 3);
	expect(big, 4 * LONGEST + 3, "a|Lb|.");
	expect(big, 4 * LONGEST, "a|L.");
	free(big);
}

static void compressed(void)
{
	char z[4096];
	size_t n = gzip("a\nbc\n", 5, z, sizeof(z)), both, i;

	expect(z, n, "a|bc|.");
	both = n + gzip("d\ne", 3, z + n, sizeof(z) - n);
	expect(z, both, "a|bc|d|e.");
	for (i = 2; i < n; i++)
		expect(z, i, NULL);
	memcpy(z + n, "garbage", 7);
	expect(z, n + 7, "a|bc|!");
	z[n - 6] ^= 1; /* of the checksum */
	expect(z, n, "a|bc|!");
}

/* More than fits anywhere at once. */
static void many(void)
{
	size_t size = 3 << 20, len = 0, count = 0, n;
	char *text = malloc(size), *z = malloc(size), *line;
	struct lines *l;
	int fd;

	while (len < size - 100)
		len += snprintf(text + len, 100, "%zu %060zu\n", count, count % 7), count++;
	n = gzip(text, len, z, size);
	fd = file_of(z, n);
	l = lines__new(fd, LONGEST);
	for (n = 0; lines__next(l, &line, &len) == LINES_LINE; n++) {
		line[len] = 0;
		if (strtoull(line, NULL, 10) != n)
			break;
	}
	CHECK_EQ(n, count);
	lines__free(l);
	close(fd);
	free(text);
	free(z);
}

int main(void)
{
	TEST(plain);
	TEST(long_lines);
	TEST(compressed);
	TEST(many);
	return test_done();
}
