// SPDX-License-Identifier: GPL-2.0-only
#include "util/dirpath.h"

#include <stdlib.h>
#include <string.h>

char *dirpath__join(const char *names, size_t len, bool truncated)
{
	char *path = malloc(len + 6);
	size_t end, out = 0;

	if (!path)
		return NULL;
	if (truncated) {
		memcpy(path, "/...", 4);
		out = 4;
	}
	for (end = len; end > 0;) {
		size_t start = end - 1;

		while (start > 0 && names[start - 1])
			start--;
		path[out++] = '/';
		memcpy(path + out, names + start, end - 1 - start);
		out += end - 1 - start;
		end = start;
	}
	if (!out)
		path[out++] = '/';
	path[out] = 0;
	return path;
}
