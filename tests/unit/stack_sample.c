// SPDX-License-Identifier: GPL-2.0-only
/* Kernel stacks of samples. */
#include "samples.h"

/* What no symbol has, and a recording may have. */
#define HOSTILE "\x01\x1b[31m\"\\/\n\t\x7f\xe2\x80\xae\xc3\xa9</script>"

struct rec_stack stack_sample(unsigned int n)
{
	static const char *const longest[RECORD_MAX_FRAMES] = {
		[0 ... RECORD_MAX_FRAMES - 1] = "f" HOSTILE "+0x1 [overlay]",
	};
	static const char *const plain[] = { "ovl_iterate+0x10 [overlay]", "iterate_dir+0x9c" };

	if (n % 4 == 0)
		return (struct rec_stack){ .frame = longest,
					   .n = RECORD_MAX_FRAMES,
					   .truncated = true };
	return (struct rec_stack){ .frame = plain, .n = n % 4 - 1 };
}
