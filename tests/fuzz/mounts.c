// SPDX-License-Identifier: GPL-2.0-only
/* /proc/PID/mountinfo, which an unprivileged user can fill in a namespace of their own. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "util/mountinfo.h"

static void read_with(const struct mountinfo_query *query, size_t size)
{
	struct mountinfo_list list;
	size_t i;

	mountinfo__read(&list, query);
	FUZZ_CHECK(list.n <= (query->dev ? 1 : MOUNTINFO_MAX));
	for (i = 0; i < list.n; i++) {
		FUZZ_CHECK(!query->dev || list.v[i].dev == query->dev);
		FUZZ_CHECK(strlen(list.v[i].path) <= size);
		FUZZ_CHECK(mountinfo__find(&list, list.v[i].dev));
	}
	mountinfo__free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("mountinfo", MFD_CLOEXEC);
	char path[40];
	struct mountinfo_query query = { path, SIZE_MAX, 0 };

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_with(&query, size);
	query.dev = 0x2a;
	read_with(&query, size);
	query.bytes = size / 2;
	query.dev = 0;
	read_with(&query, size);
	close(fd);
	return 0;
}
