// SPDX-License-Identifier: GPL-2.0-only
#include "util/mountinfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mountinfo__unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

/*
 * "36 35 0:42 / /mnt/merged rw shared:1 - overlay overlay rw": device, root, mount point
 * and type. Returns the mount point, a part of line, or NULL.
 */
static char *parse(char *line, uint32_t *dev)
{
	unsigned int major_no, minor_no;
	int root = 0, at = 0, end = 0;
	const char *type = strstr(line, " - ");

	if (!type || strncmp(type, " - overlay ", 11))
		return NULL;
	if (sscanf(line, "%*d %*d %u:%u %n%*s %n%*s%n", &major_no, &minor_no, &root, &at, &end) !=
		    2 ||
	    !end)
		return NULL;
	/* skip bind mounts of a subtree: paths start at the overlay's root */
	if (strncmp(line + root, "/ ", 2))
		return NULL;
	*dev = major_no << 20 | minor_no;
	line[end] = 0;
	mountinfo__unescape(line + at);
	return line + at;
}

static void add(struct mountinfo_list *list, uint32_t dev, const char *path)
{
	struct mountinfo *m = &list->v[list->n];

	m->dev = dev;
	m->path = strdup(path);
	list->n += m->path != NULL;
}

bool mountinfo__read(struct mountinfo_list *list, const struct mountinfo_query *query)
{
	size_t max = query->dev ? 1 : MOUNTINFO_MAX, left = query->bytes, cap = 0;
	FILE *f = fopen(query->file, "re");
	char *line = NULL, *path;
	bool complete = false;
	uint32_t dev;

	list->n = 0;
	list->v = f ? malloc(max * sizeof(*list->v)) : NULL;
	while (list->v && list->n < max && left) {
		ssize_t n = getline(&line, &cap, f);

		if (n <= 0) {
			complete = !ferror(f);
			break;
		}
		left = (size_t)n < left ? left - (size_t)n : 0;
		path = parse(line, &dev);
		if (path && (!query->dev || dev == query->dev))
			add(list, dev, path);
	}
	free(line);
	if (f)
		fclose(f);
	return complete;
}

const char *mountinfo__find(const struct mountinfo_list *list, uint32_t dev)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].dev == dev)
			return list->v[i].path;
	return NULL;
}

void mountinfo__free(struct mountinfo_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->v[i].path);
	free(list->v);
	list->v = NULL;
	list->n = 0;
}
