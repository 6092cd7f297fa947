// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "docs.h"
#include "util/version.h"

static void put_line(FILE *f, const char *line)
{
	const char *at = strstr(line, "@VERSION@");

	if (at)
		fprintf(f, "%.*s%s%s", (int)(at - line), line, OVLTRACE_VERSION,
			at + strlen("@VERSION@"));
	else
		fputs(line, f);
}

static bool is_placeholder(const char *line)
{
	return line[0] == '@' && line[1 + strspn(line + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] == '@';
}

static const struct docs_part *find(const struct docs_part *parts, const char *line)
{
	size_t len = strcspn(line, "\n");

	for (; parts->line; parts++)
		if (strlen(parts->line) == len && !strncmp(parts->line, line, len))
			return parts;
	return NULL;
}

int docs__fill(FILE *out, FILE *source, const struct docs_part *parts,
	       const struct command_spec *spec)
{
	char *line = NULL;
	size_t size = 0;
	int err = 0;

	while (!err && getline(&line, &size, source) > 0) {
		const struct docs_part *part = find(parts, line);

		if (part)
			part->write(out, spec);
		else if (is_placeholder(line))
			err = -1;
		else
			put_line(out, line);
	}
	if (err)
		fprintf(stderr, "gen-docs: unknown placeholder %s", line);
	free(line);
	return err;
}
