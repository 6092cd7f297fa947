// SPDX-License-Identifier: GPL-2.0-only
/*
 * Captured kernels: the plan for each must be, byte for byte, the one that was
 * made on the kernel itself.
 *
 * usage: fixture_test [--update] [FILE]...   (FILE: other than those in fixtures/)
 * --update writes today's plans into the files; look at the difference before you
 * commit it.
 */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

#include "code/layout.h"
#include "fixture.h"
#include "test.h"

#define DIR "tests/unit/fixtures/"

/* What is known of a kernel from its sources, and must be in its plan. */
static const struct {
	const char *name;
	const char *lock_drop;
	bool module, btf;
	const char *has; /* in the text of its plans */
	bool opaque; /* its accessors are more than one instruction: nothing is learnt */
} known[] = {
	{ "6.1-debian", "absent", true, true, "at_path_upper ovl_iterate_real+", false },
	{ "6.12-debian", "absent", true, true, "at_path_upper ovl_iterate_real+", false },
	{ "6.12-racy", "present", true, true, "at_unlock ovl_iterate_real+", false },
	{ "6.12-fixed", "present", true, true, "at_unlock ovl_iterate_real+", false },
	{ "6.12-racy-noinline", "present", true, true, "on_read_impure ovl_dir_read_impure+0x0",
	  false },
	{ "6.12-racy-outline", "present", true, true, "at_unlock inode_unlock+", true },
	{ "6.12-racy-nobtf", "present", true, false, "read from its accessors' code", false },
	{ "6.12-racy-thunks", "present", true, true, "at_unlock ovl_iterate_real+", false },
	{ "6.12-xchg-write", "present", true, true, "ovlt_at_slot_write ovl_iterate_real+", false },
	{ "6.12-half-pointer", "absent", true, true, "at_path_upper ovl_iterate_real+", false },
	{ "6.12-clang-racy", "present", false, true, "ovlt_at_slot_write ovl_cache_put+", false },
	{ "6.12-clang-stock", "absent", false, true, "ovlt_at_slot_write ovl_cache_put+", false },
	{ "6.12-clang-untouched", "absent", false, true, "ovlt_at_operation_end ovl_do_remove+",
	  false },
	{ "6.12-debug-racy", "present", false, true, "at_unlock ovl_iterate_real+", false },
	{ "6.12-kcov-racy", "present", false, true, "at_unlock ovl_iterate_real+", true },
	{ "6.12-rt-racy", "present", false, true, "at_unlock ovl_iterate_real+", false },
	{ "6.18-builtin", "absent", false, true, "at_path_upper ovl_iterate_real+", false },
	{ "6.1-arm64-debian", "absent", true, true,
	  "probe cache_stored kprobe ovlt_on_set_dir_cache ovl_set_dir_cache+0x0", false },
	{ "6.12-arm64-debian", "absent", true, true, "in_removexattr vfs_removexattr+0x0", false },
	{ "6.12-arm64-racy", "present", true, true, "at_unlock ovl_iterate_real+", false },
	{ "6.12-arm64-half-pointer", "absent", true, true, "in_removexattr vfs_removexattr+0x0",
	  false },
	{ "7.3-arm64-debian", "absent", true, true, "at_path_upper ovl_iterate_real+", false },
	{ "7.3-debian", "absent", true, true, "at_path_upper ovl_iterate_real+", false },
	{ "7.3-racy", "present", true, true, "at_unlock ovl_iterate_real+", false },
	{ "7.3-half-pointer", "absent", true, true, "at_path_upper ovl_iterate_real+", false },
};

static bool update;

static void write_plans(const char *path, const struct fixture *fx, const char *plans)
{
	FILE *f = fopen(path, "r+");

	if (!CHECK(f))
		return;
	CHECK(!fseek(f, fx->plans_at, SEEK_SET) && fputs(plans, f) >= 0 &&
	      !ftruncate(fileno(f), ftell(f)));
	fclose(f);
}

static bool check_known(const char *path, const struct fixture *fx)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	size_t i, n;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		char text[64];

		n = strlen(known[i].name);
		if (strncmp(name, known[i].name, n) || strcmp(name + n, ".kernel"))
			continue;
		snprintf(text, sizeof(text), "\nlock_drop %s: ", known[i].lock_drop);
		CHECK(strstr(fx->plans, text));
		CHECK(strstr(fx->plans, known[i].has));
		CHECK(!strstr(fx->plans, "readers share the directory's lock"));
		CHECK_EQ(fx->ks.module, known[i].module);
		CHECK_EQ(fx->has_layout, known[i].btf);
		CHECK_EQ(fx->prototypes, known[i].btf);
		/* the release begins with the line that the name says */
		CHECK(!strncmp(fx->release, name, strcspn(name, "-")));
		return known[i].opaque;
	}
	return false;
}

/* What the accessors' code says of the layout is what BTF says, or nothing. */
static void check_learnt(struct fixture *fx, bool opaque)
{
	struct plan_input in;
	struct ovlw_layout l;

	if (!fx->has_layout)
		return;
	fixture__input(fx, 3, &in);
	CHECK_EQ(layout__learn(&l, &in.code), opaque ? -ENOENT : 0);
	if (opaque)
		return;
	CHECK_EQ(l.inode_cache, fx->layout.inode_cache);
	CHECK_EQ(l.inode_version, fx->layout.inode_version);
	CHECK_EQ(l.inode_flags, fx->layout.inode_flags);
	CHECK_EQ(l.impure_bit, fx->layout.impure_bit);
	CHECK_EQ(l.cache_version, fx->layout.cache_version);
	CHECK_EQ(l.cache_refcount, fx->layout.cache_refcount);
	CHECK_EQ(l.cache_entries, fx->layout.cache_entries);
}

