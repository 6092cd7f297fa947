// SPDX-License-Identifier: GPL-2.0-only
#include "record/line.h"

#include <stdlib.h>
#include <string.h>

#include "record/write.h"

struct line line;
static struct record_reader *reader;
static char *changed; /* what was read last: the record's strings lie in it */

static void scan_value(const struct member *in);

static void skip_string(void)
{
	for (line.at++; line.text[line.at] != '"'; line.at++)
		line.at += line.text[line.at] == '\\';
	line.at++;
}

static void scan_member(const struct member *in)
{
	struct member *m = &line.member[line.n++];
	size_t n;

	m->in = in;
	m->from = line.at;
	skip_string();
	n = line.at - m->from - 2;
	memcpy(m->key, line.text + m->from + 1, n < LINE_NAME ? n : LINE_NAME - 1);
	m->value = ++line.at;
	scan_value(m);
	m->to = line.at;
}

static void scan_value(const struct member *in)
{
	char open = line.text[line.at];

	if (open == '"') {
		skip_string();
		return;
	}
	if (open != '{' && open != '[') {
		line.at += strcspn(line.text + line.at, ",]}");
		return;
	}
	for (line.at++; line.text[line.at] != ']' && line.text[line.at] != '}';) {
		if (open == '{')
			scan_member(in);
		else
			scan_value(in);
		line.at += line.text[line.at] == ',';
	}
	line.at++;
}

bool line__make(enum record_type type, unsigned int n, struct ovl_record *rec)
{
	struct json j = { 0 };

	if (!record_sample(type, n, rec))
		return false;
	json__open(&j, NULL, '{');
	json__record(&j, rec);
	json__close(&j, '}');
	free(line.text);
	line.len = j.len;
	line.text = strndup(j.buf, j.len);
	json__deinit(&j);
	memset(line.member, 0, sizeof(line.member));
	line.n = line.at = 0;
	scan_value(NULL);
	return true;
}

static enum read_result parse(size_t len, struct record_read *out)
{
	if (!reader)
		reader = record_reader__new();
	return record_reader__line(reader, changed, len, out);
}

enum read_result line__read(size_t from, size_t to, const char *text, struct record_read *out)
{
	size_t n = strlen(text), len = line.len - (to - from) + n;

	free(changed);
	changed = malloc(len + 1);
	memcpy(changed, line.text, from);
	memcpy(changed + from, text, n);
	memcpy(changed + from + n, line.text + to, line.len - to);
	changed[len] = '\n';
	return parse(len, out);
}

enum read_result line__read_text(const char *text, struct record_read *out)
{
	free(changed);
	changed = strdup(text);
	return parse(strlen(text), out);
}

void line__free(void)
{
	record_reader__free(reader);
	free(changed);
	free(line.text);
}
