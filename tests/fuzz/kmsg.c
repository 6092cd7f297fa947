// SPDX-License-Identifier: GPL-2.0-only
/* Records of /dev/kmsg, a line each. An empty line: records were overwritten. */
#include "fuzz.h"
#include "testlog.h"

static uint64_t now;

static void line(void *ctx, char *text, size_t len, bool ended)
{
	uint64_t before = now;

	now += 1000000;
	if (!len && ended)
		testlog__kmsg_lost(ctx, now);
	else
		testlog__kmsg(ctx, text, len + ended, before, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen *seen = seen__new();
	struct testlog *log = testlog__new(seen__test, seen);

	FUZZ_CHECK(log);
	now = 1000;
	fuzz__lines(data, size, line, log);
	seen__end(seen, log, now);
	return 0;
}
