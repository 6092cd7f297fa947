// SPDX-License-Identifier: GPL-2.0-only
#include "util/clock.h"

#include <time.h>

uint64_t clock__now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}