static void check_file(const char *path)
{
	unsigned long before = test_failures;
	FILE *f = fopen(path, "re");
	struct fixture fx;
	int line = 0, err = f ? fixture__read(&fx, f, &line) : -ENOENT;

	if (f)
		fclose(f);
	if (CHECK_EQ(err, 0)) {
		char *plans = fixture__plans(&fx);

		check_learnt(&fx, check_known(path, &fx));
		if (!CHECK_STR(fx.lacking, ""))
			printf("#   %s lacks something that the plan reads now: capture it again\n",
			       path);
		if (update)
			write_plans(path, &fx, plans);
		else
			CHECK_STR(plans, fx.plans);
		free(plans);
	} else {
		printf("#   %s:%d\n", path, line);
	}
	if (f)
		fixture__deinit(&fx);
	test_end("captured kernel", path, before);
}

static void committed(void)
{
	glob_t g;
	size_t i;

	if (!CHECK_EQ(glob(DIR "*.kernel", 0, NULL, &g), 0))
		return;
	for (i = 0; i < g.gl_pathc; i++)
		check_file(g.gl_pathv[i]);
	globfree(&g);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), DIR "%s.kernel", known[i].name);
		if (!CHECK(!access(path, R_OK)))
			printf("#   no %s\n", path);
	}
}

/* A fixture that is damaged is an error with its line, never a crash. */
static void damaged(void)
{
	static const struct {
		const char *text;
		int line;
	} cases[] = {
		{ "", 1 },
		{ "ovltrace-kernel 2\n", 1 },
		{ "ovltrace-kernel 1\n", 2 },
		{ "ovltrace-kernel 1\nrelease 6\n", 3 },
		{ "ovltrace-kernel 1\nfrob\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\nlayout 1 2 3\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\nc 10 0\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\nc 10 0g\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\nc zz 00\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\nc 10 5 ?\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\ns ffffffff81000000\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\np\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\np f - - - - - - - - - - - - -\nplans\nx\n", 2 },
		{ "ovltrace-kernel 1\nplans\n", 2 },
		{ "ovltrace-kernel 1\ns ffffffff81000000 t up_write\nplans\n", 3 },
	};
	struct fixture fx;
	int line;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *f = fmemopen((char *)cases[i].text, strlen(cases[i].text), "r");

		CHECK_EQ(fixture__read(&fx, f, &line), -EINVAL);
		if (!CHECK_EQ(line, cases[i].line))
			printf("#   case %zu\n", i);
		fclose(f);
		fixture__deinit(&fx);
	}
}

/* Adjoining pieces are one; what could not be read still can't; the rest is lacking. */
static void pieces(void)
{
	static char text[] =
		"ovltrace-kernel 1\n# a remark\n"
		"M ffffffffc0000010 t ovl_x\nm ffffffffc0000040 d ovl_y\n"
		"c ffffffffc0000000 0102\nc ffffffffc0000002 0304\n"
		"c ffffffffc0000010 4 !\np f inode -\np g none\nprototypes\nplans\nx\n";
	FILE *f = fmemopen(text, strlen(text), "r");
	struct plan_input in;
	struct fixture fx;
	uint8_t buf[4];
	int line, arg[2];

	CHECK_EQ(fixture__read(&fx, f, &line), 0);
	fclose(f);
	fixture__input(&fx, 0, &in);
	CHECK_EQ(in.code.read(in.code.ctx, 0xffffffffc0000001, buf, 3), 0);
	CHECK(!memcmp(buf, "\2\3\4", 3));
	CHECK_EQ(in.code.read(in.code.ctx, 0xffffffffc0000010, buf, 4), -EFAULT);
	CHECK_EQ(fx.ks.n, 3);
	CHECK_STR(fx.ks.v[0].name, "__pfx_ovl_x");
	CHECK_EQ(fx.ks.v[0].addr, 0xffffffffc0000000);
	CHECK(fx.ks.module && fx.ks.v[1].ovl && fx.ks.v[1].text && !fx.ks.v[2].text);
	CHECK_EQ(fx.ks.v[1].end, 0xffffffffc0000040);
	CHECK_STR(fx.lacking, "");
	CHECK_EQ(in.code.read(in.code.ctx, 0xffffffffc0000002, buf, 3), -ENODATA);
	CHECK(fx.lacking[0]);
	CHECK_EQ(in.arg_is(in.btf_ctx, "f", 0, "inode"), 1);
	CHECK_EQ(in.arg_is(in.btf_ctx, "f", 1, "inode"), 0);
	CHECK_EQ(in.arg_is(in.btf_ctx, "f", 2, "inode"), 0);
	CHECK_EQ(in.arg_is(in.btf_ctx, "g", 0, "inode"), -1);
	CHECK_EQ(in.dentry_args(in.btf_ctx, "g", arg), -1);
	CHECK_EQ(in.dentry_args(in.btf_ctx, "f", arg), 0);
	fixture__deinit(&fx);
}

int main(int argc, char **argv)
{
	int i = 1;

	update = argc > 1 && !strcmp(argv[1], "--update");
	i += update;
	if (i < argc) {
		for (; i < argc; i++)
			check_file(argv[i]);
		return test_done();
	}
	TEST(committed);
	TEST(damaged);
	TEST(pieces);
	return test_done();
}
