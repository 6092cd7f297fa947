// SPDX-License-Identifier: GPL-2.0-only
#include "util/names.h"

#include <stdlib.h>

void names__init(struct names *names, size_t max)
{
	names->table = NULL;
	TAILQ_INIT(&names->uses);
	names->n = 0;
	names->max = max;
}

static void forget(struct names *names, struct name *n)
{
	HASH_DEL(names->table, n);
	TAILQ_REMOVE(&names->uses, n, use);
	names->n--;
	free(n->text);
	free(n);
}

void names__deinit(struct names *names)
{
	while (!TAILQ_EMPTY(&names->uses))
		forget(names, TAILQ_FIRST(&names->uses));
}

struct name *names__find(struct names *names, uint64_t id)
{
	struct name *n;

	HASH_FIND(hh, names->table, &id, sizeof(id), n);
	if (n && TAILQ_NEXT(n, use)) {
		TAILQ_REMOVE(&names->uses, n, use);
		TAILQ_INSERT_TAIL(&names->uses, n, use);
	}
	return n;
}

struct name *names__add(struct names *names, uint64_t id)
{
	struct name *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->id = id;
	HASH_ADD(hh, names->table, id, sizeof(n->id), n);
	if (!hash__holds(n)) {
		free(n);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&names->uses, n, use);
	if (++names->n > names->max)
		forget(names, TAILQ_FIRST(&names->uses));
	return n;
}
