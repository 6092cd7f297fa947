// SPDX-License-Identifier: GPL-2.0-only
/* /proc/kallsyms: each symbol is found by its name, and ends behind its start. */
#include <stdlib.h>
#include <string.h>

#include "code/ksyms.h"
#include "fuzz.h"

static void line(void *ctx, char *text, size_t len, bool ended)
{
	char *with = malloc(len + 2);

	FUZZ_CHECK(with);
	memcpy(with, text, len);
	if (ended)
		with[len++] = '\n';
	with[len] = 0;
	FUZZ_CHECK(!ksyms__add_line(ctx, with, len));
	free(with);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ksyms ks = { 0 };
	char buf[KSYM_NAME];
	size_t i;

	fuzz__lines(data, size, line, &ks);
	ksyms__finish(&ks);
	for (i = 0; i < ks.n; i++) {
		const struct ksym *s = &ks.v[i], *found;

		FUZZ_CHECK(s->end >= s->addr);
		FUZZ_CHECK(!i || s[-1].addr <= s->addr);
		FUZZ_CHECK(strlen(ksym__source_name(s->name, buf)) <= strlen(s->name));
		ksym__is_cold_of(s->name, ks.v[0].name);
		ksyms__is_detour(&ks, s->addr);
		found = ksyms__find(&ks, s->name);
		FUZZ_CHECK(!found || ksym__is_whole(found->name, s->name));
		found = ksyms__callee(&ks, s->addr - 9);
		FUZZ_CHECK(!found || found->text);
	}
	ksyms__deinit(&ks);
	return 0;
}
