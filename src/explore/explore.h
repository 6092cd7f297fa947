/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every short history of operations on one small directory, and what must be in it
 * after each. Pure: the executor, src/check/explore_*.c, does the operations.
 *
 * ops.def, dirs.def, mounts.def ─► enumerate.c ─► history ─► executor ─► violation
 *                      model.c (what must be there) ──────────┘             │
 *                      shrink.c ◄───────────────────────────────────────────┘
 */
#ifndef OVLTRACE_EXPLORE_H
#define OVLTRACE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	EXPLORE_MAX_DEPTH = 10, /* steps of a history */
	EXPLORE_STREAMS = 2,
	EXPLORE_TEXT = 256, /* room for a history as text */
};

/* a and b are in S; c is nowhere; x is an upper file, y a lower one, d a lower directory. */
enum explore_name {
	NAME_A,
	NAME_B,
	NAME_C,
	NAME_X,
	NAME_Y,
	NAME_D,
	EXPLORE_NAMES,
};

extern const char explore_names[EXPLORE_NAMES][2];

enum explore_op {
#define OP(id, word, operands, text) OP_##id,
#include "explore/ops.def"
	EXPLORE_OPS,
};

enum explore_operands {
	OPERANDS_OF_NONE,
	OPERANDS_OF_STREAM,
	OPERANDS_OF_NAME,
	OPERANDS_OF_NAMES,
};

struct explore_op_def {
	const char *word, *text;
	enum explore_operands operands;
};

extern const struct explore_op_def explore_ops[EXPLORE_OPS];

struct explore_step {
	uint8_t op; /* enum explore_op */
	uint8_t a, b; /* enum explore_name; a: the stream's index from 0 */
};

struct explore_history {
	uint8_t n;
	struct explore_step step[EXPLORE_MAX_DEPTH];
};

/* "rename-in a; list; link a b". Returns text. */
const char *history__print(const struct explore_history *h, char text[EXPLORE_TEXT]);
const char *history__step(struct explore_step s, char text[EXPLORE_TEXT]);
/* The names among its operands, a bit each. */
uint8_t history__mentions(struct explore_step s);
/* 0, or -1 with *why, a static string, and *at, the place in text. */
int history__parse(const char *text, struct explore_history *h, const char **why, size_t *at);

/* ---- configurations -------------------------------------------------------- */

enum explore_dir {
#define DIR(id, upper, names, text) DIR_##id,
#include "explore/dirs.def"
	EXPLORE_DIRS,
};

enum explore_mount_flags {
	MOUNT_TWO_FS = 1, /* the lower layer is on another filesystem than the upper */
	MOUNT_REDIRECTS = 2, /* lower directories can be renamed */
	MOUNT_USERNS = 4, /* in a user namespace */
	MOUNT_SERVES_LOWER = 8, /* the lower layer is a filesystem that ovltrace serves */
};

enum explore_mount {
#define MOUNT(id, options, flags, text) MOUNT_##id,
#include "explore/mounts.def"
	EXPLORE_MOUNTS,
};

enum explore_config_id {
#define CONFIG(name, dir, mount) CONFIG_##dir##_##mount,
#include "explore/configs.def"
	EXPLORE_CONFIGS,
};

struct explore_config {
	const char *name;
	enum explore_dir dir;
	enum explore_mount mount;
};

struct explore_dir_def {
	const char *text;
	uint8_t names; /* in D, a bit each */
	bool upper;
};

struct explore_mount_def {
	const char *options, *text; /* options of mount(2), "" for none */
	unsigned int flags; /* enum explore_mount_flags */
};

extern const struct explore_dir_def explore_dirs[EXPLORE_DIRS];
extern const struct explore_mount_def explore_mounts[EXPLORE_MOUNTS];

extern const struct explore_config explore_configs[EXPLORE_CONFIGS];

/* ---- what must hold --------------------------------------------------------- */

enum explore_rule {
#define RULE(id, result, text) RULE_##id,
#include "explore/rules.def"
	EXPLORE_RULES,
};

extern const char *const explore_rules[EXPLORE_RULES]; /* what each says */

#endif
