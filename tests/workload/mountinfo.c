// SPDX-License-Identifier: GPL-2.0-only
/* The layers of an existing overlay mount. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

/* mountinfo writes space, tab, newline and backslash as \ooo. In place. */
static void unescape_octal(char *text)
{
	char *out = text;

	for (char *in = text; *in; in++) {
		if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] && in[3]) {
			*out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = 0;
}

/* The value of name in "a=1,b=2": up to the next ',' (or ':') without a backslash. */
static char *option_value(const char *options, const char *name, bool first_of_list)
{
	const char *start = strstr(options, name);
	char *value, *out;

	if (!start)
		return NULL;
	start += strlen(name);
	value = out = malloc(strlen(start) + 1);
	if (!value)
		return NULL;
	for (; *start && *start != ',' && !(first_of_list && *start == ':'); start++) {
		if (start[0] == '\\' && start[1])
			start++;
		*out++ = *start;
	}
	*out = 0;
	return value;
}

/* Splits off the fields that matter: mount point, file system type, super options. */
static bool parse_line(char *line, char **point, char **type, char **options)
{
	char *rest = strstr(line, " - "), *save = NULL;

	if (!rest)
		return false;
	*rest = 0;
	line[strcspn(line, "\n")] = 0;
	*point = NULL;
	for (int field = 0; field < 5; field++)
		*point = strtok_r(field ? NULL : line, " ", &save);
	*type = strtok_r(rest + 3, " ", &save);
	strtok_r(NULL, " ", &save);
	*options = strtok_r(NULL, " \n", &save);
	return *point && *type && *options;
}

int mountinfo_layers(const char *path, char **lower, char **upper)
{
	char *line = NULL, *point, *type, *options;
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t size = 0;
	bool found = false;

	if (!f)
		return -1;
	/* The last match is the topmost mount. */
	while (getline(&line, &size, f) > 0) {
		if (!parse_line(line, &point, &type, &options) || strcmp(type, "overlay"))
			continue;
		unescape_octal(point);
		if (strcmp(point, path))
			continue;
		unescape_octal(options);
		free(*lower);
		free(*upper);
		*lower = option_value(options, "lowerdir=", true);
		if (!*lower)
			*lower = option_value(options, "lowerdir+=", false);
		*upper = option_value(options, "upperdir=", false);
		found = true;
	}
	free(line);
	fclose(f);
	return found ? 0 : -1;
}
