// SPDX-License-Identifier: GPL-2.0-only
/* docs/explore.md has every operation with its operands, and every configuration. */
#include <stdlib.h>

#include "explore/explore.h"
#include "test.h"

static char *read_page(void)
{
	char *text = calloc(1, 1 << 16);
	FILE *f = fopen("docs/explore.md", "r");

	CHECK(f != NULL);
	if (f && text)
		CHECK(fread(text, 1, (1 << 16) - 1, f) > 1000);
	if (f)
		fclose(f);
	return text;
}

static void operations_in_the_page(void)
{
	static const char *const operands[] = { "", " N", " F", " F G" };
	char *text = read_page(), name[64];
	size_t i;

	for (i = 0; i < EXPLORE_OPS; i++) {
		snprintf(name, sizeof(name), "`%s%s`", explore_ops[i].word,
			 operands[explore_ops[i].operands]);
		if (!CHECK(strstr(text, name) != NULL))
			printf("# no %s\n", name);
	}
	CHECK(!strstr(text, "`jump`"));
	free(text);
}

/* "merged+xino" is described by its two parts. */
static void configurations_in_the_page(void)
{
	char *text = read_page(), name[64];
	size_t i;

	for (i = 0; i < EXPLORE_CONFIGS; i++) {
		const char *all = explore_configs[i].name, *plus = strchr(all, '+');

		snprintf(name, sizeof(name), "`%.*s`", plus ? (int)(plus - all) : (int)strlen(all),
			 all);
		if (!CHECK(strstr(text, name) != NULL))
			printf("# no %s\n", name);
		snprintf(name, sizeof(name), "`%s`", plus ? plus : all);
		if (!CHECK(strstr(text, name) != NULL))
			printf("# no %s\n", name);
	}
	free(text);
}

int main(void)
{
	TEST(operations_in_the_page);
	TEST(configurations_in_the_page);
	return test_done();
}
