/* SPDX-License-Identifier: GPL-2.0-only */
/* In place of src/util/writer.c: no thread, and memory for a file. */
#ifndef OVLTRACE_TEST_FUZZ_WRITER_H
#define OVLTRACE_TEST_FUZZ_WRITER_H

#include "util/writer.h"

/* What writer__new(n) writes goes to the stream, 0 <= n < 2. */
void writer__redirect(int n, FILE *to);

#endif
