// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "overlay.h"

struct entry { /* as getdents64 writes it */
	uint64_t number;
	int64_t next;
	unsigned short size;
	unsigned char type;
	char name[];
};

static void add(struct listed *l, const struct entry *e)
{
	EXPECT(l->n < LISTED_MAX, "more than %d names are listed", LISTED_MAX);
	snprintf(l->entry[l->n].name, sizeof(l->entry[l->n].name), "%s", e->name);
	l->entry[l->n++].number = e->number;
}

void read_on(struct listed *l, int fd, size_t size)
{
	char buf[8192] __attribute__((aligned(8)));
	long n, at;

	if (size > sizeof(buf))
		size = sizeof(buf);
	l->n = 0;
	while ((n = syscall(SYS_getdents64, fd, buf, size)) > 0)
		for (at = 0; at < n; at += ((const struct entry *)(buf + at))->size)
			add(l, (const struct entry *)(buf + at));
	EXPECT(n == 0, "getdents64 returned %ld: %s", n, strerror(errno));
}

void list(struct listed *l, const char *path)
{
	int fd = open_dir(path);

	read_on(l, fd, SIZE_MAX);
	close(fd);
}

unsigned int times(const struct listed *l, const char *name, uint64_t *number)
{
	unsigned int found = 0;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (strcmp(l->entry[i].name, name))
			continue;
		found++;
		if (number)
			*number = l->entry[i].number;
	}
	return found;
}

static void expect_entry(const struct listed *l, const char *dir, const char *name)
{
	uint64_t listed = 0, truly;
	unsigned int found = times(l, name, &listed);
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	truly = number(path);
	EXPECT(found == 1, "%s is listed %u times", path, found);
	EXPECT(listed == truly, "%s is listed as %llu, lstat has %llu", path,
	       (unsigned long long)listed, (unsigned long long)truly);
}

void expect_listing(const char *path, const char *const *names)
{
	struct listed l;
	size_t n;

	list(&l, path);
	for (n = 0; names[n]; n++)
		expect_entry(&l, path, names[n]);
	expect_entry(&l, path, ".");
	expect_entry(&l, path, "..");
	EXPECT(l.n == n + 2, "%s lists %zu names, not %zu", path, l.n, n + 2);
}
