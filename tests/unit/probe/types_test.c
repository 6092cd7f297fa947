// SPDX-License-Identifier: GPL-2.0-only
/* BTF with numbers that name nothing, as a file given with --btf may have. */
#include "probe/types.h"

#include <bpf/btf.h>
#include <linux/btf.h>

#include "test.h"

static const char strings[] = "\0ovl_inode\0vfs_inode\0f";

enum {
	NAME_INODE = 1,
	NAME_MEMBER = 11,
	NAME_FUNC = 21,
	BEYOND = 0x7ffffff0,
	KIND_SHIFT = 24,
};

struct file {
	struct btf_header header;
	__u32 types[24];
	char strings[sizeof(strings)];
};

/* words: the section of types. NULL if libbpf rejects it, which is right, too. */
static struct btf *btf_of(const __u32 *words, size_t n)
{
	struct file file = {
		.header = {
			.magic = BTF_MAGIC,
			.version = BTF_VERSION,
			.hdr_len = sizeof(struct btf_header),
			.type_len = n * sizeof(words[0]),
			.str_off = sizeof(file.types),
			.str_len = sizeof(strings),
		},
	};

	memcpy(file.types, words, n * sizeof(words[0]));
	memcpy(file.strings, strings, sizeof(strings));
	return btf__new(&file, sizeof(file));
}

static void members(void)
{
	static const __u32 at[][2] = {
		{ BEYOND, 1 },
		{ 0, BEYOND },
		{ NAME_MEMBER, BEYOND },
		{ BEYOND, BEYOND },
	};
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		__u32 type[] = { NAME_INODE, BTF_KIND_STRUCT << KIND_SHIFT | 1,
				 64,	     at[i][0],
				 at[i][1],   0 };
		struct btf *btf = btf_of(type, sizeof(type) / sizeof(type[0]));
		struct ovlw_layout layout;
		struct ovls_layout listing;

		if (!btf)
			continue;
		CHECK(!types__layout(btf, &layout));
		types__dirstat_layout(btf, &listing);
		btf__free(btf);
	}
}

/* A function whose type is missing or none of a function, and a pointer to a loop of modifiers. */
static void functions(void)
{
	static const __u32 types[] = { BEYOND, 3, 1, 2 };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		__u32 type[] = {
			NAME_FUNC,
			BTF_KIND_FUNC << KIND_SHIFT,
			types[i],
			0,
			BTF_KIND_FUNC_PROTO << KIND_SHIFT | 1,
			0,
			0,
			3,
			0,
			BTF_KIND_PTR << KIND_SHIFT,
			4,
			0,
			BTF_KIND_CONST << KIND_SHIFT,
			4,
		};
		struct btf *btf = btf_of(type, sizeof(type) / sizeof(type[0]));
		int arg[2];

		if (!btf)
			continue;
		CHECK(types__dentry_args(btf, "f", arg) <= 0);
		CHECK(types__arg_is(btf, "f", 0, "dentry") <= 0);
		btf__free(btf);
	}
}

static int pointer_to(struct btf *btf, const char *name)
{
	return btf__add_ptr(btf, btf__add_struct(btf, name, 8));
}

/* Without a function's own prototype, the table of operations has it. */
static void operations(void)
{
	struct btf *btf = btf__new_empty();
	int inode = pointer_to(btf, "inode"), dentry = pointer_to(btf, "dentry"), proto, arg[2];

	proto = btf__add_func_proto(btf, 0);
	btf__add_func_param(btf, "", dentry);
	btf__add_func_param(btf, "", inode);
	btf__add_func_param(btf, "", dentry);
	proto = btf__add_ptr(btf, proto);
	btf__add_struct(btf, "inode_operations", 16);
	btf__add_field(btf, "other", inode, 0, 0);
	btf__add_field(btf, "link", proto, 64, 0);
	CHECK_EQ(types__dentry_args(btf, "ovl_link", arg), 2);
	CHECK_EQ(arg[0], 0);
	CHECK_EQ(arg[1], 2);
	CHECK_EQ(types__arg_is(btf, "ovl_link", 1, "inode"), 1);
	CHECK_EQ(types__dentry_args(btf, "ovl_other", arg), -1);
	CHECK_EQ(types__dentry_args(btf, "ovl_unlink", arg), -1);
	CHECK_EQ(types__dentry_args(btf, "sub_link", arg), -1);
	btf__free(btf);
}

int main(void)
{
	TEST(members);
	TEST(functions);
	TEST(operations);
	return test_done();
}
