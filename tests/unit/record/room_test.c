// SPDX-License-Identifier: GPL-2.0-only
/*
 * A rebuild is written at once, into room that is reserved for its longest form. Wherever the
 * buffer ends, nothing is written behind it (the sanitizer sees that), and the text is the same.
 */
#include <stdlib.h>

#include "record/records.h"
#include "record/write.h"
#include "test.h"

enum {
	WINDOWS = 3,
	BUFFER = 4096,
	AROUND = 2048, /* more than the longest of these records */
};

static void write_at(struct json *j, const struct rec_rebuild *r, size_t before, size_t cap)
{
	j->buf = malloc(cap);
	if (!CHECK(j->buf))
		abort();
	memset(j->buf, 'x', before);
	j->len = before;
	j->cap = cap;
	json__rebuild(j, r);
}

static void same_anywhere(const struct rec_rebuild *r)
{
	struct json want = { 0 };
	size_t before;

	write_at(&want, r, 0, BUFFER);
	for (before = BUFFER - AROUND; before <= BUFFER; before++) {
		struct json j = { 0 };

		write_at(&j, r, before, BUFFER);
		CHECK(!j.failed && j.len == before + want.len &&
		      !memcmp(j.buf + before, want.buf, want.len));
		json__deinit(&j);
	}
	json__deinit(&want);
}

static void longest(void)
{
	struct rec_window w[WINDOWS];
	struct rec_rebuild r;

	memset(w, 0xff, sizeof(w));
	memset(&r, 0xff, sizeof(r));
	r.dir = (struct rec_dir){ .ino = UINT64_MAX, .dev = UINT32_MAX };
	r.task = (struct rec_task){ .pid = UINT32_MAX, .tid = UINT32_MAX };
	r.windows = w;
	r.stack.n = 0;
	r.nwindows = WINDOWS;
	r.err = -4095;
	r.err_inferred = r.impure_cleared = true;
	r.outcome = OUTCOME_STORED;
	same_anywhere(&r);
	/* no number is that of the one before it */
	r.version_at_store--;
	w[0].version_drop = 10;
	w[1].version_drop = 1;
	w[2].version_retake = 100000000;
	same_anywhere(&r);
	r.nwindows = 0;
	same_anywhere(&r);
	r.outcome = OUTCOME_ERROR;
	same_anywhere(&r);
}

static void shortest(void)
{
	struct rec_rebuild r = { .outcome = OUTCOME_EMPTY };

	same_anywhere(&r);
}

int main(void)
{
	TEST(longest);
	TEST(shortest);
	return test_done();
}
