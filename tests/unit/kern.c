// SPDX-License-Identifier: GPL-2.0-only
#include "kern.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "fixture.h"
#include "test.h"

#define CORE 0xffffffff81000000ULL
#define BUILTIN 0xffffffff81400000ULL
#define MODULE 0xffffffffc0a00000ULL
#define OTHER 0xffffffffc0c00000ULL

/* Kept in kallsyms' order: sorted by address, 256 bytes each. */
static const char *const core[] = {
	"up_write",
	"down_write",
	"down_write_killable",
	"down_write_trylock",
	"downgrade_write",
	"__stack_chk_fail",
	"kfree",
	"kvfree_call_rcu",
	"iterate_dir",
	"vfs_removexattr",
	"dput",
	"printk",
	"memcpy",
	"lookup_one",
	"lookup_one_unlocked",
	"call_rcu",
	"queue_work_on",
	"up_read",
	"down_read",
	"wrap_directory_iterator",
};

/* Functions of every overlayfs, unless a test replaces them. */
static const struct kfunc usual[] = {
	{ "ovl_path_upper", "" },
	{ "ovl_path_open", "" },
	{ "ovl_dir_cache", "#488b47e0" },
	{ "ovl_set_dir_cache", "#488977e0" },
	{ "ovl_inode_version_get", "#488b47f0" },
	{ "ovl_dir_modified", "" },
	{ "ovl_cache_free", "*2 kfree" },
	{ "ovl_dir_cache_free", "ovl_cache_free kfree" },
	{ "ovl_destroy_inode", "dput ovl_dir_cache_free kfree" },
	{ "ovl_rename", "ovl_dir_modified" },
	{ "ovl_unlink", "ovl_dir_modified" },
	{ "shared_ovl_iterate", "wrap_directory_iterator" },
	{ NULL, NULL },
};

static void emit(struct kern *k, const void *bytes, size_t n)
{
	if (!CHECK(k->len + n <= sizeof(k->text)))
		abort();
	memcpy(k->text + k->len, bytes, n);
	k->len += n;
}

static void emit_fill(struct kern *k, uint8_t byte, size_t n)
{
	while (n--)
		emit(k, &byte, 1);
}

static void emit_call(struct kern *k, uint8_t opcode, const char *to, int back)
{
	uint8_t insn[5] = { opcode };

	if (!CHECK(k->nfix < KERN_CALLS))
		abort();
	k->fix[k->nfix].at = k->len;
	k->fix[k->nfix].back = back;
	snprintf(k->fix[k->nfix].to, sizeof(k->fix[0].to), "%s", to);
	k->nfix++;
	emit(k, insn, sizeof(insn));
}

static void emit_hex(struct kern *k, const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2) {
		char two[3] = { hex[0], hex[1] };
		uint8_t byte = strtoul(two, NULL, 16);

		emit(k, &byte, 1);
	}
}

static void emit_word(struct kern *k, const char *word)
{
	if (word[0] == '#') {
		emit_hex(k, word + 1);
		return;
	}
	/* something in between: a 3-byte nop */
	emit(k, "\x0f\x1f\0", 3);
	switch (word[0]) {
	case '&':
		/* lea name(%rip),%rsi: as in a call, the address counts from its end */
		emit(k, "\x48\x8d", 2);
		emit_call(k, 0x35, word + 1, 0);
		break;
	case '=':
		emit_call(k, 0xe9, word + 1, 0);
		break;
	case '!':
		emit_call(k, 0xcc, word + 1, 0);
		break;
	case '-':
		emit_call(k, 0xe8, word + 1, KERN_DEPTH);
		break;
	default:
		emit_call(k, 0xe8, word, 0);
	}
}

static void emit_func(struct kern *k, const struct kfunc *f)
{
	char code[2048], *save, *word;
	int times = 1;

	if (!CHECK(k->nfuncs < KERN_FUNCS && strlen(f->code) < sizeof(code)))
		abort();
	emit_fill(k, 0x90, KERN_PAD);
	k->func[k->nfuncs].name = f->name;
	k->func[k->nfuncs++].addr = k->base + k->len;
	emit(k, "\xf3\x0f\x1e\xfa", 4);
	strcpy(code, f->code);
	for (word = strtok_r(code, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (word[0] == '*') {
			times = atoi(word + 1);
			continue;
		}
		while (times-- > 0)
			emit_word(k, word);
		times = 1;
	}
	emit(k, "\xc3", 1);
	/* to the next multiple of 16, as the linker does */
	emit_fill(k, 0x90, -k->len & 15);
}

uint64_t kern__addr(const struct kern *k, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(core) / sizeof(core[0]); i++)
		if (!strcmp(core[i], name))
			return CORE + 0x100 * (i + 1);
	for (i = 0; i < k->nfuncs; i++)
		if (!strcmp(k->func[i].name, name))
			return k->func[i].addr;
	return 0;
}

