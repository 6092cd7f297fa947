// SPDX-License-Identifier: GPL-2.0-only
#include "util/text.h"

#include "util/json.h"

void text__bytes(FILE *f, const char *bytes, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t cp;
		size_t n = utf8__decode(bytes + i, len - i, &cp);

		if (!n)
			fprintf(f, "\\x%02x", (unsigned char)bytes[i]);
		else if (cp == '\\')
			fputs("\\\\", f);
		else if (utf8__is_unsafe(cp))
			fprintf(f, cp < 0x80 ? "\\x%02x" : "\\u%04x", cp);
		else
			fwrite(bytes + i, 1, n, f);
		i += n ? n : 1;
	}
}
