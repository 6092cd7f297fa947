/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes the session's records: how many of what in which scenario, and the first in full. */
#ifndef OVLTRACE_CHECK_SINK_H
#define OVLTRACE_CHECK_SINK_H

#include "check/check.h"
#include "sink/sink.h"

/* Fills facts->rebuilds, facts->findings and *findings, which the sink frees. */
struct sink *check_sink__new(struct check_facts *facts);
const struct check_finding *check_sink__findings(const struct sink *sink);

#endif
