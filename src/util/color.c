// SPDX-License-Identifier: GPL-2.0-only
#include "util/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool color__wanted(const char *when, int fd)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	if (when && strcmp(when, COLOR_AUTO))
		return !strcmp(when, COLOR_ALWAYS);
	return !(no && *no) && term && *term && strcmp(term, "dumb") && isatty(fd);
}

const char *color__text(bool on, enum color color)
{
	static const char *const texts[] = {
		[COLOR_BOLD] = "\033[1m",    [COLOR_GOOD] = "\033[32m", [COLOR_BAD] = "\033[1;31m",
		[COLOR_UNSURE] = "\033[33m", [COLOR_END] = "\033[0m",
	};

	return on ? texts[color] : "";
}
