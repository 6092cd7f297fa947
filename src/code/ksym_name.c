// SPDX-License-Identifier: GPL-2.0-only
/* What compilers and linkers append to the names of functions. */
#include <string.h>

#include "code/ksyms.h"

/* What a suffix, of n characters without its dot, makes of a function. */
static enum ksym_form suffix_form(const char *suffix, size_t n)
{
	static const struct {
		const char *name;
		enum ksym_form form;
	} known[] = {
		{ "llvm", KSYM_WHOLE }, /* ThinLTO: a static function that another module uses */
		{ "lto_priv", KSYM_WHOLE }, /* gcc's LTO: the same */
		{ "localalias", KSYM_WHOLE },
		{ "__uniq", KSYM_WHOLE }, /* -funique-internal-linkage-names */
		{ "part", KSYM_PART },
		{ "cold", KSYM_PART },
	};
	size_t i;

	if (n && strspn(suffix, "0123456789") == n)
		return KSYM_WHOLE;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].name) == n && !strncmp(suffix, known[i].name, n))
			return known[i].form;
	return KSYM_CHANGED;
}

/* Of all suffixes together; suffixes begins with a dot, or is empty. */
static enum ksym_form suffixes_form(const char *suffixes)
{
	enum ksym_form form = KSYM_WHOLE;

	while (*suffixes == '.') {
		size_t n = strcspn(suffixes + 1, ".");
		enum ksym_form one = suffix_form(suffixes + 1, n);

		form = one < form ? one : form;
		suffixes += 1 + n;
	}
	return form;
}

enum ksym_form ksym__form(const char *name, const char *base)
{
	size_t n = strlen(base);

	if (strncmp(name, base, n) || (name[n] && name[n] != '.'))
		return KSYM_OTHER;
	return suffixes_form(name + n);
}

bool ksym__is_cold_of(const char *name, const char *func)
{
	size_t n = strlen(func);

	return !strncmp(name, func, n) && !strncmp(name + n, ".cold", 5) &&
	       (!name[n + 5] || name[n + 5] == '.');
}

const char *ksym__source_name(const char *name, char buf[KSYM_NAME])
{
	const char *dot = strchr(name, '.');
	size_t n = dot ? (size_t)(dot - name) : 0;

	if (!dot || n >= KSYM_NAME || suffixes_form(dot) != KSYM_WHOLE)
		return name;
	memcpy(buf, name, n);
	buf[n] = 0;
	return buf;
}
