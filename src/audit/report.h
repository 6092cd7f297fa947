/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report of an audit, as text and as JSON.
 */
#ifndef OVLTRACE_AUDIT_REPORT_H
#define OVLTRACE_AUDIT_REPORT_H

#include "audit/mount.h"

#define AUDIT_SCHEMA "ovltrace-audit/1"

enum audit_outcome {
	AUDIT_CLEAN,
	AUDIT_FINDINGS,
	AUDIT_INCONCLUSIVE,
	AUDIT_IMPOSSIBLE,
};

struct audit_report {
	const char *version; /* ovltrace's own */
	const char *kernel, *arch;
	const char *reason; /* of AUDIT_IMPOSSIBLE, else NULL */
	struct audit_mounts mounts;
};

/* AUDIT_IMPOSSIBLE if there is a reason, else derived from the verdicts on directories. */
enum audit_outcome audit_report__outcome(const struct audit_report *r);
void audit_report__text(FILE *f, const struct audit_report *r);
/* One object and a newline. 0 or -errno. */
int audit_report__json(FILE *f, const struct audit_report *r);

#endif
