/* SPDX-License-Identifier: GPL-2.0-only */
/* What `ovltrace doctor` found out, and its two forms. */
#ifndef OVLTRACE_DOCTOR_H
#define OVLTRACE_DOCTOR_H

#include "code/defects.h"
#include "doctor/diagnose.h"
#include "doctor/system.h"
#include "session/session.h"

struct doctor {
	struct session session;
	struct system sys;
	struct diagnosis diag;
	bool planned; /* the kernel could be examined */
	enum tristate programs; /* the kernel accepts all that the plan needs; unknown: not tried */
	char programs_why[300]; /* why not; "" */
	char reason[400]; /* why it is not traceable; "" */
	struct defect defect[DEFECTS]; /* that the code of overlayfs shows */
};

/* Loads the programs of the plan, but attaches nothing unless a proof is asked for. */
void doctor__examine(struct doctor *d, bool proof);
/* Is one of them certain? */
bool doctor__has_defect(const struct doctor *d);
/* "present", "absent" or "unknown": does the code release the directory's lock? */
const char *doctor__lock_drop(const struct doctor *d);
/* What sees an event here. Without probes, only what the code itself shows is left. */
enum provider doctor__provider(const struct doctor *d, int ev);
/* The plan has a provider for the event, but this system refuses it. */
bool doctor__refused(const struct doctor *d, int ev);

void doctor__write_json(FILE *f, const struct doctor *d);
void doctor__write_text(FILE *f, const struct doctor *d);

#endif
