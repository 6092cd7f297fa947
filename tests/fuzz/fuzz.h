/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzzers share. Each has LLVMFuzzerTestOneInput(), which libFuzzer calls; a
 * violated rule ends the program, and libFuzzer keeps the input.
 */
#ifndef OVLTRACE_TEST_FUZZ_H
#define OVLTRACE_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program with the place and the rule. */
#define FUZZ_CHECK(cond)                               \
	do {                                           \
		if (!(cond))                           \
			fuzz__failed(__FILE__, #cond); \
	} while (0)

_Noreturn void fuzz__failed(const char *where, const char *what);

/* A copy of just that size, with one writable byte behind it: reading past it is an error. */
char *fuzz__copy(const uint8_t *data, size_t size);

/* Passes each line of data, copied, without its newline. ended: it had one. */
typedef void (*fuzz_line_fn)(void *ctx, char *line, size_t len, bool ended);
void fuzz__lines(const uint8_t *data, size_t size, fuzz_line_fn fn, void *ctx);

#endif
