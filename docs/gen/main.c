// SPDX-License-Identifier: GPL-2.0-only
/* usage: gen-docs man|bash|zsh|fish [COMMAND] < SOURCE > RESULT */
#include <string.h>

#include "docs.h"

static const struct docs_part *parts_of(const char *form, const struct command_spec *spec)
{
	if (!strcmp(form, "man"))
		return spec ? docs_man_command : docs_man_overview;
	if (!strcmp(form, "bash"))
		return docs_bash;
	if (!strcmp(form, "fish"))
		return docs_fish;
	return strcmp(form, "zsh") ? NULL : docs_zsh;
}

int main(int argc, char **argv)
{
	const struct command_spec *spec = argc > 2 ? command__find(argv[2]) : NULL;
	const struct docs_part *parts = argc > 1 ? parts_of(argv[1], spec) : NULL;

	if (!parts || argc > 3 || (argc > 2 && !spec)) {
		fputs("usage: gen-docs man|bash|zsh|fish [COMMAND] < SOURCE > RESULT\n", stderr);
		return 2;
	}
	if (docs__fill(stdout, stdin, parts, spec))
		return 1;
	if (fflush(stdout) || ferror(stdout)) {
		perror("gen-docs");
		return 1;
	}
	return 0;
}
