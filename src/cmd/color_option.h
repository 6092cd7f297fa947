/* SPDX-License-Identifier: GPL-2.0-only */
/* The option --color, as a row of an option table. */
#ifndef OVLTRACE_COLOR_OPTION_H
#define OVLTRACE_COLOR_OPTION_H

#include <stddef.h>

#include "cmd/options.h"

const char *color_option__value(size_t i, const char **text);

#define OPTION_COLOR(opts)                                                              \
	{                                                                               \
		.name = "color", .type = OPTION_CHOICE, .arg = "WHEN",                  \
		.help = "colour the text: auto, always or never (default auto)",        \
		.details = "The environment variable NO_COLOR turns colours off, too.", \
		.offset = offsetof(opts, color), .value = color_option__value           \
	}

#endif
