/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known defects that the machine code of overlayfs shows, whatever its version is: a fix may
 * be backported, and a defect too. Pure.
 */
#ifndef OVLTRACE_DEFECTS_H
#define OVLTRACE_DEFECTS_H

#include "code/func.h"
#include "ovltrace/wire.h"

enum known_defect {
#define DEFECT(id, name, what, fix) DEFECT_##id,
#include "code/defects.def"
	DEFECTS,
};

enum defect_state {
	DEFECT_IS_UNKNOWN, /* the code has another form than those that are known */
	DEFECT_IS_THERE,
	DEFECT_IS_FIXED,
};

struct defect {
	enum defect_state state;
	char evidence[256];
};

struct defect_def {
	const char *name, *what, *fix; /* fix: NULL if no released kernel has one */
};

extern const struct defect_def defect_defs[DEFECTS];

/* "affected", "fixed", "unknown" */
const char *defect_state__name(enum defect_state state);

/* l: where an inode's flags are, and which one OVL_WHITEOUTS is; NULL: unknown. */
void defects__look(struct defect v[DEFECTS], const struct code_source *src,
		   const struct ovlw_layout *l);

#endif
