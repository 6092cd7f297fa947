/* SPDX-License-Identifier: GPL-2.0-only */
/* Colours of text: on a terminal that wants them, else none. */
#ifndef OVLTRACE_COLOR_H
#define OVLTRACE_COLOR_H

#include <stdbool.h>

#define COLOR_AUTO "auto"
#define COLOR_ALWAYS "always"
#define COLOR_NEVER "never"

enum color {
	COLOR_BOLD,
	COLOR_GOOD,
	COLOR_BAD,
	COLOR_UNSURE,
	COLOR_END,
};

/*
 * when: one of the words above, or NULL for the first. With it, fd must be a terminal whose
 * type is known, and NO_COLOR must not be set.
 */
bool color__wanted(const char *when, int fd);
/* The sequence, or "" if colours are off. */
const char *color__text(bool on, enum color color);

#endif
