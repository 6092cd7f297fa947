// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/color_option.h"

#include "util/color.h"

const char *color_option__value(size_t i, const char **text)
{
	static const struct {
		const char *name, *text;
	} values[] = {
		{ COLOR_AUTO, "on a terminal" },
		{ COLOR_ALWAYS, "everywhere" },
		{ COLOR_NEVER, "nowhere" },
	};

	if (i >= sizeof(values) / sizeof(values[0]))
		return NULL;
	*text = values[i].text;
	return values[i].name;
}
