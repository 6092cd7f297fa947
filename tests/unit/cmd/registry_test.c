// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is listed in a registry is also in all that is generated from it or written
 * about it. Each kind of text is also searched with one entry taken out: a search
 * that cannot fail proves nothing.
 */
#include <stdlib.h>

#include "check/check.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "test.h"

/* In `text` there is `name`, and not only as a part of a longer word. */
static bool has_word(const char *text, const char *name)
{
	static const char word[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *at = text;
	size_t len = strlen(name);

	for (; (at = strstr(at, name)); at++) {
		bool begins = at == text || *name == '\n' || !strchr(word, at[-1]);

		if (begins && (!at[len] || !strchr(word, at[len])))
			return true;
	}
	return false;
}

/* From `begin` to `end`, both formats of one name; to be freed. "" if there is no such part. */
static char *part(const char *text, const char *begin, const char *name, const char *end)
{
	char start[128];
	const char *from, *to;

	snprintf(start, sizeof(start), begin, name);
	from = strstr(text, start);
	if (!from)
		return strdup("");
	from += strlen(start);
	to = strstr(from, end);
	return to ? strndup(from, (size_t)(to - from)) : strdup(from);
}

static void append_file(FILE *f, const char *path)
{
	FILE *in = fopen(path, "r");
	int c;

	if (!CHECK(in != NULL)) {
		printf("# %s\n", path);
		return;
	}
	while ((c = fgetc(in)) != EOF) {
		int next = c == '\\' ? fgetc(in) : 0;

		if (next == 'f')
			fgetc(in); /* roff: a change of font */
		else if (next)
			fputc(next, f);
		else
			fputc(c, f);
	}
	fclose(in);
}

static char *read_text(const char *path)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	append_file(f, path);
	fclose(f);
	return text;
}

static char *read_help(void)
{
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	for (i = 0; command_specs[i]; i++)
		help__command(f, command_specs[i]);
	fclose(f);
	return text;
}

static char *read_man(void)
{
	char *text = NULL, path[512];
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	for (i = 0; command_specs[i]; i++) {
		snprintf(path, sizeof(path), BUILD_DIR "/man/ovltrace-%s.8",
			 command_specs[i]->name);
		append_file(f, path);
	}
	fclose(f);
	return text;
}

/* The part of a text about one command, and how its options and values are written there. */
struct place {
	const char *name, *begin, *end;
	const char *with_letter, *without; /* an option; the letter comes first */
	const char *value;
};

static const struct place help_place = {
	"--help",	 "usage: ovltrace %s ", "\nexit status:",
	"\n  -%c, --%s", "\n      --%s",	"\n  %s ",
};
static const struct place man_place = {
	"man page",	    "\novltrace-%s - ", "\n.SH \"EXIT STATUS\"",
	"\n.TP\n-%c, --%s", "\n.TP\n--%s",	"\n.TP\n.B %s\n",
};
static const struct place zsh_place = {
	"zsh", "\n_ovltrace_%s() {", "\n}\n", "'{-%c", "--%s", "%s",
};
static const struct place bash_place = {
	"bash", "\n\t%s) _ovltrace_words \"", "\n", "-%c --%s", "--%s", "%s",
};
static const struct place fish_place = {
	"fish", "\n# %s\n", "\n\n", " -s %c -l %s", " -l %s", "%s",
};

static bool has_option(const char *text, const struct place *p, const struct option_spec *o)
{
	char name[128];

	if (o->letter)
		snprintf(name, sizeof(name), p->with_letter, o->letter, o->name);
	else
		snprintf(name, sizeof(name), p->without, o->name);
	if (p != &zsh_place)
		return has_word(text, name);
	/* "like --once" in a description is followed by something else */
	if (o->letter && !strstr(text, name))
		return false;
	snprintf(name, sizeof(name), "--%s%s", o->name, o->arg ? "=" : o->letter ? "}" : "[");
	return strstr(text, name);
}

static bool has_value(const char *text, const struct place *p, const char *value)
{
	char name[128];

	snprintf(name, sizeof(name), p->value, value);
	return strchr(name, '\n') ? strstr(text, name) != NULL : has_word(text, name);
}

/* How many options and values of a command the text lacks. */
static size_t lacks(const char *all, const struct place *p, const struct command_spec *spec,
		    bool report)
{
	char *text = part(all, p->begin, spec->name, p->end), option[64];
	const struct option_spec *o;
	const char *value, *unused;
	size_t i, n = 0;

	for (o = spec->options; o->name; o++) {
		char *values = text;

		if (!has_option(text, p, o) && ++n && report)
			printf("# %s: %s: no --%s\n", p->name, spec->name, o->name);
		if (!o->value)
			continue;
		snprintf(option, sizeof(option), "%s --%s", spec->name, o->name);
		if (p == &bash_place)
			values = part(all, "\t\"%s\"", option, "\n");
		for (i = 0; (value = o->value(i, &unused)); i++)
			if (!has_value(values, p, value) && ++n && report)
				printf("# %s: %s: no %s\n", p->name, option, value);
		if (values != text)
			free(values);
	}
	free(text);
	return n;
}

static size_t all_lack(const char *text, const struct place *p, bool report)
{
	size_t i, n = 0;

	for (i = 0; command_specs[i]; i++)
		n += lacks(text, p, command_specs[i], report);
	return n;
}

static void take_out(char *text, const char *name)
{
	char *at;

	while ((at = strstr(text, name)))
		memset(at + 2, 'x', strlen(name) - 2);
}

