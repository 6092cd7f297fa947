// SPDX-License-Identifier: GPL-2.0-only
/* RFC 8259, by recursive descent. */
#include <ctype.h>
#include <string.h>

#include "oracle.h"

enum {
	DEPTH = 64,
};

struct input {
	const char *at, *end;
	int depth;
};

static bool value(struct input *in);

static void skip_space(struct input *in)
{
	while (in->at < in->end && strchr(" \t\n\r", *in->at) && *in->at)
		in->at++;
}

static bool take(struct input *in, char c)
{
	if (in->at == in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

static bool word(struct input *in, const char *w)
{
	size_t n = strlen(w);

	if ((size_t)(in->end - in->at) < n || memcmp(in->at, w, n))
		return false;
	in->at += n;
	return true;
}

static bool string(struct input *in)
{
	if (!take(in, '"'))
		return false;
	while (in->at < in->end && *in->at != '"') {
		unsigned char c = *in->at++;
		int i;

		if (c < 0x20)
			return false;
		if (c != '\\')
			continue;
		if (in->at == in->end)
			return false;
		c = *in->at++;
		if (c == 'u')
			for (i = 0; i < 4; i++, in->at++)
				if (in->at == in->end || !isxdigit((unsigned char)*in->at))
					return false;
		if (!strchr("\"\\/bfnrtu", c))
			return false;
	}
	return take(in, '"');
}

static bool digits(struct input *in)
{
	const char *from = in->at;

	while (in->at < in->end && isdigit((unsigned char)*in->at))
		in->at++;
	return in->at > from;
}

static bool number(struct input *in)
{
	take(in, '-');
	if (!take(in, '0') && !digits(in))
		return false;
	if (take(in, '.') && !digits(in))
		return false;
	if (take(in, 'e') || take(in, 'E')) {
		if (!take(in, '+'))
			take(in, '-');
		return digits(in);
	}
	return true;
}

/* named: an object's members have names. */
static bool list(struct input *in, char end, bool named)
{
	in->at++;
	skip_space(in);
	if (take(in, end))
		return true;
	do {
		skip_space(in);
		if (named) {
			if (!string(in))
				return false;
			skip_space(in);
			if (!take(in, ':'))
				return false;
		}
		if (!value(in))
			return false;
		skip_space(in);
	} while (take(in, ','));
	return take(in, end);
}

static bool value(struct input *in)
{
	bool good;

	skip_space(in);
	if (in->at == in->end || in->depth == DEPTH)
		return false;
	in->depth++;
	switch (*in->at) {
	case '{':
		good = list(in, '}', true);
		break;
	case '[':
		good = list(in, ']', false);
		break;
	case '"':
		good = string(in);
		break;
	case 't':
		good = word(in, "true");
		break;
	case 'f':
		good = word(in, "false");
		break;
	case 'n':
		good = word(in, "null");
		break;
	default:
		good = number(in);
	}
	in->depth--;
	return good;
}

static bool is_json(const char *s, size_t len)
{
	struct input in = { s, s + len, 0 };

	if (!value(&in))
		return false;
	skip_space(&in);
	return in.at == in.end;
}

const char *oracle__json(const char *s, size_t len)
{
	const char *wrong = oracle__text(s, len);

	if (wrong)
		return wrong;
	return is_json(s, len) ? NULL : "the output is JSON";
}

const char *oracle__json_lines(const char *s, size_t len)
{
	const char *wrong = oracle__text(s, len);

	while (!wrong && len) {
		const char *nl = memchr(s, '\n', len);

		if (!nl)
			return "the last line is complete";
		if (!is_json(s, (size_t)(nl - s)))
			return "each line is JSON";
		len -= (size_t)(nl + 1 - s);
		s = nl + 1;
	}
	return wrong;
}
