// SPDX-License-Identifier: GPL-2.0-only
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "ovltrace-kernel 1\n";

static void *more(void *array, size_t n, size_t size)
{
	/* doubled at powers of two */
	if (n & (n - 1))
		return array;
	array = realloc(array, (n ? 2 * n : 1) * size);
	if (!array)
		abort();
	return array;
}

/* "ADDRESS HEX", of which lines that follow each other make one; or "ADDRESS LENGTH !" */
static int read_code(struct fixture *fx, const char *p)
{
	struct fixture_code *c;
	unsigned int byte;
	bool unreadable;
	uint64_t addr;
	size_t i, n;
	char *end;

	addr = strtoull(p, &end, 16);
	if (end == p || *end != ' ')
		return -EINVAL;
	p = end + 1;
	n = strspn(p, "0123456789abcdef");
	unreadable = !strcmp(p + n, " !\n");
	if (!n || (!unreadable && (n % 2 || p[n] != '\n')))
		return -EINVAL;
	c = fx->ncode ? &fx->code[fx->ncode - 1] : NULL;
	if (!c || unreadable || !c->byte || addr != c->addr + c->len) {
		fx->code = more(fx->code, fx->ncode, sizeof(*fx->code));
		c = &fx->code[fx->ncode++];
		*c = (struct fixture_code){ .addr = addr };
	}
	if (unreadable) {
		c->len = strtoul(p, NULL, 10);
		return 0;
	}
	c->byte = realloc(c->byte, c->len + n / 2);
	for (i = 0; i < n; i += 2) {
		if (sscanf(p + i, "%2x", &byte) != 1)
			return -EINVAL;
		c->byte[c->len++] = byte;
	}
	return 0;
}

/* "FUNCTION none" or "FUNCTION (STRUCT|-)..." */
static int read_proto(struct fixture *fx, char *p, bool typed)
{
	struct fixture_proto *pr;
	char *save, *word;

	fx->proto = more(fx->proto, fx->nproto, sizeof(*fx->proto));
	pr = &fx->proto[fx->nproto++];
	memset(pr, 0, sizeof(*pr));
	pr->typed = typed;
	word = strtok_r(p, " \n", &save);
	if (!word)
		return -EINVAL;
	snprintf(pr->func, sizeof(pr->func), "%s", word);
	while ((word = strtok_r(NULL, " \n", &save))) {
		if (!strcmp(word, "none"))
			pr->nparams = -1;
		else if (pr->nparams == FIXTURE_PARAMS)
			return -EINVAL;
		else
			snprintf(pr->param[pr->nparams++], sizeof(pr->param[0]), "%s", word);
	}
	return 0;
}

static int read_layout(struct fixture *fx, const char *p)
{
	struct ovlw_layout *l = &fx->layout;
	int n;

	n = sscanf(p, "%d %d %d %u %u %u %u %u %d %d %d %d %u", &l->inode_cache, &l->inode_version,
		   &l->inode_flags, &l->impure_bit, &l->whiteouts_bit, &l->cache_refcount,
		   &l->cache_version, &l->cache_entries, &l->file_is_upper, &l->file_is_real,
		   &l->file_cache, &l->inode_upper, &l->const_ino_bit);
	fx->has_layout = true;
	/* older captures do not have the last two */
	return n == 11 || n == 13 ? 0 : -EINVAL;
}

static void add_symbol(struct fixture *fx, uint64_t addr, const char *pfx, const char *p,
		       bool module)
{
	char line[256];
	size_t len;

	/* p: " t NAME" and a newline */
	len = snprintf(line, sizeof(line), "%016llx%.3s%s%.*s%s\n", (unsigned long long)addr, p,
		       pfx, (int)strcspn(p + 3, "\n"), p + 3, module ? "\t[overlay]" : "");
	fx->kallsyms = realloc(fx->kallsyms, fx->kallsyms_len + len + 1);
	memcpy(fx->kallsyms + fx->kallsyms_len, line, len + 1);
	fx->kallsyms_len += len;
}

/* "ADDRESS TYPE NAME"; m, M: of the module; S, M: with a __pfx_NAME before it */
static int read_symbol(struct fixture *fx, char kind, const char *p)
{
	bool module = kind == 'm' || kind == 'M';
	uint64_t addr;
	char *end;

	addr = strtoull(p, &end, 16);
	if (end == p || end[0] != ' ' || !end[1] || end[2] != ' ' || strlen(end) > 200)
		return -EINVAL;
	if (kind == 'S' || kind == 'M')
		add_symbol(fx, addr - FIXTURE_PAD, "__pfx_", end, module);
	add_symbol(fx, addr, "", end, module);
	return 0;
}

