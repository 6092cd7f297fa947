// SPDX-License-Identifier: GPL-2.0-only
/* The tables of options, against what reads them. */
#include "cmd/commands.h"

#include "test.h"

/* Options after the last one that fits would not be recognized. */
static void options_fit(void)
{
	size_t i, n;

	for (i = 0; command_specs[i]; i++) {
		for (n = 0; command_specs[i]->options[n].name; n++)
			;
		if (!CHECK(n <= COMMAND_MAX_OPTIONS))
			printf("# %s: %zu options\n", command_specs[i]->name, n);
	}
}

int main(void)
{
	TEST(options_fit);
	return test_done();
}
