// SPDX-License-Identifier: GPL-2.0-only
/* COMMAND's output with --ktap, in pieces whose sizes the first byte decides. */
#include <stdlib.h>

#include "fuzz.h"
#include "testlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen *seen = seen__new();
	struct testlog *log = testlog__new(seen__test, seen);
	size_t piece = size ? 1 + data[0] * 8 : 1, n;
	uint64_t now = 1000;

	FUZZ_CHECK(log);
	for (; size; data += n, size -= n) {
		char *copy;

		n = piece < size ? piece : size;
		copy = fuzz__copy(data, n);
		testlog__ktap(log, copy, n, now += 1000);
		free(copy);
	}
	seen__end(seen, log, now);
	return 0;
}
