// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/mounts.h"

#include <errno.h>
#include <string.h>

#include "util/log.h"
#include "util/where.h"

void mount__complain(const char *path, int err)
{
	complain("mount '%s': %s", quoted(path),
		 err == -EINVAL ? "not a directory of an overlay mount (see 'findmnt -t overlay')" :
				  strerror(-err));
}

bool mount__find(const char *path, uint32_t *dev)
{
	int err = where__overlay_dev(path, dev);

	if (err)
		mount__complain(path, err);
	return !err;
}

bool mounts__find(const struct option_list *paths, uint32_t *devs, size_t max)
{
	size_t i;

	if (paths->n > max) {
		complain("option '--mount': given more than %zu times", max);
		return false;
	}
	for (i = 0; i < paths->n; i++)
		if (!mount__find(paths->v[i], &devs[i]))
			return false;
	return true;
}
