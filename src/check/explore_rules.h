/* SPDX-License-Identifier: GPL-2.0-only */
/* Which result fails where a rule is violated. */
#ifndef OVLTRACE_CHECK_EXPLORE_RULES_H
#define OVLTRACE_CHECK_EXPLORE_RULES_H

#include "check/check.h"
#include "explore/explore.h"

enum check_id explore__result_of(enum explore_rule rule);

#endif
