// SPDX-License-Identifier: GPL-2.0-only
#include "util/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum {
	BLOCK_BYTES = 10240,
	FILE_BYTES = 256 << 20, /* the most of a file that is read */
	TAR_HEADER = 512,
	TAR_MAGIC = 257, /* where "ustar" is */
	FILES = 64, /* an archive with more is no report of ours */
};

struct bundle {
	struct archive *archive;
	unsigned int files;
	char why[160];
};

static int error_of(struct archive *a)
{
	int err = archive_errno(a);

	return err > 0 ? -err : -EIO;
}

static int file_write(struct archive *a, const char *dir, const struct bundle_file *file)
{
	struct archive_entry *e = archive_entry_new();
	char path[2 * NAME_MAX];
	int err = 0;

	if (!e)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/%s", dir, file->name);
	archive_entry_set_pathname(e, path);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0600);
	archive_entry_set_mtime(e, time(NULL), 0);
	archive_entry_set_size(e, (la_int64_t)file->len);
	if (archive_write_header(a, e) != ARCHIVE_OK ||
	    archive_write_data(a, file->bytes, file->len) != (la_ssize_t)file->len)
		err = error_of(a);
	archive_entry_free(e);
	return err;
}

int bundle__write(FILE *f, const char *dir, const struct bundle_file *files, size_t n)
{
	struct archive *a = archive_write_new();
	int err = 0;
	size_t i;

	if (!a)
		return -ENOMEM;
	if (archive_write_set_format_ustar(a) != ARCHIVE_OK ||
	    archive_write_add_filter_gzip(a) != ARCHIVE_OK ||
	    archive_write_open_FILE(a, f) != ARCHIVE_OK)
		err = error_of(a);
	for (i = 0; i < n && !err; i++)
		err = file_write(a, dir, &files[i]);
	if (!err && archive_write_close(a) != ARCHIVE_OK)
		err = error_of(a);
	archive_write_free(a);
	return err;
}

/*
 * Do the compressed bytes begin with the header of a tar archive? libarchive is not asked: it
 * cannot tell a cut archive from a cut recording.
 */
static bool is_tar(unsigned char *in, size_t len)
{
	unsigned char header[TAR_HEADER];
	z_stream z = { .next_in = in,
		       .avail_in = (uInt)len,
		       .next_out = header,
		       .avail_out = sizeof(header) };
	int err;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		return false;
	err = inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return (err == Z_OK || err == Z_STREAM_END || err == Z_BUF_ERROR) && !z.avail_out &&
	       !memcmp(header + TAR_MAGIC, "ustar", 5);
}

struct bundle *bundle__open(int fd)
{
	unsigned char start[2 * TAR_HEADER];
	struct bundle *b;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return NULL;
	n = pread(fd, start, sizeof(start), 0);
	if (n <= 0 || !is_tar(start, (size_t)n))
		return NULL;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->archive = archive_read_new();
	if (b->archive && archive_read_support_filter_gzip(b->archive) == ARCHIVE_OK &&
	    archive_read_support_format_tar(b->archive) == ARCHIVE_OK &&
	    archive_read_open_fd(b->archive, fd, BLOCK_BYTES) == ARCHIVE_OK)
		return b;
	bundle__close(b);
	return NULL;
}

static int fail(struct bundle *b, const char *why)
{
	snprintf(b->why, sizeof(b->why), "%s", why ? why : "damaged");
	return -1;
}

/* Its size is only what the archive says. */
static int bytes_read(struct bundle *b, struct archive_entry *entry, struct bundle_file *file)
{
	la_int64_t size = archive_entry_size(entry);
	la_ssize_t n;

	if (size < 0 || size > FILE_BYTES)
		return fail(b, "a file in it is too large");
	file->bytes = malloc((size_t)size + 1);
	if (!file->bytes)
		return fail(b, "out of memory");
	n = archive_read_data(b->archive, file->bytes, (size_t)size);
	if (n != size) {
		free(file->bytes);
		file->bytes = NULL;
		return fail(b, n < 0 ? archive_error_string(b->archive) : "it is cut");
	}
	file->len = (size_t)n;
	file->bytes[n] = 0;
	return 1;
}

int bundle__next(struct bundle *b, struct bundle_file *file)
{
	struct archive_entry *entry;
	const char *path, *slash;
	int err = archive_read_next_header(b->archive, &entry);

	if (err == ARCHIVE_EOF)
		return 0;
	if (err != ARCHIVE_OK)
		return fail(b, archive_error_string(b->archive));
	if (++b->files > FILES)
		return fail(b, "it has too many files");
	path = archive_entry_pathname(entry);
	slash = path ? strrchr(path, '/') : NULL;
	snprintf(file->name, sizeof(file->name), "%s", slash ? slash + 1 : path ? path : "");
	return bytes_read(b, entry, file);
}

const char *bundle__why(const struct bundle *b)
{
	return b->why;
}

void bundle__close(struct bundle *b)
{
	if (!b)
		return;
	archive_read_free(b->archive);
	free(b);
}
