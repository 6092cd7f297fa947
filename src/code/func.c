// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decodes a function from its first instruction to the next symbol. The kernel
 * keeps no data between instructions, so each one begins where the previous one
 * ends. What a probe's breakpoint hides is in the kernel's table of probes. Where that
 * cannot be read, what is ambiguous is marked, and decoding continues where all possible
 * lengths agree. A jump-optimised probe replaces whole instructions with a jump to a
 * buffer, from which they are read.
 */
#include "code/func.h"
#include "code/kprobes.h"
#include "code/veneer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	HORIZON = 64, /* bytes after which decoding is in step from any start */
	LENGTHS = 16,
	/* of the buffer: room for what saves registers, calls the probe, and the copy */
	DETOUR = 512,
	DETOUR_COPY = 4 + LENGTHS, /* longest copy: 4 bytes that one instruction exceeds */
	DETOUR_PAGE = 4096, /* a buffer does not cross it, and what follows may be unmapped */
};

/* What is being decoded. */
struct sweep {
	struct func *f;
	const struct code_source *src;
	const struct ksyms *ks;
	struct insn_decoder *d;
	const uint8_t *code;
	size_t len, cap;
};

static int add(struct sweep *s, const struct insn *i)
{
	struct func *f = s->f;

	if (f->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 128;
		struct insn *v = realloc(f->insn, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		f->insn = v;
		s->cap = cap;
	}
	f->insn[f->n++] = *i;
	return 0;
}

static bool is_inside(const struct sweep *s, uint64_t addr)
{
	return addr >= s->f->sym->addr && addr < s->f->sym->addr + s->len;
}

/* The known function that a call or jump out of this one enters; NULL if there is none. */
static const struct ksym *callee(const struct sweep *s, uint64_t target)
{
	const struct ksym *to = ksyms__callee(s->ks, target);

	return to && to != s->f->sym ? to : NULL;
}

/* The lowest branch target at or after `from`; 0: none. */
static uint64_t next_target(const struct sweep *s, uint64_t from)
{
	uint64_t best = 0;
	size_t i;

	for (i = 0; i < s->f->n; i++) {
		uint64_t t = s->f->insn[i].target;

		if (t >= from && is_inside(s, t) && (!best || t < best))
			best = t;
	}
	return best;
}

static void set_unknown(struct sweep *s, uint64_t addr)
{
	if (!s->f->err) {
		s->f->err = -EILSEQ;
		s->f->unknown = addr;
	}
}

/* A possible sequence of instruction starts after a breakpoint, one bit per byte. */
struct guess {
	uint64_t begins;
	uint64_t calls; /* of these, calls of known functions, which are no coincidence */
	uint64_t unknown; /* what is behind another breakpoint, and may begin or not */
};

/* Whether the breakpoint at `off` is on a call or jump to a known function. */
static bool is_hidden_call(const struct sweep *s, size_t off, size_t *n)
{
	uint64_t addr = s->f->sym->addr + off;
	uint64_t target = insn__hidden_target(s->d, s->code + off, s->len - off, addr, n);

	return target && callee(s, target);
}

/* Assumes this length of the instruction at `off`. Returns false if it is impossible. */
static bool guess(struct sweep *s, size_t off, size_t length, struct guess *g)
{
	uint64_t at = s->f->sym->addr;
	size_t to = off + length, n;
	struct insn i;

	memset(g, 0, sizeof(*g));
	while (to < s->len && to - off < HORIZON) {
		uint64_t bit = 1ULL << (to - off);

		if (!insn__decode(s->d, s->code + to, s->len - to, at + to, &i) || i.odd ||
		    (i.kind == INSN_BRANCH && !is_inside(s, i.target) && !callee(s, i.target)))
			return false;
		g->begins |= bit;
		n = i.len;
		if (i.kind == INSN_BREAK && !is_hidden_call(s, to, &n)) {
			g->unknown = ~(bit | (bit - 1));
			break;
		}
		if (i.kind == INSN_BREAK || (i.kind == INSN_CALL && callee(s, i.target)))
			g->calls |= bit;
		to += n;
	}
	return g->begins;
}

/* How far the instruction under the breakpoint at `off` may reach; 0: unknown. */
static size_t hidden_length(struct sweep *s, size_t off)
{
	uint64_t addr = s->f->sym->addr + off, target = next_target(s, addr + 1);
	uint32_t lengths = insn__hidden_lengths(s->d, s->code + off, s->len - off, addr);
	uint64_t must = 0, common = ~0ULL;
	struct guess g[LENGTHS] = { 0 };
	size_t n;

	if (target && target - addr < HORIZON)
		must = 1ULL << (target - addr);
	for (n = 1; n < LENGTHS; n++) {
		if (!(lengths & 1U << n) || !guess(s, off, n, &g[n]))
			lengths &= ~(1U << n);
		else
			must |= g[n].calls;
	}
	for (n = 1; n < LENGTHS; n++)
		if (lengths & 1U << n && ((g[n].begins | g[n].unknown) & must) == must)
			common &= g[n].begins;
	for (n = 1; n < HORIZON; n++)
		if (common != ~0ULL && common & 1ULL << n)
			return n;
	return 0;
}

/*
 * What follows a call that does not return, such as __stack_chk_fail(), is
 * filled with breakpoints up to the end or to what something jumps to.
 */
static bool is_padding(const struct sweep *s, size_t off)
{
	const struct func *f = s->f;

	return (f->n && insn__ends_flow(&f->insn[f->n - 1])) || off + 1 == s->len ||
	       s->code[off] == s->code[off + 1];
}

/* A breakpoint is padding that never runs, or a probe on an instruction. */
static void see_through(struct sweep *s, size_t off, struct insn *i)
{
	uint64_t target;
	size_t n = 0;

	if (kprobes__original(s->src, s->d, s->code + off, s->len - off, i))
		return;
	if (is_hidden_call(s, off, &n)) {
		i->kind = INSN_CALL;
		i->target = insn__hidden_target(s->d, s->code + off, s->len - off, i->addr, &n);
		i->len = n;
		i->patched = true;
		i->writes = s->f->arch->call_writes;
		return;
	}
	if (!s->f->arch->insn_len && is_padding(s, off))
		return;
	n = hidden_length(s, off);
	i->kind = INSN_HIDDEN;
	i->patched = true;
	i->writes = ~0U;
	/* it may be a call, but for the first, which no compiler makes one */
	if (s->f->arch->insn_len && off)
		set_unknown(s, i->addr);
	i->len = n;
	if (n)
		return;
	set_unknown(s, i->addr);
	target = next_target(s, i->addr + 1);
	if (target && target - i->addr <= UINT8_MAX)
		i->len = target - i->addr;
}

/* Adds the n bytes of instructions at copy, in place of those at the jump. They run at `at`. */
static int add_copy(struct sweep *s, const struct insn *jump, const uint8_t *copy, size_t n,
		    uint64_t at)
{
	struct insn i;
	size_t off;
	int err;

	for (off = 0; off < n; off += i.len) {
		if (!insn__decode(s->d, copy + off, n - off, at + off, &i))
			return -EILSEQ;
		i.addr = jump->addr + off;
		i.patched = true;
		err = add(s, &i);
		if (err)
			return err;
	}
	return 0;
}

/*
 * Is that jump a jump-optimised probe? Then its buffer ends with a copy of the
 * replaced instructions and a jump behind them (arch/x86/kernel/kprobes/opt.c,
 * arch_prepare_optimized_kprobe()). Returns how many bytes it replaces, and where
 * their copy is in buf; 0: it is another jump.
 */
static size_t find_copy(struct sweep *s, const struct insn *jump, const uint8_t *buf, size_t len,
			size_t *copy)
{
	uint64_t begins[DETOUR / 64] = { 0 };
	struct insn i;
	size_t off, n;

	for (off = 0; off < len; off += i.len) {
		if (!insn__decode(s->d, buf + off, len - off, jump->target + off, &i))
			return 0;
		begins[off / 64] |= 1ULL << (off % 64);
		n = i.target - jump->addr;
		if (i.kind != INSN_JUMP || n < jump->len || n > DETOUR_COPY || n > off)
			continue;
		*copy = off - n;
		return begins[*copy / 64] & 1ULL << (*copy % 64) ? n : 0;
	}
	return 0;
}

/* Sets *n to the bytes that a jump-optimised probe replaces, and adds what it replaced. */
static int see_detour(struct sweep *s, const struct insn *jump, size_t *n)
{
	size_t len = DETOUR_PAGE - jump->target % DETOUR_PAGE, copy;
	uint8_t buf[DETOUR];

	*n = 0;
	if (!ksyms__is_detour(s->ks, jump->target))
		return 0;
	if (len > sizeof(buf))
		len = sizeof(buf);
	if (s->src->read(s->src->ctx, jump->target, buf, len))
		return 0;
	*n = find_copy(s, jump, buf, len, &copy);
	return *n ? add_copy(s, jump, buf + copy, *n, jump->target + copy) : 0;
}

/*
 * While a probe becomes a jump, or a breakpoint again, there is a moment when
 * only the jump's first byte is missing (arch/x86/kernel/alternative.c,
 * text_poke_bp_batch() in 6.12).
 */
static void see_jump(const struct sweep *s, size_t off, struct insn *i)
{
	size_t n = 0;
	uint64_t target = insn__hidden_target(s->d, s->code + off, s->len - off, i->addr, &n);

	if (!target || !ksyms__is_detour(s->ks, target))
		return;
	i->kind = INSN_JUMP;
	i->target = target;
	i->len = n;
}

/* Returns 0, or -errno if nothing of the function is known. */
static int sweep(struct sweep *s)
{
	uint64_t at = s->f->sym->addr;
	size_t off = 0, n;
	struct insn i;
	int err;

	while (off < s->len) {
		if (!insn__decode(s->d, s->code + off, s->len - off, at + off, &i)) {
			uint64_t next = next_target(s, at + off + 1);

			set_unknown(s, at + off);
			if (!next)
				return 0;
			off = next - at;
			continue;
		}
		if (i.kind == INSN_BREAK)
			see_jump(s, off, &i);
		if (i.kind == INSN_JUMP) {
			err = see_detour(s, &i, &n);
			if (err)
				return err;
			off += n;
			if (n)
				continue;
		}
		if (i.kind == INSN_BREAK)
			see_through(s, off, &i);
		if (s->f->arch->veneers && (i.kind == INSN_CALL || i.kind == INSN_JUMP) &&
		    !is_inside(s, i.target))
			i.target = veneer__target(s->src, s->d, &i);
		err = add(s, &i);
		if (err || !i.len)
			return err;
		off += i.len;
	}
	return 0;
}

static int read_all(struct func *f, const struct code_source *src, uint8_t *code, size_t len)
{
	struct sweep s = { .f = f, .src = src, .ks = src->ks, .code = code, .len = len };
	int err = src->read(src->ctx, f->sym->addr, code, len);

	if (err)
		return err;
	if (src->arch->trailer)
		s.len -= src->arch->trailer(code, len);
	s.d = insn__decoder_new(src->arch);
	err = s.d ? sweep(&s) : -ENOMEM;
	insn__decoder_free(s.d);
	return err;
}

int func__read(struct func *f, const struct code_source *src, const struct ksym *sym)
{
	size_t len = sym->end - sym->addr;
	uint8_t *code = len ? malloc(len) : NULL;
	int err;

	memset(f, 0, sizeof(*f));
	f->sym = sym;
	f->arch = src->arch;
	/* its end is unknown, and so is its effect */
	err = !len ? -ENODATA : code ? read_all(f, src, code, len) : -ENOMEM;
	free(code);
	if (err)
		f->err = err;
	return f->err;
}

void func__deinit(struct func *f)
{
	free(f->insn);
	memset(f, 0, sizeof(*f));
}

const struct insn *func__at(const struct func *f, uint64_t addr)
{
	size_t lo = 0, hi = f->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (f->insn[mid].addr < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->n && f->insn[lo].addr == addr ? &f->insn[lo] : NULL;
}

bool func__is_guarded(const struct func *f, uint64_t addr)
{
	const struct insn *i = func__at(f, addr);
	size_t n;

	for (n = 0; i && i > f->insn && n < f->arch->guard_reach; n++)
		if ((--i)->guard)
			return i->guard > 0;
	return false;
}

bool func__is_traced(const struct func *f)
{
	/* a probe on its entry hides the first instruction */
	return f->n && (f->insn[0].patched || f->arch->traced(f->insn, f->n));
}
