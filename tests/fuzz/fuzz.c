// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

_Noreturn void fuzz__failed(const char *where, const char *what)
{
	fprintf(stderr, "%s: violated: %s\n", where, what);
	abort();
}

char *fuzz__copy(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);

	FUZZ_CHECK(copy);
	if (size)
		memcpy(copy, data, size);
	copy[size] = '\n';
	return copy;
}

void fuzz__lines(const uint8_t *data, size_t size, fuzz_line_fn fn, void *ctx)
{
	while (size) {
		const uint8_t *nl = memchr(data, '\n', size);
		size_t len = nl ? (size_t)(nl - data) : size;
		char *line = fuzz__copy(data, len);

		fn(ctx, line, len, nl != NULL);
		free(line);
		len += nl != NULL;
		data += len;
		size -= len;
	}
}
