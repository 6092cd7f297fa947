// SPDX-License-Identifier: GPL-2.0-only
/* What directories, files and threads are called: plain names, and hostile ones for mode names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload.h"

/*
 * Each string is difficult for code that prints or parses names. Split literals
 * keep hexadecimal escapes from swallowing the letters behind them.
 */
static const char *const hostile[] = {
	"new\nline",
	"\033[31mred\033[0m",
	"\033]0;title\007",
	"tab\there",
	"quote\"inside",
	"back\\slash\\n",
	"\xff\xfe"
	"not text",
	"cut short \xe2\x82", /* a three-byte sequence without its third byte */
	"overlong \xc0\xaf"
	"etc", /* '/' in two bytes */
	"surrogate \xed\xa0\x80", /* U+D800 */
	"past the end \xf4\x90\x80\x80", /* U+110000 */
	"line separator \xe2\x80\xa8"
	"here",
	"\xe2\x80\xaetxt.exe", /* right-to-left override */
	"carriage\rreturn",
	"\033[2J\033[H",
	"c1 \xc2\x9b"
	"31m", /* CSI as one character */
	"'; echo $(id) `id` #",
	"%s%n%x",
	"{\"type\":\"summary\"}",
	" leading and trailing ",
	"-rf",
	"\x7f\x08\x01",
	"\xef\xbb\xbf"
	"bom",
	"nonchar \xef\xbf\xbf",
	"emoji \xf0\x9f\xa6\x8a",
	"\n",
	"\"",
	"\\",
	"\xff",
};

/* Fifteen bytes each: the longest that the kernel keeps. */
static const char *const hostile_comms[] = {
	"new\nline comm\n!",
	"\033[31mcomm is red",
	"\033]0;title\007comm",
	"quote\" back\\ \t.",
	"\xff\xfe\xc0\xaf\xed\xa0\x80"
	"invalid.",
	"cut short it \xe2\x82",
	"\xe2\x80\xae"
	"sdrawkcab 15",
	"\"},{\"pid\":1,\"x\"",
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NR_HOSTILE (ARRAY_SIZE(hostile))
#define NR_LONG 3 /* behind the table: names of the greatest length */
#define STREAM_NAMES (1ull << 40) /* away from the streams of the threads */

static bool is_hostile(const struct options *opt)
{
	return !strcmp(opt->mode_name, "names");
}

/* All of 255 bytes; a two-byte character cut by the end; control characters throughout. */
static void long_name(char *name, unsigned int which)
{
	static const char *const filler[NR_LONG] = { "long", "\xc3\xa9", "\033[7m\n" };
	size_t len = strlen(filler[which]);

	for (size_t i = 0; i < NAME_BYTES; i++)
		name[i] = filler[which][i % len];
	name[NAME_BYTES] = 0;
}

/* Any bytes that a name may have; the number in front keeps names apart. */
static void random_name(char *name, struct rng *rng, unsigned int index)
{
	int len = sprintf(name, "%u", index);
	int end = len + 1 + (int)rng_below(rng, 60);

	for (; len < end; len++) {
		unsigned char c = 1 + rng_below(rng, 255);

		name[len] = c == '/' ? '\n' : c;
	}
	name[len] = 0;
}

static char *hostile_name(const struct options *opt, unsigned int stream, unsigned int index)
{
	char name[NAME_BYTES + 1];
	struct rng rng;

	if (index < NR_HOSTILE) {
		strcpy(name, hostile[index]);
	} else if (index < NR_HOSTILE + NR_LONG) {
		long_name(name, index - NR_HOSTILE);
	} else {
		rng_seed(&rng, opt->seed, STREAM_NAMES + ((uint64_t)stream << 20) + index);
		random_name(name, &rng, index);
	}
	return strdup(name);
}

char *name_of_directory(const struct options *opt, unsigned int dir)
{
	char name[2 * NAME_BYTES + 2];
	char *base;

	if (!is_hostile(opt)) {
		snprintf(name, sizeof(name), "%sD%u", opt->prefix, dir);
		return strdup(name);
	}
	base = hostile_name(opt, 0, dir);
	if (!base)
		return NULL;
	snprintf(name, sizeof(name), "%s%s", opt->prefix, base);
	free(base);
	name[NAME_BYTES] = 0;
	return strdup(name);
}

char *name_of_file(const struct options *opt, unsigned int dir, unsigned int file)
{
	char name[32];

	if (is_hostile(opt))
		return hostile_name(opt, dir + 1, file);
	snprintf(name, sizeof(name), "f%u", file);
	return strdup(name);
}

void name_of_thread(const struct options *opt, enum role role, unsigned int index,
		    char comm[COMM_BYTES + 1])
{
	unsigned int n = index + (role == ROLE_RENAMER ? 1 : 0);

	if (is_hostile(opt))
		snprintf(comm, COMM_BYTES + 1, "%s", hostile_comms[n % ARRAY_SIZE(hostile_comms)]);
	else
		snprintf(comm, COMM_BYTES + 1, "%s-%u", role == ROLE_READER ? "reader" : "renamer",
			 index);
}

static void print_hex(const char *name)
{
	for (const unsigned char *c = (const unsigned char *)name; *c; c++)
		printf("%02x", *c);
	putchar('\n');
}

static int print_name(char *name)
{
	if (!name) {
		complain_errno("memory for", "names");
		return STATUS_NO_SYSTEM;
	}
	print_hex(name);
	free(name);
	return STATUS_OK;
}

static void print_comms(const struct options *opt, enum role role, uint64_t count)
{
	char comm[COMM_BYTES + 1];

	for (unsigned int i = 0; i < count; i++) {
		name_of_thread(opt, role, i, comm);
		printf("comm %s %u ", role == ROLE_READER ? "reader" : "renamer", i);
		print_hex(comm);
	}
}

int names_print(const struct options *opt)
{
	int status = STATUS_OK;

	for (unsigned int d = 0; d < opt->dirs && !status; d++) {
		printf("directory %u ", d);
		status = print_name(name_of_directory(opt, d));
		for (unsigned int f = 0; f < opt->entries && !status; f++) {
			printf("file %u %u ", d, f);
			status = print_name(name_of_file(opt, d, f));
		}
	}
	print_comms(opt, ROLE_READER, opt->readers);
	print_comms(opt, ROLE_RENAMER, opt->renamers);
	return status;
}
