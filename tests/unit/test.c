// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

unsigned long test_checks, test_failures, test_failed, test_ended;
