// SPDX-License-Identifier: GPL-2.0-only
#include "util/shell_words.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "_./:=,@%+-";

static bool printable(const char *word)
{
	for (; *word; word++)
		if (*word < ' ' || *word > '~')
			return false;
	return true;
}

/* One word in at most 4 bytes for each of its own, and 4 more. */
static char *put(char *to, const char *word)
{
	bool escape = !printable(word);

	if (*word && !word[strspn(word, plain)])
		return stpcpy(to, word);
	to = stpcpy(to, escape ? "$'" : "'");
	for (; *word; word++) {
		if (escape && (*word < ' ' || *word > '~'))
			to += sprintf(to, "\\x%02x", (unsigned char)*word);
		else if (escape && (*word == '\'' || *word == '\\'))
			to += sprintf(to, "\\%c", *word);
		else if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	}
	return stpcpy(to, "'");
}

void shell_words__join(char *to, size_t size, char *const words[])
{
	size_t len = 0, i;

	*to = 0;
	for (i = 0; words[i]; i++) {
		size_t most = 4 * strlen(words[i]) + 5, n;
		char *text = malloc(most);

		if (text)
			put(text, words[i]);
		n = text ? strlen(text) : size;
		/* room for " ..." after it */
		if (len + (len > 0) + n + 5 > size) {
			snprintf(to + len, size - len, "%s...", len ? " " : "");
			free(text);
			return;
		}
		len += (size_t)sprintf(to + len, "%s%s", len ? " " : "", text);
		free(text);
	}
}
