// SPDX-License-Identifier: GPL-2.0-only
/* A file for --btf, that libbpf accepts. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "fuzz.h"
#include "probe/types.h"

static int silent(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const funcs[] = { "ovl_dir_read_impure", "ovl_link", "ovl_unlink",
					     "ovl_iterate",	    "kfree",	"" };
	struct ovlw_layout layout;
	struct ovla_layout audit;
	struct ovls_layout listing;
	struct btf *btf;
	int arg[2], n;
	size_t i;

	libbpf_set_print(silent);
	btf = btf__new(data, (uint32_t)size);
	if (!btf)
		return 0;
	if (!types__are_aligned(btf)) {
		btf__free(btf);
		return 0;
	}
	types__layout(btf, &layout);
	types__audit_layout(btf, &audit);
	types__dirstat_layout(btf, &listing);
	for (i = 0; i < sizeof(funcs) / sizeof(funcs[0]); i++) {
		n = types__dentry_args(btf, funcs[i], arg);
		FUZZ_CHECK(n >= -1 && n <= 2);
		for (n = 0; n < 4; n++)
			FUZZ_CHECK(types__arg_is(btf, funcs[i], n, "dentry") <= 1);
	}
	btf__free(btf);
	return 0;
}
