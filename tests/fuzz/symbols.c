// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/kallsyms: each symbol is found by its name, and ends behind its start. A frame of a stack
 * at any address is printable.
 */
#include <stdlib.h>
#include <string.h>

#include "code/ksyms.h"
#include "code/symtab.h"
#include "fuzz.h"

struct tables {
	struct ksyms ks;
	struct symtab all;
};

static void line(void *ctx, char *text, size_t len, bool ended)
{
	char *with = malloc(len + 2), *again;
	struct tables *t = ctx;

	FUZZ_CHECK(with);
	memcpy(with, text, len);
	if (ended)
		with[len++] = '\n';
	with[len] = 0;
	again = strndup(with, len);
	FUZZ_CHECK(again);
	symtab__add_line(&t->all, again, strlen(again));
	FUZZ_CHECK(!ksyms__add_line(&t->ks, with, len));
	free(with);
	free(again);
}

static void stack(const struct symtab *all, const struct ksyms *ks)
{
	uint64_t ip[40] = { UINT64_MAX, 1 };
	struct symtab_stack s = { .ip = ip, .n = ks->n < 38 ? ks->n + 2 : 40 };
	struct symtab_frames frames[32];
	size_t i, k, n;
	bool more;

	for (i = 2; i < s.n; i++)
		ip[i] = ks->v[i - 2].addr + i;
	for (k = 0; k < 2; k++) {
		s.inside = k;
		n = symtab__frames(all, &s, frames, 32, &more);
		FUZZ_CHECK(n <= 32 && (!more || n == 32));
		for (i = 0; i < n; i++)
			FUZZ_CHECK(frames[i].text[0] && strlen(frames[i].text) < SYMTAB_FRAME);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tables t = { 0 };
	struct ksyms ks;
	char buf[KSYM_NAME];
	size_t i;

	fuzz__lines(data, size, line, &t);
	ks = t.ks;
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
	symtab__finish(&t.all);
	stack(&t.all, &ks);
	symtab__deinit(&t.all);
	ksyms__deinit(&ks);
	return 0;
}
