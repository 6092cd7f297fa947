// SPDX-License-Identifier: GPL-2.0-only
#include "record/inconsistency.h"

const char *inconsistency__text(enum inconsistency which)
{
	static const char *const texts[INCONSISTENCIES] = {
#define INCONSISTENCY(id, text) text,
#include "record/inconsistencies.def"
#undef INCONSISTENCY
	};

	return texts[which];
}
