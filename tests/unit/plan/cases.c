// SPDX-License-Identifier: GPL-2.0-only
#include "plan/cases.h"

#define STOCK_READ "ovl_path_upper ovl_path_open iterate_dir"
#define STOCK                                                                               \
	"ovl_dir_cache kfree kfree ovl_set_dir_cache " STOCK_READ " vfs_removexattr kfree " \
	"ovl_set_dir_cache"
#define RACY_READ STOCK_READ " up_write dput down_write"
#define RACY                                                                               \
	"ovl_dir_cache kfree kfree ovl_set_dir_cache " RACY_READ " vfs_removexattr kfree " \
	"ovl_set_dir_cache"

const struct plan_case plan_cases[] = {
	{
		.name = "stock, all inlined",
		.funcs = { { "ovl_iterate_real", STOCK } },
		.lock = LOCK_DROP_ABSENT,
		.probes = "ovlt_at_path_upper ovl_path_upper@ovl_iterate_real\n"
			  "ovlt_in_set_dir_cache @ovl_set_dir_cache\n"
			  "ovlt_at_free kfree@ovl_iterate_real\n"
			  "ovlt_at_free kfree@ovl_iterate_real\n"
			  "ovlt_at_free kfree@ovl_iterate_real\n"
			  "ovlt_at_destroy ovl_dir_cache_free@ovl_destroy_inode\n",
		.lacks = "ovlt_at_unlock",
		.providers = "cxxxeccxxc",
		.complete = true,
	},
	{
		.name = "the lock is dropped, all inlined",
		.funcs = { { "ovl_iterate_real", RACY } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_path_upper ovl_path_upper@ovl_iterate_real\n"
			  "ovlt_at_unlock up_write@ovl_iterate_real\n"
			  "ovlt_at_lock down_write@ovl_iterate_real\n"
			  "ovlt_at_locked down_write@ovl_iterate_real\n"
			  "ovlt_out_dir_modified @ovl_dir_modified\n"
			  "ovlt_on_op @ovl_rename\n"
			  "ovlt_on_op @ovl_unlink\n",
		.lacks = "ovlt_on_read_impure",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "part of the kernel, no __pfx_ symbols",
		.funcs = { { "ovl_iterate_real", RACY } },
		.is = { .builtin = true, .no_pfx = true },
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_unlock up_write@ovl_iterate_real\n"
			  "ovlt_at_locked down_write@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "names as ThinLTO makes them",
		.funcs = { { "ovl_iterate_real.llvm.82", RACY },
			   { "ovl_rename", NULL },
			   { "ovl_rename.llvm.82", "ovl_dir_modified" },
			   { "ovl_destroy_inode", NULL },
			   { "ovl_destroy_inode.llvm.82", "ovl_dir_cache_free" } },
		.is = { .builtin = true },
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_unlock up_write@ovl_iterate_real.llvm.82\n"
			  "ovlt_on_op @ovl_rename.llvm.82\n"
			  "ovlt_on_op @ovl_unlink\n"
			  "ovlt_at_destroy ovl_dir_cache_free@ovl_destroy_inode.llvm.82\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "a callee with other arguments, and a part of one",
		.funcs = { { "ovl_iterate_real", "ovl_path_upper.isra.0 ovl_path_open.part.0 "
						 "ovl_set_dir_cache kfree up_write down_write" },
			   { "ovl_path_upper.isra.0", "" },
			   { "ovl_path_open.part.0", "" } },
		.lock = LOCK_DROP_PRESENT,
		.lacks = "ovlt_at_path_upper",
		.providers = "nncaeccfec",
	},
	{
		.name = "stock, part of the kernel",
		.funcs = { { "ovl_iterate_real", STOCK } },
		.is = { .builtin = true },
		.lock = LOCK_DROP_ABSENT,
		.providers = "cxxxeccxxc",
		.complete = true,
	},
	{
		.name = "nothing is inlined",
		.funcs = {
			{ "ovl_iterate_real", "ovl_cache_get_impure" },
			{ "ovl_cache_get_impure", "ovl_dir_cache ovl_dir_cache_free "
			  "ovl_set_dir_cache ovl_dir_read_impure vfs_removexattr kfree "
			  "ovl_set_dir_cache" },
			{ "ovl_dir_read_impure", "ovl_path_upper ovl_dir_read up_write "
			  "ovl_cache_update_ino down_write ovl_cache_free" },
			{ "ovl_dir_read", "ovl_path_open iterate_dir" },
			{ "ovl_cache_update_ino", "dput" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_on_read_impure @ovl_dir_read_impure\n"
			  "ovlt_ret_read_impure @ovl_dir_read_impure\n"
			  "ovlt_at_read ovl_dir_read@ovl_dir_read_impure\n"
			  "ovlt_at_unlock up_write@ovl_dir_read_impure\n"
			  "ovlt_at_locked down_write@ovl_dir_read_impure\n"
			  "ovlt_at_free kfree@ovl_cache_get_impure\n"
			  "ovlt_on_dir_cache_free @ovl_dir_cache_free\n",
		.lacks = "ovlt_at_path_upper",
		.providers = "eccaeecfec",
		.complete = true,
	},
	{
		.name = "not even inode_lock() and inode_unlock() are inlined",
		.funcs = {
			{ "ovl_iterate_real", STOCK " inode_unlock dput inode_lock" },
			{ "inode_unlock", "=up_write" },
			{ "inode_lock", "=down_write" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_unlock up_write@inode_unlock\n"
			  "ovlt_at_lock down_write@inode_lock\n"
			  "ovlt_at_locked down_write@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "two retakes, one of them in a helper that ends in a jump",
		.funcs = {
			{ "ovl_iterate_real", STOCK " up_write dput down_write ovl_relock" },
			{ "ovl_relock", "=down_write" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_locked down_write@ovl_iterate_real\n"
			  "ovlt_at_locked down_write@ovl_iterate_real\n",
		.complete = true,
	},
	{
		.name = "a symbol without callers is no provider",
		.funcs = {
			{ "ovl_iterate_real", STOCK },
			{ "ovl_dir_read_impure", STOCK_READ },
		},
		.lock = LOCK_DROP_ABSENT,
		.probes = "ovlt_at_path_upper ovl_path_upper@ovl_iterate_real\n",
		.lacks = "ovlt_on_read_impure",
		.providers = "cxxxeccxxc",
		.complete = true,
	},
	{
		.name = "clones: .isra and .part",
		.funcs = {
			{ "ovl_iterate_real.isra.0", "ovl_cache_get_impure.part.0" },
			{ "ovl_cache_get_impure.part.0", "kfree ovl_dir_read_impure.isra.0 "
			  "vfs_removexattr kfree ovl_set_dir_cache" },
			{ "ovl_dir_read_impure.isra.0", RACY_READ },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_path_upper ovl_path_upper@ovl_dir_read_impure.isra.0\n"
			  "ovlt_at_read ovl_path_open@ovl_dir_read_impure.isra.0\n"
			  "ovlt_at_unlock up_write@ovl_dir_read_impure.isra.0\n"
			  "ovlt_at_locked down_write@ovl_dir_read_impure.isra.0\n",
		.lacks = "ovlt_on_read_impure",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "the cold half releases the lock",
		.funcs = {
			{ "ovl_iterate_real", STOCK },
			{ "ovl_iterate_real.cold", "up_write printk down_write" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_unlock up_write@ovl_iterate_real.cold\n"
			  "ovlt_at_locked down_write@ovl_iterate_real.cold\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "the cold half of a helper releases it",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_helper" },
			{ "ovl_helper", "dput" },
			{ "ovl_helper.cold", "up_write down_write" },
		},
		.lock = LOCK_DROP_UNKNOWN,
		.probes = "ovlt_at_unlock up_write@ovl_helper.cold\n"
			  "ovlt_at_locked down_write@ovl_helper.cold\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "a helper releases the lock: unknown, and still probed",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_cache_update" },
			{ "ovl_cache_update", "up_write dput down_write" },
		},
		.lock = LOCK_DROP_UNKNOWN,
		.probes = "ovlt_at_unlock up_write@ovl_cache_update\n"
			  "ovlt_at_lock down_write@ovl_cache_update\n"
			  "ovlt_at_locked down_write@ovl_cache_update\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "ovl_check_whiteouts() has a lock of its own",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_dir_read" },
			{ "ovl_dir_read", "ovl_check_whiteouts" },
			{ "ovl_check_whiteouts", "down_write_killable dput up_write" },
		},
		.lock = LOCK_DROP_ABSENT,
		.lacks = "ovlt_at_unlock",
		.providers = "cxxxeccxxc",
		.complete = true,
	},
	{
		.name = "ovl_check_whiteouts' lock is no retake",
		.funcs = {
			{ "ovl_iterate_real", STOCK " up_write ovl_check_whiteouts" },
			{ "ovl_check_whiteouts", "down_write_killable dput up_write" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_unlock up_write@ovl_iterate_real\n",
		.providers = "cccneccfec",
	},
	{
		.name = "calls into the padding",
		.funcs = { { "ovl_iterate_real", "-kfree -ovl_path_upper -ovl_path_open -up_write "
			     "-down_write -vfs_removexattr -ovl_set_dir_cache" } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_path_upper ovl_path_upper@ovl_iterate_real\n"
			  "ovlt_at_unlock up_write@ovl_iterate_real\n"
			  "ovlt_at_locked down_write@ovl_iterate_real\n"
			  "ovlt_at_free kfree@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "no call clears the flag: inferred, and not complete",
		.funcs = { { "ovl_iterate_real", "kfree " RACY_READ " kfree ovl_set_dir_cache" } },
		.lock = LOCK_DROP_PRESENT,
		.lacks = "ovlt_at_removexattr",
		.providers = "cccaeccfec",
	},
	{
		.name = "the same where the lock is held: no other task clears it, complete",
		.funcs = { { "ovl_iterate_real", "kfree " STOCK_READ " kfree ovl_set_dir_cache" } },
		.lock = LOCK_DROP_ABSENT,
		.providers = "cxxxeccxxc",
		.complete = true,
	},
	{
		.name = "breakpoints of another tracer",
		.funcs = { { "ovl_iterate_real", "!kfree !ovl_path_upper !ovl_path_open !up_write "
			     "!down_write !vfs_removexattr !ovl_set_dir_cache" } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_path_upper ovl_path_upper@ovl_iterate_real\n"
			  "ovlt_at_unlock up_write@ovl_iterate_real\n"
			  "ovlt_at_locked down_write@ovl_iterate_real\n"
			  "ovlt_at_free kfree@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "jumps to kfree and up_write",
		.funcs = { { "ovl_iterate_real", STOCK_READ " down_write vfs_removexattr ovl_set_dir_cache "
			     "=kfree =up_write" } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_free kfree@ovl_iterate_real\n"
			  "ovlt_at_unlock up_write@ovl_iterate_real\n"
			  "ovlt_at_locked down_write@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "a helper that jumps to down_write: its return is the place",
		.funcs = {
			{ "ovl_iterate_real", STOCK " up_write ovl_relock" },
			{ "ovl_relock", "=down_write" },
		},
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_unlock up_write@ovl_iterate_real\n"
			  "ovlt_at_lock down_write@ovl_relock\n"
			  "ovlt_at_locked down_write@ovl_iterate_real\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "the code cannot be read: unknown, not absent",
		.funcs = { { "ovl_iterate_real", STOCK } },
		.is = { .unreadable = "ovl_iterate_real" },
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "nennennfec",
	},
	{
		.name = "a helper's code cannot be read: unknown, not absent",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_helper" },
			{ "ovl_helper", "dput" },
		},
		.is = { .unreadable = "ovl_helper" },
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "ccnneccfec",
	},
	{
		.name = "where a function ends is unknown: unknown, not absent",
		.funcs = { { "ovl_iterate_real", STOCK } },
		.is = { .endless = true },
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "nennennfec",
	},
	{
		.name = "where a helper ends is unknown: unknown, not absent",
		.funcs = {
			{ "ovl_iterate_real", STOCK " ovl_helper" },
			{ "ovl_helper", "up_write down_write" },
		},
		.is = { .endless = true },
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "ccnneccfec",
	},
	{
		.name = "kallsyms hides the addresses",
		.funcs = { { "ovl_iterate_real", RACY } },
		.is = { .hidden = true },
		.lock = LOCK_DROP_UNKNOWN,
		.probes = "",
		.providers = "nnnnnnnnnn",
	},
	{
		.name = "no overlayfs at all",
		.funcs = {
			{ "ovl_path_upper", NULL }, { "ovl_path_open", NULL },
			{ "ovl_dir_cache", NULL }, { "ovl_set_dir_cache", NULL },
			{ "ovl_inode_version_get", NULL }, { "ovl_dir_modified", NULL },
			{ "ovl_cache_free", NULL }, { "ovl_dir_cache_free", NULL },
			{ "ovl_destroy_inode", NULL }, { "ovl_rename", NULL },
			{ "ovl_unlink", NULL },
		},
		.lock = LOCK_DROP_UNKNOWN,
		.providers = "nnnnnnnnnn",
	},
	{
		.name = "no ovl_set_dir_cache",
		.funcs = {
			{ "ovl_iterate_real", STOCK_READ " kfree" },
			{ "ovl_set_dir_cache", NULL },
		},
		.lock = LOCK_DROP_ABSENT,
		.lacks = "ovlt_in_set_dir_cache",
		.providers = "cxxxnccxxc",
	},
	{
		.name = "ovl_set_dir_cache is a symbol without callers here",
		.funcs = { { "ovl_iterate_real", STOCK_READ " kfree" } },
		.lock = LOCK_DROP_ABSENT,
		.providers = "cxxxnccxxc",
	},
	{
		.name = "nothing frees memory",
		.funcs = { { "ovl_iterate_real", STOCK_READ " ovl_set_dir_cache" } },
		.lock = LOCK_DROP_ABSENT,
		.lacks = "ovlt_at_free",
		.providers = "cxxxennxxc",
	},
	{
		.name = "ovl_iterate() swallowed it all",
		.funcs = { { "ovl_iterate", RACY } },
		.lock = LOCK_DROP_PRESENT,
		.probes = "ovlt_at_path_upper ovl_path_upper@ovl_iterate\n"
			  "ovlt_at_unlock up_write@ovl_iterate\n",
		.providers = "cccaeccfec",
		.complete = true,
	},
	{
		.name = "more frees than probes: not complete",
		.funcs = { { "ovl_iterate_real", STOCK " *120 kfree" } },
		.lock = LOCK_DROP_ABSENT,
	},
	{
		.name = "more calls than the table holds: never absent",
		.funcs = { { "ovl_iterate_real", "*2100 iterate_dir up_write" },
			   { "ovl_unused", "" } },
		.lock = LOCK_DROP_UNKNOWN,
	},
	{ .name = NULL },
};
