// SPDX-License-Identifier: GPL-2.0-only
/* How long a turn of a scenario may last. Pure. */
#include "check/turns.h"

#define MS 1000000ULL

enum {
	FIRST_MS = 300, /* a first turn, where there is time */
	NEXT_MS = 100, /* a shorter one is not worth its begin and end */
};

uint64_t turns__first_ns(uint64_t now, uint64_t end, unsigned int left)
{
	uint64_t slot = now < end && left ? (end - now) / left / 2 : 0;

	return slot < FIRST_MS * MS ? slot : FIRST_MS * MS;
}

uint64_t turns__next_ns(uint64_t now, uint64_t end, unsigned int shares, unsigned int share,
			uint64_t over)
{
	uint64_t slot = now < end && shares ? (end - now) / shares * share : 0;

	slot = slot > over ? slot - over : 0;
	return slot < NEXT_MS * MS ? 0 : slot;
}

uint64_t turns__extension_ns(uint64_t planned, uint64_t start)
{
	return 2 * start > planned ? 2 * start - planned : 0;
}
