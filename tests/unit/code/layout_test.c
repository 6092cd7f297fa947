// SPDX-License-Identifier: GPL-2.0-only
/* Layouts, as accessors' code shows them. */
#include <errno.h>
#include <stdlib.h>

#include "code/layout.h"
#include "fixture.h"
#include "kern.h"
#include "test.h"

static const struct kfunc *const no_funcs = (const struct kfunc[]){ { NULL, NULL } };

struct layout_case {
	const char *set, *get, *old_get; /* code; NULL: no such function */
	int err;
	int32_t cache, version;
};

static const struct layout_case layouts[] = {
	/* mov %rsi,-0x20(%rdi); mov -0x10(%rdi),%rax */
	{ "#488977e0", "#488b47f0", NULL, 0, -0x20, -0x10 },
	/* the same with 32-bit displacements */
	{ "#4889b7e0feffff", "#488b8730ffffff", NULL, 0, -0x120, -0xd0 },
	/* the older accessor: d_inode first, at a positive offset */
	{ "#488977e0", NULL, "#488b4730488b40f0", 0, -0x20, -0x10 },
	{ "#488977e0", NULL, "#488b4768488b80f8feffff", 0, -0x20, -0x108 },
	/* frame pointers and a stack protector come first */
	{ "#554889e5 #488977e0 #5d", "#554889e5 #488b47f0 #5d", NULL, 0, -0x20, -0x10 },
	/* the wrong register, the wrong direction, a positive offset, an index */
	{ "#488957e0", "#488b47f0", NULL, -ENOENT, 0, 0 },
	{ "#488b77e0", "#488b47f0", NULL, -ENOENT, 0, 0 },
	{ "#48897720", "#488b47f0", NULL, -ENOENT, 0, 0 },
	{ "#48897424e0", "#488b47f0", NULL, -ENOENT, 0, 0 },
	/* two that disagree, two that agree */
	{ "#488977e0 #488977d8", "#488b47f0", NULL, -ENOENT, 0, 0 },
	{ "#488977e0 #488977e0", "#488b47f0", NULL, 0, -0x20, -0x10 },
	{ "", "#488b47f0", NULL, -ENOENT, 0, 0 },
	{ "#488977e0", "", NULL, -ENOENT, 0, 0 },
	{ "#488977e0", NULL, NULL, -ENOENT, 0, 0 },
	{ NULL, "#488b47f0", NULL, -ENOENT, 0, 0 },
};

static void layout(void)
{
	size_t i;

	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		const struct layout_case *c = &layouts[i];
		struct kfunc funcs[] = {
			{ "ovl_set_dir_cache", c->set },
			{ "ovl_inode_version_get", c->get },
			{ "ovl_dentry_version_get", c->old_get },
			{ NULL, NULL },
		};
		struct kern *k = calloc(1, sizeof(*k));
		struct ovlw_layout l;

		kern__make(k, funcs);
		if (!CHECK_EQ(layout__learn(&l, &(struct code_source){ &k->ks, kern__read, k,
								       &insn_x86 }),
			      c->err))
			printf("#   layout %zu\n", i);
		if (!c->err) {
			CHECK_EQ(l.inode_cache, c->cache);
			CHECK_EQ(l.inode_version, c->version);
			CHECK_EQ(l.inode_flags, c->version + 8);
			CHECK_EQ(l.cache_version, 8);
			CHECK_EQ(l.cache_entries, 16);
		}
		kern__deinit(k);
		free(k);
	}
}

/* A kernel whose functions follow each other without any padding. */
static int read_tight(void *ctx, uint64_t addr, void *buf, size_t len)
{
	static const uint8_t text[] = { 0x48, 0x89, 0x77, 0xe0, 0xc3, 0x48, 0x8b, 0x47, 0xf0, 0xc3 };

	(void)ctx;
	if (addr < 0x1000 || addr + len > 0x1000 + sizeof(text))
		return -EFAULT;
	memcpy(buf, text + (addr - 0x1000), len);
	return 0;
}

static void tight_layout(void)
{
	static const char text[] = "0000000000001000 t ovl_set_dir_cache\t[overlay]\n"
				   "0000000000001005 t ovl_inode_version_get\t[overlay]\n"
				   "000000000000100a t ovl_next\t[overlay]\n";
	struct ovlw_layout l;
	struct ksyms ks;

	fixture__symbols(&ks, text, strlen(text));
	if (CHECK_EQ(layout__learn(&l, &(struct code_source){ &ks, read_tight, NULL, &insn_x86 }),
		     0)) {
		CHECK_EQ(l.inode_cache, -0x20);
		CHECK_EQ(l.inode_version, -0x10);
	}
	ksyms__deinit(&ks);
}

static void unreadable_layout(void)
{
	struct kern *k = calloc(1, sizeof(*k));
	struct ovlw_layout l;

	k->unreadable = "ovl_set_dir_cache";
	kern__make(k, no_funcs);
	CHECK_EQ(layout__learn(&l, &(struct code_source){ &k->ks, kern__read, k, &insn_x86 }),
		 -ENOENT);
	kern__deinit(k);
	free(k);
}

int main(void)
{
	TEST(layout);
	TEST(tight_layout);
	TEST(unreadable_layout);
	return test_done();
}
