// SPDX-License-Identifier: GPL-2.0-only
#include "util/text.h"

#include <stdbool.h>

#include "util/json.h"

void text__escaped(FILE *f, uint32_t cp)
{
	fprintf(f, cp < 0x80 ? "\\x%02x" : cp > 0xffff ? "\\U%08x" : "\\u%04x", cp);
}

static void write_bytes(FILE *f, const char *bytes, size_t len, bool double_backslash)
{
	size_t i = 0;

	while (i < len) {
		uint32_t cp;
		size_t n = utf8__decode(bytes + i, len - i, &cp);

		if (!n)
			fprintf(f, "\\x%02x", (unsigned char)bytes[i]);
		else if (cp == '\\' && double_backslash)
			fputs("\\\\", f);
		else if (utf8__is_unsafe(cp))
			text__escaped(f, cp);
		else
			fwrite(bytes + i, 1, n, f);
		i += n ? n : 1;
	}
}

void text__bytes(FILE *f, const char *bytes, size_t len)
{
	write_bytes(f, bytes, len, true);
}

void text__message(FILE *f, const char *bytes, size_t len)
{
	write_bytes(f, bytes, len, false);
}
