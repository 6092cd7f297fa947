/* SPDX-License-Identifier: GPL-2.0-only */
/* Coverage on standard error, for option -v. */
#ifndef OVLTRACE_COVERAGE_LOG_H
#define OVLTRACE_COVERAGE_LOG_H

#include <stdint.h>

#include "record/coverage.h"

/* For each event its provider, place and evidence. covered: bit n for event n. */
void coverage__log(const struct coverage *cover, uint32_t covered);
/* The events that a trace reports on. */
uint32_t coverage__reported(bool merged);

#endif
