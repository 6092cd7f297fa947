// SPDX-License-Identifier: GPL-2.0-only
/* Lower layers in the options of a mount. */
#include "audit/layers.h"

#include "test.h"

static void check(const char *options, const char *want)
{
	char **v = audit_lowers__parse(options), got[200] = "";
	size_t i;

	for (i = 0; v && v[i]; i++) {
		strcat(got, v[i]);
		strcat(got, "|");
	}
	CHECK_STR(got, want);
	audit_lowers__free(v);
}

static void parsed(void)
{
	check("rw,upperdir=/u", "");
	check("rw,lowerdir=/l", "/l|");
	check("rw,lowerdir=/a:b:/c,upperdir=/u:x", "/a|b|/c|");
	/* the kernel escapes a backslash, a comma and a space */
	check("lowerdir=/a\\134:b:/c\\054\\040d\\134\\134", "/a:b|/c, d\\|");
	/* layers for data only show no names */
	check("lowerdir=/a:/b::/data::/more", "/a|/b|");
	check("ro,lowerdir+=/a:b,lowerdir+=/c,datadir+=/d", "/a:b|/c|");
	check("lowerdir=", "");
	check("lowerdir=/a\\134", "/a\\|");
}

/* Options are chosen by users: none may be read past its end. */
static void any_options(void)
{
	static const char *const parts[] = { "lowerdir=", "lowerdir+=", ",", ":", "\\",
					     "\\134",	  "\\07",	"/", "a", "" };
	unsigned int seed = 1, i, k;

	for (i = 0; i < 20000; i++) {
		char options[128] = "";

		for (k = 0; k < 12; k++) {
			seed = seed * 1103515245 + 12345;
			strcat(options, parts[(seed >> 16) % (sizeof(parts) / sizeof(parts[0]))]);
		}
		audit_lowers__free(audit_lowers__parse(options));
	}
	CHECK_EQ(i, 20000);
}

int main(void)
{
	TEST(parsed);
	TEST(any_options);
	return test_done();
}
