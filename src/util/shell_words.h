/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_SHELL_WORDS_H
#define OVLTRACE_SHELL_WORDS_H

#include <stddef.h>

/*
 * Writes words, up to a NULL, quoted as bash reads them: printable ASCII, whatever they contain.
 * Words for which there is no room are replaced by "...". size is at least 4.
 */
void shell_words__join(char *to, size_t size, char *const words[]);

#endif
