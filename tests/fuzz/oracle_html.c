// SPDX-License-Identifier: GPL-2.0-only
/* The elements of a page: any other came from outside. */
#include <ctype.h>
#include <string.h>

#include "oracle.h"

static const char elements[] = " html head meta title style body h1 h2 h3 p table tr th td div pre "
			       "details summary svg text rect line circle ul li b span code br a "
			       "input label ";
static const char attributes[] =
	" lang charset http-equiv content name class role aria-label viewBox width height x y x1 x2 "
	"y1 y2 cx cy r text-anchor colspan id type for style checked ";

static bool is_one_of(const char *list, const char *name, size_t len)
{
	const char *at;

	if (!len)
		return false;
	for (at = list; (at = memmem(at, strlen(at), name, len)); at++)
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

/* p is after the '<'; moves it past the '>'. */
static const char *element(const char **p, const char *end)
{
	const char *s = *p, *from;

	s += s < end && *s == '/';
	for (from = s; s < end && isalnum((unsigned char)*s); s++)
		;
	if (!is_one_of(elements, from, (size_t)(s - from)))
		return "an element is one of ours";
	while (s < end && *s == ' ') {
		for (from = ++s; s < end && (isalnum((unsigned char)*s) || *s == '-'); s++)
			;
		if (!is_one_of(attributes, from, (size_t)(s - from)))
			return "an attribute is one of ours";
		/* the only one without a value */
		if (s - from == 7 && !memcmp(from, "checked", 7))
			continue;
		if (end - s < 2 || s[0] != '=' || s[1] != '"')
			return "a value is quoted";
		for (s += 2; s < end && *s != '"'; s++)
			if (*s == '<' || *s == '>')
				return "a value has no markup";
		s += s < end;
	}
	s += s < end && *s == '/';
	if (s >= end || *s != '>')
		return "an element ends";
	*p = s + 1;
	return NULL;
}

const char *oracle__html(const char *s, size_t len)
{
	static const char doctype[] = "<!DOCTYPE html>\n", style[] = "</style>";
	const char *wrong = oracle__text(s, len), *end = s + len, *at;

	if (wrong || !len)
		return wrong;
	if (len < sizeof(doctype) || memcmp(s, doctype, sizeof(doctype) - 1))
		return "a page begins with its type";
	at = memmem(s, len, style, sizeof(style) - 1);
	if (!at)
		return "a page has its style";
	/* the style is a constant */
	for (s = at + sizeof(style) - 1; s < end;) {
		if (*s == '<') {
			s++;
			wrong = element(&s, end);
			if (wrong)
				return wrong;
			continue;
		}
		s++;
	}
	return NULL;
}
