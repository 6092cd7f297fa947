// SPDX-License-Identifier: GPL-2.0-only
/* usage: gen-docs bash|zsh < SOURCE > RESULT */
#include <string.h>

#include "docs.h"

int main(int argc, char **argv)
{
	const char *form = argc == 2 ? argv[1] : "";
	const struct docs_part *parts = !strcmp(form, "bash") ? docs_bash :
					!strcmp(form, "zsh")  ? docs_zsh :
								NULL;

	if (!parts) {
		fputs("usage: gen-docs bash|zsh < SOURCE > RESULT\n", stderr);
		return 2;
	}
	if (docs__fill(stdout, stdin, parts))
		return 1;
	if (fflush(stdout) || ferror(stdout)) {
		perror("gen-docs");
		return 1;
	}
	return 0;
}
