// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plans on the running kernel with the product's own code, and writes down what
 * the input of the plan, what it read, and the result: a fixture
 * (tests/unit/fixtures/README.md). Attaches nothing. Needs root.
 *
 * usage: capture > FILE
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "fixture.h"
#include "probe/kernel.h"
#include "probe/types.h"

enum {
	LINE_BYTES = 64,
	MODULE_MAX = 1 << 24,
};

struct recorder {
	struct plan_input live;
	struct fixture_code *code;
	size_t ncode;
	char (*func)[64]; /* whose prototypes were asked for */
	size_t nfunc;
};

static int record_code(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct recorder *r = ctx;
	struct fixture_code *c;
	int err = r->live.code.read(r->live.code.ctx, addr, buf, len);
	size_t i;

	for (i = 0; i < r->ncode; i++)
		if (r->code[i].addr == addr && r->code[i].len >= len)
			return err;
	r->code = realloc(r->code, (r->ncode + 1) * sizeof(*r->code));
	c = &r->code[r->ncode++];
	*c = (struct fixture_code){ .addr = addr, .len = len };
	if (!err) {
		c->byte = malloc(len);
		memcpy(c->byte, buf, len);
	}
	return err;
}

static void record_func(struct recorder *r, const char *func)
{
	size_t i;

	for (i = 0; i < r->nfunc; i++)
		if (!strcmp(r->func[i], func))
			return;
	r->func = realloc(r->func, (r->nfunc + 1) * sizeof(*r->func));
	snprintf(r->func[r->nfunc++], sizeof(r->func[0]), "%s", func);
}

static int record_dentry_args(void *ctx, const char *func, int arg[2])
{
	struct recorder *r = ctx;

	record_func(r, func);
	return r->live.dentry_args(r->live.btf_ctx, func, arg);
}

static int record_arg_is(void *ctx, const char *func, int n, const char *type)
{
	struct recorder *r = ctx;

	record_func(r, func);
	return r->live.arg_is(r->live.btf_ctx, func, n, type);
}

static bool record_is_typed(void *ctx, const char *func)
{
	struct recorder *r = ctx;

	record_func(r, func);
	return r->live.is_typed(r->live.btf_ctx, func);
}

static void record(struct recorder *r, struct plan_input *in)
{
	in->code.read = record_code;
	in->code.ctx = r;
	in->dentry_args = in->dentry_args ? record_dentry_args : NULL;
	in->arg_is = in->arg_is ? record_arg_is : NULL;
	/* the way may have one of its own */
	in->is_typed = in->is_typed == r->live.is_typed ? record_is_typed : in->is_typed;
	in->btf_ctx = r;
}

/* A module's symbols are in one piece, and the plan keeps none of other modules between them. */
static bool in_module(const struct ksyms *ks, const struct ksym *s)
{
	const struct ksym *root = ksyms__find(ks, "ovl_iterate");
	uint64_t distance = s->addr > root->addr ? s->addr - root->addr : root->addr - s->addr;

	return distance < MODULE_MAX;
}

/* The padding before s, or what s is the padding of: name and address say so. */
static bool has(const struct ksyms *ks, const char *pfx, const char *name, uint64_t addr)
{
	size_t i, n = strlen(pfx);

	for (i = 0; i < ks->n; i++)
		if (ks->v[i].addr == addr && !strncmp(ks->v[i].name, pfx, n) &&
		    !strcmp(ks->v[i].name + n, name))
			return true;
	return false;
}

/* As kallsyms would have it, had it nothing but what was kept and what ends it. */
static void print_symbols(FILE *out, const struct ksyms *ks)
{
	size_t i;

	for (i = 0; i < ks->n; i++) {
		const struct ksym *s = &ks->v[i], *next = i + 1 < ks->n ? s + 1 : NULL;

		bool module = ks->module && s->ovl && in_module(ks, s);
		bool padded = has(ks, "__pfx_", s->name, s->addr - FIXTURE_PAD);

		/* the line of the function stands for both */
		if (!strncmp(s->name, "__pfx_", 6) &&
		    has(ks, "", s->name + 6, s->addr + FIXTURE_PAD))
			continue;
		fprintf(out, "%c %llx %c %s\n",
			module ? padded ? 'M' : 'm' :
			padded ? 'S' :
				 's',
			(unsigned long long)s->addr, s->text ? 't' : 'd', s->name);
		if (next && next->addr == s->addr)
			continue;
		if (s->end != s->addr && !(ks->module && in_module(ks, s)) &&
		    (!next || next->addr != s->end))
			fprintf(out, "s %016llx t -\n", (unsigned long long)s->end);
	}
}

static int by_addr(const void *a, const void *b)
{
	const struct fixture_code *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	/* of two that begin together, the longer first: it has the other */
	return x->len > y->len ? -1 : x->len < y->len;
}

