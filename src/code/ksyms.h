/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of /proc/kallsyms that the plan needs: overlayfs' functions with
 * their extents, and a few of the core kernel's. Pure: the lines come from the
 * caller.
 */
#ifndef OVLTRACE_KSYMS_H
#define OVLTRACE_KSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksym {
	uint64_t addr;
	uint64_t end; /* address of the next symbol; addr where unknown */
	char *name;
	bool ovl; /* overlayfs' own */
	bool text;
};

struct ksyms {
	struct ksym *v; /* sorted by address */
	size_t n, cap;
	bool hidden; /* every address reads as 0 (kptr_restrict) */
	bool module; /* overlayfs is a module */
	bool detours; /* there are jump-optimised probes */
	uint64_t probes; /* the kernel's table of kprobes; 0: unknown */
	size_t lines;
	/* while lines are added: is any address not 0, and from where ends are missing */
	bool shown;
	size_t open_from;
};

/*
 * Adds a line of kallsyms, in the order of the file, to ks, which is zero at
 * first. text ends with 0 after len bytes, and is changed. Other lines, and symbols
 * of no interest, are ignored. Returns 0 or -ENOMEM.
 */
int ksyms__add_line(struct ksyms *ks, char *text, size_t len);
/* After the last line, or after an error: sorts the symbols and sets their ends. */
void ksyms__finish(struct ksyms *ks);
void ksyms__deinit(struct ksyms *ks);

/*
 * The function of that name, or what a linker renamed it to; NULL if there is
 * none, or if several have the name.
 */
const struct ksym *ksyms__find(const struct ksyms *ks, const char *name);
/*
 * The function that a call to addr enters, NULL if it is none of ours. With
 * call-depth tracking a call goes to the padding before the function, inside
 * __pfx_NAME (arch/x86/kernel/callthunks.c).
 */
const struct ksym *ksyms__callee(const struct ksyms *ks, uint64_t addr);

/* Whether addr is in a page of buffers to which jump-optimised probes jump. */
bool ksyms__is_detour(const struct ksyms *ks, uint64_t addr);

/* Whether addr is a thunk that does nothing but return to the caller of what jumps to it. */
bool ksyms__is_return_thunk(const struct ksyms *ks, uint64_t addr);

/* Whether addr is a function that no function of overlayfs gets back from. */
bool ksyms__is_noreturn(const struct ksyms *ks, uint64_t addr);

/* How a symbol relates to the function that the source calls base. */
enum ksym_form {
	KSYM_OTHER, /* nothing */
	KSYM_PART, /* a part of it, which does not always run: base.part.0, base.cold */
	KSYM_CHANGED, /* all of it, with other arguments: base.isra.0, base.constprop.0 */
	KSYM_WHOLE, /* the function: base, or as linkers rename it: base.llvm.123, base.lto_priv.0 */
};

enum ksym_form ksym__form(const char *name, const char *base);
static inline bool ksym__is(const char *name, const char *base)
{
	return ksym__form(name, base) != KSYM_OTHER;
}
static inline bool ksym__is_whole(const char *name, const char *base)
{
	return ksym__form(name, base) == KSYM_WHOLE;
}
/* Is name a half of func that is laid out elsewhere: func.cold, func.cold.1? */
bool ksym__is_cold_of(const char *name, const char *func);

enum {
	KSYM_NAME = 128,
};

/* Its name in the source, which is that in BTF; of what has other arguments its own. */
const char *ksym__source_name(const char *name, char buf[KSYM_NAME]);

#endif
