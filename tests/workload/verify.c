// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a new opendir lists, against the names that must be there and against
 * the statx of each. Only while no thread modifies the directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "workload.h"

struct expected {
	const char *name;
	bool inside, seen;
};

struct check {
	const struct directory *dir;
	struct expected *names;
	size_t nr_names;
	struct verdict *verdict;
	struct tally *tally;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct expected *)a)->name, ((const struct expected *)b)->name);
}

static void check_ino(struct check *check, const char *name, uint64_t ino)
{
	struct statx stx;

	if (!statx(check->dir->fd, name, AT_SYMLINK_NOFOLLOW, STATX_INO, &stx))
		check->verdict->d_ino_mismatches += stx.stx_ino != ino;
	else if (errno != ENOENT) /* ENOENT: a phantom, and counted as such */
		tally_error(check->tally, "statx");
}

static void check_entry(void *ctx, const char *name, uint64_t ino)
{
	struct check *check = ctx;
	struct expected key = { .name = name }, *found;

	check_ino(check, name, ino);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return;
	found = bsearch(&key, check->names, check->nr_names, sizeof(key), compare);
	if (!found || !found->inside || found->seen)
		check->verdict->phantoms++;
	else
		found->seen = true;
}

static void verify_directory(const struct area *area, struct check *check, struct lister *lister)
{
	int fd;

	for (unsigned int f = 0; f < area->nr_files; f++) {
		const struct file *file = &check->dir->files[f];

		check->names[f] = (struct expected){ file->name, file->place == INSIDE, false };
	}
	qsort(check->names, check->nr_names, sizeof(*check->names), compare);
	fd = list_open(area, check->dir, check->tally);
	if (fd < 0 || !list_read(fd, lister, check->tally, check_entry, check))
		return;
	for (size_t n = 0; n < check->nr_names; n++)
		check->verdict->missing += check->names[n].inside && !check->names[n].seen;
}

int verify_area(const struct area *area, const struct options *opt, struct verdict *verdict,
		struct tally *tally)
{
	struct lister lister = { malloc(opt->buffer_bytes), opt->buffer_bytes };
	struct tally own = { 0 };
	struct check check = {
		.names = calloc(area->nr_files + 1, sizeof(struct expected)),
		.nr_names = area->nr_files,
		.verdict = verdict,
		.tally = &own,
	};
	int status = STATUS_OK;

	*verdict = (struct verdict){ 0 };
	if (!lister.buffer || !check.names) {
		complain_errno("memory for", "--verify");
		status = STATUS_NO_SYSTEM;
	}
	for (unsigned int d = 0; d < area->nr_dirs && !status; d++) {
		check.dir = &area->dirs[d];
		verify_directory(area, &check, &lister);
	}
	/* These listings are not the workload's: only their errors count. */
	if (own.errors && !tally->errors) {
		tally->first_errno = own.first_errno;
		tally->first_call = own.first_call;
	}
	tally->errors += own.errors;
	free(lister.buffer);
	free(check.names);
	return status;
}
