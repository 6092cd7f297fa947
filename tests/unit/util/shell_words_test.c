// SPDX-License-Identifier: GPL-2.0-only
#include "util/shell_words.h"

#include "test.h"

static const char *join(size_t size, char *a, char *b, char *c)
{
	static char buf[256];
	char *words[] = { a, b, c, NULL };

	memset(buf, 'x', sizeof(buf));
	shell_words__join(buf, size, words);
	CHECK(strlen(buf) < size);
	return buf;
}

static void quoting(void)
{
	CHECK_STR(join(256, "ovltrace", "run", "--mount=/a"), "ovltrace run --mount=/a");
	CHECK_STR(join(256, "a", "", "b c"), "a '' 'b c'");
	CHECK_STR(join(256, "it's", "$(x)", "\\"), "'it'\\''s' '$(x)' '\\'");
	CHECK_STR(join(256, "a\nb'\\", "\xff", "\""), "$'a\\x0ab\\'\\\\' $'\\xff' '\"'");
	CHECK_STR(join(256, NULL, NULL, NULL), "");
}

static void no_room(void)
{
	CHECK_STR(join(12, "run", "0123456789", "x"), "run ...");
	CHECK_STR(join(4, "run", "a", NULL), "...");
	CHECK_STR(join(7, "run", NULL, NULL), "...");
	CHECK_STR(join(8, "run", NULL, NULL), "run");
}

int main(void)
{
	TEST(quoting);
	TEST(no_room);
	return test_done();
}
