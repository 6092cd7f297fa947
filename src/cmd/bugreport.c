// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/bugreport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/commands.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "util/outfile.h"

/* The default name of the archive. */
static void name_make(const struct bugreport *b, char name[64])
{
	time_t at = (time_t)(b->created_realtime_ns / 1000000000);
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(name, 64, "ovltrace-bugreport-%Y%m%d-%H%M%S.tar.gz", &tm);
}

/* What is in the archive, as one more file of it. */
static int file_make(struct bundle_file *file, const char *name, const struct bugreport *b,
		     void (*write)(FILE *f, const struct bugreport *b))
{
	FILE *f = open_memstream(&file->bytes, &file->len);

	if (!f)
		return -ENOMEM;
	snprintf(file->name, sizeof(file->name), "%s", name);
	write(f, b);
	return fclose(f) ? -ENOMEM : 0;
}

static void summary_write(FILE *f, const struct bugreport *b)
{
	bugreport__write_text(f, b, NULL);
}

static int archive_write(FILE *f, const struct bugreport *b)
{
	struct bundle_file files[BUGREPORT_PARTS + 2] = { 0 };
	size_t n = 2, i;
	int err = file_make(&files[0], BUGREPORT_SUMMARY, b, summary_write);

	if (!err)
		err = file_make(&files[1], "bugreport.json", b, bugreport__write_json);
	for (i = 0; i < b->n; i++)
		if (!b->part[i].missing[0])
			files[n++] = b->part[i].file;
	if (!err)
		err = bundle__write(f, BUGREPORT_DIR, files, n);
	free(files[0].bytes);
	free(files[1].bytes);
	return err;
}

/* The archive appears when it is complete. Returns 0 or an exit status. */
static int output(struct outfile *o, const struct bugreport *b, const char *name)
{
	FILE *f = outfile__stream(o);
	int err = f ? archive_write(f, b) : -errno;

	if (!err)
		err = outfile__sync(o);
	if (!err)
		err = outfile__commit(o);
	if (!err)
		return 0;
	complain("output '%s': %s", quoted(name), strerror(-err));
	return EXIT_USAGE;
}

static int bugreport(struct bugreport *b)
{
	struct outfile o;
	struct timespec now;
	const char *name = b->opts.output;
	char made[64];
	int status;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &now);
	b->created_realtime_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	name_make(b, made);
	name = name ? name : made;
	/* before a trace that would be lost */
	if (outfile__open(&o, name, OUTFILE_PRIVATE))
		return EXIT_USAGE;
	bugreport__gather(b);
	status = output(&o, b, name);
	outfile__close(&o);
	if (!status) {
		bugreport__write_text(strcmp(name, "-") ? stdout : stderr, b, name);
		status = bugreport__missing(b) ? EXIT_INCONCLUSIVE : EXIT_CLEAN;
	}
	for (i = 0; i < b->n; i++)
		free(b->part[i].file.bytes);
	return status;
}

int cmd_bugreport__main(int argc, char **argv)
{
	static struct bugreport b;
	int first = command__parse(&command_bugreport, argc, argv, &b.opts), status;

	if (first < 0)
		return -1 - first;
	status = command__no_operands(&command_bugreport, argv[first]);
	return status ? status : bugreport(&b);
}
