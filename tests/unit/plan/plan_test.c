// SPDX-License-Identifier: GPL-2.0-only
/* The plan, on kernels that differ in what the compiler made of readdir.c. */
#include <stdlib.h>

#include "plan/cases.h"
#include "test.h"

/* n: none, x: code, c: call site, e: entry, r: return, f: fexit, a: after a call, i: instruction */
static char provider_letter(enum provider p)
{
	return "nxcerfeai"[p]; /* an entry is one, with a kprobe or with fentry */
}

/* How often line is in text, as a whole line. */
static int count_line(const char *text, const char *line, size_t n)
{
	int found = 0;

	for (; *text; text += strcspn(text, "\n") + 1)
		found += strcspn(text, "\n") == n && !strncmp(text, line, n);
	return found;
}

static void check_probe(const struct kern *k, const struct plan_probe *p)
{
	uint64_t at = p->addr - k->base;

	CHECK(p->func->addr <= p->addr && p->addr < p->func->end);
	if (p->provider == PROVIDER_ENTRY || p->provider == PROVIDER_RETURN ||
	    p->provider == PROVIDER_FEXIT || p->provider == PROVIDER_FENTRY) {
		CHECK(p->addr == p->func->addr && !p->callee);
		return;
	}
	at -= p->provider == PROVIDER_AFTER_CALL ? 5 : 0;
	CHECK(k->text[at] == 0xe8 || k->text[at] == 0xe9 || k->text[at] == 0xcc);
	CHECK(OVLW_COOKIE_SITE(p->cookie) < OVLW_MAX_SITES);
}

static void check_probes(const struct kern *k, const struct plan *plan, const struct plan_case *c)
{
	static char text[16384];
	const char *line;
	size_t i, len = 0;

	text[0] = 0;
	for (i = 0; i < plan->nprobes; i++) {
		const struct plan_probe *p = &plan->probe[i];

		check_probe(k, p);
		CHECK(!c->lacks || strcmp(c->lacks, program__name(p->prog)));
		len += snprintf(text + len, sizeof(text) - len, "%s %s@%s\n",
				program__name(p->prog), p->callee ? p->callee->name : "",
				p->func->name);
	}
	for (line = c->probes ? c->probes : ""; *line; line += strcspn(line, "\n") + 1) {
		size_t n = strcspn(line, "\n");

		if (!CHECK_EQ(count_line(text, line, n), count_line(c->probes, line, n)))
			printf("#   probe: %.*s\n", (int)n, line);
	}
	CHECK(!c->probes || *c->probes || !plan->nprobes);
}

static void check_coverage(const struct plan *plan, const struct plan_case *c)
{
	char letters[EVENT_READDIR + 1] = { 0 }; /* of what a verdict may need */
	enum logical_event missing = EVENTS;
	int i;

	for (i = 0; i < EVENT_READDIR; i++) {
		const struct coverage *cov = &plan->cover[i];

		letters[i] = provider_letter(cov->provider);
		/* none has a reason, everything else a target */
		if (!CHECK(cov->evidence[0] && (cov->provider == PROVIDER_NONE || cov->target[0])))
			printf("#   %s\n", logical_event__name(i));
	}
	letters[EVENT_INODE_DESTROYED + 1] = 0;
	if (c->providers)
		CHECK_STR(letters, c->providers);
	CHECK_EQ(plan__complete(plan, &missing), c->complete);
	CHECK(plan->lock_evidence[0]);
}

static void check_case(const struct plan_case *c)
{
	struct kern *k = calloc(1, sizeof(*k));
	struct plan *plan = calloc(1, sizeof(*plan));

	k->builtin = c->is.builtin;
	k->hidden = c->is.hidden;
	k->no_pfx = c->is.no_pfx;
	k->endless = c->is.endless;
	k->unreadable = c->is.unreadable;
	kern__make(k, c->funcs);
	kern__plan(k, plan);
	CHECK_EQ(k->ks.hidden, c->is.hidden);
	CHECK_STR(lock_drop__name(plan->lock_drop), c->lock == LOCK_DROP_PRESENT ? "present" :
						    c->lock == LOCK_DROP_ABSENT	 ? "absent" :
										   "unknown");
	check_probes(k, plan, c);
	check_coverage(plan, c);
	kern__deinit(k);
	free(k);
	free(plan);
}

int main(void)
{
	const struct plan_case *c;

	for (c = plan_cases; c->name; c++) {
		unsigned long before = test_failures;

		check_case(c);
		test_end("plan", c->name, before);
	}
	return test_done();
}