/* The text is complete; without --proof, `run` and `doctor` are not; without impure-sparse, `check`, twice. */
static void check_place(char *text, const struct place *p)
{
	CHECK_EQ(all_lack(text, p, true), 0);
	take_out(text, p == &fish_place ? "-l proof" : "--proof");
	CHECK_EQ(all_lack(text, p, false), 2);
	take_out(text, "impure-sparse");
	CHECK_EQ(all_lack(text, p, false), 4);
	free(text);
}

static void options_in_help(void)
{
	check_place(read_help(), &help_place);
}

static void options_in_man(void)
{
	check_place(read_man(), &man_place);
}

static void options_in_bash(void)
{
	check_place(read_text(BUILD_DIR "/completions/ovltrace.bash"), &bash_place);
}

static void options_in_zsh(void)
{
	check_place(read_text(BUILD_DIR "/completions/_ovltrace"), &zsh_place);
}

static void options_in_fish(void)
{
	check_place(read_text(BUILD_DIR "/completions/ovltrace.fish"), &fish_place);
}

/* The registries of src/record/, and what each text has around a name in them. */
struct registry {
	const char *const *names;
	const char *schema, *docs; /* %s: the name. NULL: that text need not have it */
	const char *known; /* one of the names */
};

static const char *const counts[] = {
#define COUNT(member, name, group, needs, records, metric, label, help) #name,
#define FINDING(id, kind, counts, group, needs, check, label) #kind, #counts,
#include "record/counts.def"
	NULL,
};
static const char *const types[] = {
#define RECORD(id, name, member, subject, proves) #name,
#include "record/records.def"
	NULL,
};
static const char *const fields[] = {
#define FIELD(place, name, kinds) #name,
#include "record/fields.def"
	NULL,
};
static const char *const events[] = {
#define EVENT(id, name, need) name,
#include "record/events.def"
	NULL,
};

static const struct registry registries[] = {
	{ counts, "\"%s\"", "`%s`", "kind_mix" },
	{ types, "\"type\": { \"const\": \"%s\" }", "\n## `%s`", "stale_end" },
	{ fields, "\"%s\"", "`%s`", "slot_before" },
	/* the schema accepts the events of a newer version */
	{ events, NULL, "`%s`", "operation_returned" },
};

/* "X_b64" goes with each X, and is not described for each. */
static bool is_base64(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, "_b64");
}

/* How many names of a registry the text lacks. */
static size_t names_lacking(const char *text, const struct registry *r, const char *form,
			    bool report)
{
	char name[96];
	size_t i, n = 0;

	for (i = 0; r->names[i]; i++) {
		if (form == r->docs && is_base64(r->names[i]))
			continue;
		snprintf(name, sizeof(name), form, r->names[i]);
		if (!strstr(text, name) && ++n && report)
			printf("# no %s\n", name);
	}
	return n;
}

/* The text has all names; without one that is known, it lacks one. */
static void check_names(const char *path, bool docs)
{
	size_t i;

	for (i = 0; i < sizeof(registries) / sizeof(registries[0]); i++) {
		const struct registry *r = &registries[i];
		const char *form = docs ? r->docs : r->schema;
		char *text = read_text(path), name[96];

		if (form) {
			CHECK_EQ(names_lacking(text, r, form, true), 0);
			snprintf(name, sizeof(name), form, r->known);
			take_out(text, name);
			CHECK_EQ(names_lacking(text, r, form, false), 1);
		}
		free(text);
	}
}

static void names_in_schema(void)
{
	check_names("schema/ovltrace-1.schema.json", false);
}

static void names_in_docs(void)
{
	check_names("docs/json.md", true);
}

/* A table of names and the page that describes each; name: NULL after the last one. */
struct page {
	const char *path, *form; /* %s: the name */
	const char *(*name)(size_t i);
};

static const char *scenario_name(size_t i)
{
	return scenarios[i].name;
}

static const char *result_name(size_t i)
{
	return i < CHECK_RESULTS ? check_id__name(i) : NULL;
}

static const char *provider_name(size_t i)
{
	return i <= PROVIDER_OTHER ? provider__name(i) : NULL;
}

static const char *format_name(size_t i)
{
	static const char *const names[] = {
#define FORMAT(name, make, text) #name,
#include "sink/formats.def"
#undef FORMAT
		NULL,
	};

	return names[i];
}

/* Every page has all names, and each of them is missed when it is taken out. */
static void names_in_pages(void)
{
	static const struct page pages[] = {
		{ "docs/check.md", "\n| `%s` |", result_name },
		{ "docs/check.md", "`%s`", scenario_name },
		{ "docs/json.md", "`%s`", provider_name },
		{ "docs/report.md", "\n## `--format %s`", format_name },
	};
	size_t i, k;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		char *text = read_text(pages[i].path), name[96];

		for (k = 0; pages[i].name(k); k++) {
			snprintf(name, sizeof(name), pages[i].form, pages[i].name(k));
			if (!CHECK(strstr(text, name) != NULL))
				printf("# %s: no %s\n", pages[i].path, name);
			take_out(text, name);
			CHECK(!strstr(text, name));
		}
		free(text);
	}
}

int main(void)
{
	TEST(options_in_help);
	TEST(options_in_man);
	TEST(options_in_bash);
	TEST(options_in_zsh);
	TEST(options_in_fish);
	TEST(names_in_schema);
	TEST(names_in_docs);
	TEST(names_in_pages);
	return test_done();
}