static void print_code(FILE *out, struct recorder *r)
{
	uint64_t last = 0;
	size_t i, j;

	qsort(r->code, r->ncode, sizeof(*r->code), by_addr);
	for (i = 0; i < r->ncode; i++) {
		const struct fixture_code *c = &r->code[i];

		if (i && c->addr == last)
			continue;
		last = c->addr;
		if (!c->byte)
			fprintf(out, "c %llx %zu !\n", (unsigned long long)c->addr, c->len);
		for (j = 0; c->byte && j < c->len; j++) {
			if (j % LINE_BYTES == 0)
				fprintf(out, "%sc %llx ", j ? "\n" : "",
					(unsigned long long)c->addr + j);
			fprintf(out, "%02x", c->byte[j]);
		}
		if (c->byte)
			putc('\n', out);
	}
}

/* The struct that parameter type `id` points to, "-" if it is another kind of type. */
static const char *struct_of(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	if (!t || !btf_is_ptr(t))
		return "-";
	do
		t = btf__type_by_id(btf, t->type);
	while (t && btf_is_mod(t));
	return t && (btf_is_struct(t) || btf_is_fwd(t)) ? btf__name_by_offset(btf, t->name_off) :
							  "-";
}

/* All of them: a plan may come to ask for others than today's. */
static void record_all_funcs(struct recorder *r, const struct ksyms *ks)
{
	char buf[KSYM_NAME];
	size_t i;

	for (i = 0; i < ks->n; i++) {
		const char *name = ksym__source_name(ks->v[i].name, buf);

		if (ks->v[i].ovl && ks->v[i].text && !strchr(name, '.') &&
		    strncmp(name, "__pfx_", 6) && strncmp(name, "__cfi_", 6))
			record_func(r, name);
	}
}

static void print_prototypes(FILE *out, const struct recorder *r, const struct btf *btf)
{
	size_t i;
	int n;

	for (i = 0; btf && i < r->nfunc; i++) {
		const struct btf_type *t = types__prototype(btf, r->func[i]);

		fprintf(out, "%c %s", r->live.is_typed(r->live.btf_ctx, r->func[i]) ? 'P' : 'p',
			r->func[i]);
		if (!t) {
			fputs(" none\n", out);
			continue;
		}
		for (n = 0; n < btf_vlen(t) && n < FIXTURE_PARAMS; n++)
			fprintf(out, " %s", struct_of(btf, btf_params(t)[n].type));
		putc('\n', out);
	}
}

static void print_all(FILE *out, const struct kernel *k, struct recorder *r, const char *plans)
{
	const struct ovlw_layout *l = r->live.btf_layout;
	struct utsname un;

	uname(&un);
	fprintf(out, "ovltrace-kernel 1\nrelease %s\n", un.release);
	if (k->arch != &insn_x86)
		fprintf(out, "machine %s\n", k->arch->machine);
	if (r->live.fexit)
		fputs("fexit\n", out);
	if (r->live.preemptible)
		fputs("preemptible\n", out);
	if (r->live.dentry_args)
		fputs("prototypes\n", out);
	/* members of struct ovl_fs are of no concern to the plan */
	if (l)
		fprintf(out, "layout %d %d %d %u %u %u %u %u %d %d %d %d %u\n", l->inode_cache,
			l->inode_version, l->inode_flags, l->impure_bit, l->whiteouts_bit,
			l->cache_refcount, l->cache_version, l->cache_entries, l->file_is_upper,
			l->file_is_real, l->file_cache, l->inode_upper, l->const_ino_bit);
	print_symbols(out, &k->ks);
	print_code(out, r);
	print_prototypes(out, r, k->overlay ? k->overlay : k->vmlinux);
	fprintf(out, "plans\n%s", plans);
}

/* Does the fixture, read back, give the plans that the kernel gave? */
static int check(const char *text, size_t len, const char *plans)
{
	FILE *f = fmemopen((char *)text, len, "r");
	struct fixture fx;
	char *again;
	int line, err;

	err = fixture__read(&fx, f, &line);
	fclose(f);
	if (err) {
		fprintf(stderr, "capture: line %d cannot be read back\n", line);
		return err;
	}
	again = fixture__plans(&fx);
	if (*fx.lacking || strcmp(again, plans)) {
		fprintf(stderr, "capture: it gives another plan than the kernel (lacking: %s)\n%s",
			fx.lacking, again);
		err = -EINVAL;
	}
	free(again);
	fixture__deinit(&fx);
	return err;
}

int main(void)
{
	static struct kernel k;
	struct recorder r = { 0 };
	char *plans = NULL, *text = NULL;
	size_t plans_len = 0, len = 0;
	FILE *out;
	int way;

	if (kernel__init(&k, NULL)) {
		fprintf(stderr, "capture: %s; %s\n", k.why, k.remedy);
		return 4;
	}
	kernel__plan_input(&k, &r.live);
	out = open_memstream(&plans, &plans_len);
	for (way = 0; way < FIXTURE_WAYS; way++) {
		struct plan_input in = r.live;

		if (!fixture__way(&in, way))
			continue;
		record(&r, &in);
		fixture__print(out, &in, way);
	}
	fclose(out);
	record_all_funcs(&r, &k.ks);
	out = open_memstream(&text, &len);
	print_all(out, &k, &r, plans);
	fclose(out);
	fwrite(text, 1, len, stdout);
	if (check(text, len, plans) || fflush(stdout))
		return 2;
	kernel__deinit(&k);
	return 0;
}