static void fix_calls(struct kern *k)
{
	size_t i;

	for (i = 0; i < k->nfix; i++) {
		uint64_t to = kern__addr(k, k->fix[i].to), from = k->base + k->fix[i].at + 5;
		int32_t rel;

		if (!CHECK(to != 0))
			printf("#   no function %s\n", k->fix[i].to);
		rel = (int32_t)(to - k->fix[i].back - from);
		memcpy(k->text + k->fix[i].at + 1, &rel, sizeof(rel));
	}
}

__attribute__((format(printf, 2, 3))) static void say(struct kern *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	k->nsyms += vsnprintf(k->syms + k->nsyms, sizeof(k->syms) - k->nsyms, fmt, ap);
	va_end(ap);
	if (!CHECK(k->nsyms < sizeof(k->syms)))
		abort();
}

static void add_symbol(struct kern *k, uint64_t addr, char type, const char *name,
		       const char *module)
{
	unsigned long long shown = k->hidden ? 0 : addr;

	say(k, "%016llx %c %s%s\n", shown, type, name, module);
}

static void add_func(struct kern *k, uint64_t addr, const char *name, const char *module)
{
	char pfx[80];

	if (!k->no_pfx) {
		snprintf(pfx, sizeof(pfx), "__pfx_%s", name);
		add_symbol(k, addr - KERN_PAD, 't', pfx, module);
	}
	add_symbol(k, addr, 't', name, module);
}

static void add_all(struct kern *k)
{
	const char *module = k->builtin ? "" : "\t[overlay]";
	size_t i, n = sizeof(core) / sizeof(core[0]);

	add_symbol(k, 0, 'A', "fixed_percpu_data", "");
	add_symbol(k, CORE, 'T', "_stext", "");
	for (i = 0; i < n; i++)
		add_func(k, CORE + 0x100 * (i + 1), core[i], "");
	add_symbol(k, CORE + 0x100 * (n + 1), 'T', "something_else", "");
	if (k->builtin) {
		for (i = 0; i < k->nfuncs; i++)
			add_func(k, k->func[i].addr, k->func[i].name, module);
		if (!k->endless)
			add_symbol(k, k->base + k->len, 'T', "xfs_something", "");
	} else {
		/* the symbols of a module are not sorted */
		if (!k->endless)
			add_symbol(k, k->base + k->len, 'd', "ovl_params", module);
		for (i = k->nfuncs; i-- > 0;)
			add_func(k, k->func[i].addr, k->func[i].name, module);
	}
	add_symbol(k, OTHER, 't', "ovl_iterate_real", "\t[copycat]");
	add_symbol(k, OTHER + 64, 't', "up_write", "\t[copycat]");
}

static bool is_named(const struct kfunc *funcs, const char *name)
{
	for (; funcs->name; funcs++)
		if (!strcmp(funcs->name, name))
			return true;
	return false;
}

void kern__make(struct kern *k, const struct kfunc *funcs)
{
	const struct kfunc *f;

	k->base = k->builtin ? BUILTIN : MODULE;
	for (f = usual; f->name; f++)
		if (!is_named(funcs, f->name))
			emit_func(k, f);
	for (f = funcs; f->name; f++)
		if (f->code)
			emit_func(k, f);
	fix_calls(k);
	add_all(k);
	CHECK_EQ(fixture__symbols(&k->ks, k->syms, k->nsyms), 0);
}

void kern__deinit(struct kern *k)
{
	ksyms__deinit(&k->ks);
}

int kern__read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct kern *k = ctx;
	uint64_t bad = k->unreadable ? kern__addr(k, k->unreadable) : 0;

	k->reads++;
	if (addr < k->base || len > k->len || addr - k->base > k->len - len)
		return -EFAULT;
	if (bad && addr <= bad && bad < addr + len)
		return -EFAULT;
	memcpy(buf, k->text + (addr - k->base), len);
	return 0;
}

void kern__plan(struct kern *k, struct plan *plan)
{
	struct plan_input in = {
		.code = { &k->ks, kern__read, k, &insn_x86 },
		.fexit = true,
	};

	plan__make(plan, &in);
}
