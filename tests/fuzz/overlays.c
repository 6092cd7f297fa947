// SPDX-License-Identifier: GPL-2.0-only
/* The overlays of a mountinfo file, as `audit` reads it of every mount namespace. */
#include <stdio.h>
#include <string.h>

#include "audit/layers.h"
#include "audit/mount.h"
#include "fuzz.h"

#define PID 4194999 /* larger than pid_max: no process has it */
#define ROOT "/proc/4194999/root"

static void check_mount(const struct audit_mount *m, bool other, size_t size)
{
	size_t i, all = 0;

	FUZZ_CHECK(m->path && strlen(m->path) <= size + sizeof(ROOT));
	FUZZ_CHECK(!m->upper || strlen(m->upper) <= size);
	FUZZ_CHECK(other == (m->root != NULL) && m->pid == (other ? PID : 0));
	FUZZ_CHECK(!other || (!strcmp(m->root, ROOT) && !strncmp(m->path, ROOT, strlen(ROOT))));
	for (i = 0; m->lowers && m->lowers[i]; i++)
		all += strlen(m->lowers[i]) + 1;
	FUZZ_CHECK(all <= size + 1);
}

static void check(const struct audit_mounts *m, bool other, size_t size)
{
	size_t i, j;

	for (i = 0; i < m->n; i++) {
		check_mount(&m->v[i], other, size);
		FUZZ_CHECK(audit_mounts__find(m, m->v[i].dev) == &m->v[i]);
		for (j = 0; j < i; j++)
			FUZZ_CHECK(m->v[j].dev != m->v[i].dev);
	}
}

/* Once more, as where the same overlay is in two namespaces. */
static void parse(const char *data, size_t size, bool other)
{
	struct audit_mounts m = { 0 };
	size_t n = 0;
	int twice;

	for (twice = 0; twice < 2; twice++) {
		FILE *f = fmemopen((void *)data, size, "r");

		FUZZ_CHECK(f && !audit_mounts__parse(&m, f, other ? PID : 0));
		fclose(f);
		check(&m, other, size);
		FUZZ_CHECK(!twice || m.n == n);
		n = m.n;
	}
	audit_mounts__deinit(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0; /* fmemopen() may refuse it */
	parse((const char *)data, size, false);
	parse((const char *)data, size, true);
	return 0;
}
