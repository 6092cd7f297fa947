/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel as the plan sees it: a text file of the input of plan__make() and
 * asked, and of the plans that came of it. fixtures/README.md has the format.
 */
#ifndef OVLTRACE_TEST_FIXTURE_H
#define OVLTRACE_TEST_FIXTURE_H

#include <stdio.h>

#include "plan/plan.h"

enum {
	FIXTURE_PARAMS = 12,
	FIXTURE_PAD = 16, /* from __pfx_NAME to NAME, where a line stands for both */
	FIXTURE_WAYS = 6, /* in which a plan is asked for */
};

struct fixture_code {
	uint64_t addr;
	size_t len;
	uint8_t *byte; /* NULL: it could not be read */
};

/* A prototype: for each parameter the struct that it points to, "-" where it does not. */
struct fixture_proto {
	char func[64];
	char param[FIXTURE_PARAMS][48];
	int nparams; /* -1: BTF has no such function */
	bool typed; /* a trampoline can be put on it */
};

struct fixture {
	char release[96];
	const struct insn_arch *arch;
	struct ksyms ks;
	char *kallsyms; /* its text */
	size_t kallsyms_len;
	bool fexit, preemptible, prototypes; /* prototypes: there is BTF of overlayfs */
	bool has_layout;
	struct ovlw_layout layout;
	struct fixture_code *code;
	struct fixture_proto *proto;
	size_t ncode, nproto;
	char *plans; /* as the live kernel's were printed */
	size_t plans_at; /* where they begin in the file */
	/* of a replay: what was asked for and is not in the fixture, "" if all is */
	char lacking[128];
};

/* 0, or -errno; the line in *line where the text is at fault. Always to be deinit'ed. */
int fixture__read(struct fixture *fx, FILE *f, int *line);
void fixture__deinit(struct fixture *fx);

/* The symbols of kallsyms' text; 0 or -errno. */
int fixture__symbols(struct ksyms *ks, const char *text, size_t len);

/* The input of plan__make() for one way; points into fx. */
void fixture__input(struct fixture *fx, int way, struct plan_input *in);
/* Changes an existing input to that way. False: this kernel has no such way. */
bool fixture__way(struct plan_input *in, int way);
/* All ways' plans as text, to be freed. */
char *fixture__plans(struct fixture *fx);
/* Makes the plan of one way and appends it to out. */
void fixture__print(FILE *out, const struct plan_input *in, int way);

#endif