static int read_line(struct fixture *fx, char *line)
{
	char *p = line + strcspn(line, " \n");
	size_t n = p - line;

	p += *p == ' ';
	if (n == 1 && strchr("sSmM", *line))
		return read_symbol(fx, *line, p);
	if (n == 1 && *line == 'c')
		return read_code(fx, p);
	if (n == 1 && (*line == 'p' || *line == 'P'))
		return read_proto(fx, p, *line == 'P');
	if (!strncmp(line, "release ", 8))
		snprintf(fx->release, sizeof(fx->release), "%.*s", (int)strcspn(p, "\n"), p);
	else if (!strncmp(line, "machine ", 8)) {
		p[strcspn(p, "\n")] = 0;
		fx->arch = insn__arch(p);
		return fx->arch ? 0 : -EINVAL;
	} else if (!strncmp(line, "layout ", 7))
		return read_layout(fx, p);
	else if (!strcmp(line, "fexit\n"))
		fx->fexit = true;
	else if (!strcmp(line, "preemptible\n"))
		fx->preemptible = true;
	else if (!strcmp(line, "prototypes\n"))
		fx->prototypes = true;
	else
		return -EINVAL;
	return 0;
}

static int read_plans(struct fixture *fx, FILE *f)
{
	size_t len = 0;
	FILE *out = open_memstream(&fx->plans, &len);
	int c;

	while ((c = getc(f)) != EOF)
		putc(c, out);
	fclose(out);
	return len ? 0 : -EINVAL;
}

int fixture__symbols(struct ksyms *ks, const char *text, size_t len)
{
	FILE *f = fmemopen((void *)text, len, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int err = 0;

	memset(ks, 0, sizeof(*ks));
	while (!err && (n = getline(&line, &cap, f)) > 0)
		err = ksyms__add_line(ks, line, n);
	ksyms__finish(ks);
	free(line);
	fclose(f);
	return err;
}

int fixture__read(struct fixture *fx, FILE *f, int *line)
{
	char *text = NULL;
	size_t cap = 0;
	int err = -EINVAL;

	memset(fx, 0, sizeof(*fx));
	fx->arch = &insn_x86;
	*line = 1;
	if (getline(&text, &cap, f) <= 0 || strcmp(text, magic))
		goto out;
	for (;;) {
		++*line;
		if (getline(&text, &cap, f) <= 0)
			goto out;
		if (!strcmp(text, "plans\n"))
			break;
		if (text[0] != '#' && read_line(fx, text))
			goto out;
	}
	fx->plans_at = ftell(f);
	if (!fx->kallsyms || read_plans(fx, f))
		goto out;
	err = fixture__symbols(&fx->ks, fx->kallsyms, fx->kallsyms_len);
out:
	free(text);
	return err;
}

void fixture__deinit(struct fixture *fx)
{
	size_t i;

	for (i = 0; i < fx->ncode; i++)
		free(fx->code[i].byte);
	free(fx->code);
	free(fx->proto);
	free(fx->kallsyms);
	free(fx->plans);
	ksyms__deinit(&fx->ks);
}

/* Any piece of what was captured: a plan may come to read more or less at once. */
static int code_of(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct fixture *fx = ctx;
	size_t i;

	for (i = 0; i < fx->ncode; i++) {
		const struct fixture_code *c = &fx->code[i];

		if (addr < c->addr || addr - c->addr > c->len || len > c->len - (addr - c->addr))
			continue;
		if (!c->byte)
			return -EFAULT;
		memcpy(buf, c->byte + (addr - c->addr), len);
		return 0;
	}
	snprintf(fx->lacking, sizeof(fx->lacking), "code at %llx, %zu bytes",
		 (unsigned long long)addr, len);
	return -ENODATA;
}

static const struct fixture_proto *asked(struct fixture *fx, const char *func)
{
	size_t i;

	for (i = 0; i < fx->nproto; i++)
		if (!strcmp(fx->proto[i].func, func))
			return &fx->proto[i];
	snprintf(fx->lacking, sizeof(fx->lacking), "the prototype of %s", func);
	return NULL;
}

static const struct fixture_proto *proto_of(struct fixture *fx, const char *func)
{
	const struct fixture_proto *pr = asked(fx, func);

	return pr && pr->nparams >= 0 ? pr : NULL;
}

static int dentry_args(void *ctx, const char *func, int arg[2])
{
	const struct fixture_proto *pr = proto_of(ctx, func);
	int i, n = 0;

	for (i = 0; pr && i < pr->nparams && i < 5 && n < 2; i++)
		if (!strcmp(pr->param[i], "dentry"))
			arg[n++] = i;
	return pr ? n : -1;
}

static int arg_is(void *ctx, const char *func, int n, const char *type)
{
	const struct fixture_proto *pr = proto_of(ctx, func);

	return !pr ? -1 : n < pr->nparams && !strcmp(pr->param[n], type);
}

static bool is_typed(void *ctx, const char *func)
{
	const struct fixture_proto *pr = asked(ctx, func);

	return pr && pr->typed;
}

static bool is_none_typed(void *ctx, const char *func)
{
	(void)ctx;
	(void)func;
	return false;
}

bool fixture__way(struct plan_input *in, int way)
{
	in->hits = way != 1;
	in->quiet = way == 1;
	if (way == 2 && !in->fexit)
		return false;
	if (way == 3 && !in->btf_layout)
		return false;
	if (way == 2)
		in->fexit = false;
	if (way == 3) {
		in->btf_layout = NULL;
		in->is_typed = is_none_typed;
		in->dentry_args = NULL;
		in->arg_is = NULL;
	}
	in->no_sites = way >= 4;
	in->no_kprobes = in->costly = way == 5;
	return true;
}

void fixture__input(struct fixture *fx, int way, struct plan_input *in)
{
	memset(in, 0, sizeof(*in));
	in->code.ks = &fx->ks;
	in->code.read = code_of;
	in->code.ctx = fx;
	in->code.arch = fx->arch;
	in->btf_layout = fx->has_layout ? &fx->layout : NULL;
	in->fexit = fx->fexit;
	in->preemptible = fx->preemptible;
	in->is_typed = is_typed;
	in->dentry_args = fx->prototypes ? dentry_args : NULL;
	in->arg_is = fx->prototypes ? arg_is : NULL;
	in->btf_ctx = fx;
	if (!fixture__way(in, way))
		in->code.ks = NULL;
}

static void print_probe(FILE *out, const struct plan_probe *p)
{
	fprintf(out, "probe %s %s %s %s+0x%llx %s %llx%s%s%s\n", logical_event__name(p->event),
		provider__name(p->provider), program__name(p->prog), p->func->name,
		(unsigned long long)(p->addr - p->func->addr), p->callee ? p->callee->name : "-",
		(unsigned long long)p->cookie, p->optional ? " optional" : "",
		p->may_be_entry ? " may-be-entry" : "", p->later ? " later" : "");
}

void fixture__print(FILE *out, const struct plan_input *in, int way)
{
	static const char *const names[FIXTURE_WAYS] = {
		"records and hits", "quiet",	     "no fexit",
		"no types",	    "no call sites", "no kprobes, costly ones"
	};
	struct plan *plan = calloc(1, sizeof(*plan));
	const struct ovlw_layout *l = &plan->layout;
	enum logical_event missing;
	size_t i;

	plan__make(plan, in);
	fprintf(out, "plan: %s\n", names[way]);
	fprintf(out, "lock_drop %s: %s\n", lock_drop__name(plan->lock_drop), plan->lock_evidence);
	fprintf(out, "layout %s: %s\n", plan->layout_known ? "known" : "unknown",
		plan->layout_evidence);
	fprintf(out, "offsets %d %d %d %u %u %u %u %u %d %d %d\n", l->inode_cache, l->inode_version,
		l->inode_flags, l->impure_bit, l->whiteouts_bit, l->cache_refcount,
		l->cache_version, l->cache_entries, l->file_is_upper, l->file_is_real,
		l->file_cache);
	fprintf(out, "complete %s\n", plan__complete(plan, &missing) ? "yes" : "no");
	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &plan->cover[i];

		if (!coverage__reports(i, plan->merged))
			continue;
		fprintf(out, "event %s %s%s%s%s %s: %s\n", logical_event__name(i),
			provider__name(c->provider), c->inferred ? " inferred" : "",
			c->costly ? " costly" : "", c->partly ? " partly" : "",
			*c->target ? c->target : "-", c->evidence);
	}
	for (i = 0; i < plan->nprobes; i++)
		print_probe(out, &plan->probe[i]);
	free(plan);
}

char *fixture__plans(struct fixture *fx)
{
	struct plan_input in;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int way;

	for (way = 0; way < FIXTURE_WAYS; way++) {
		fixture__input(fx, way, &in);
		if (in.code.ks)
			fixture__print(out, &in, way);
	}
	fclose(out);
	return text;
}
