// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording, plain or gzip, through every format of `report`. What is called clean is
 * clean again when it is written and read back.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "oracle.h"
#include "outputs.h"
#include "replay/replay.h"
#include "util/lines.h"
#include "util/text.h"

struct to_outputs {
	struct sink sink;
	struct outputs *outputs;
};

static void record(struct sink *sink, const struct ovl_record *rec)
{
	outputs__record(((struct to_outputs *)sink)->outputs, rec);
}

static void release(struct sink *sink)
{
	(void)sink;
}

static void line(void *ctx, char *text, size_t len, bool ended)
{
	replay__line(ctx, text, len, ended);
}

/* What `report` prints if there is no verdict. */
static void check_message(const char *why)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	FUZZ_CHECK(f);
	text__message(f, why, strlen(why));
	fclose(f);
	FUZZ_CHECK(!oracle__text(text, len));
	free(text);
}

static struct replay_total play(struct outputs *o, const uint8_t *data, size_t size)
{
	struct to_outputs to = { .sink = { .record = record, .free = release }, .outputs = o };
	struct replay *r = replay__new();
	struct replay_total total;

	FUZZ_CHECK(r);
	replay__add_sink(r, &to.sink);
	fuzz__lines(data, size, line, r);
	replay__end(r, NULL);
	replay__total(r, &total);
	if (total.unreadable)
		check_message(total.unreadable);
	total.unreadable = total.unreadable ? "unreadable" : NULL;
	replay__free(r);
	outputs__end(o);
	return total;
}

/* The same bytes from a file: it may be gzip. */
static void read_lines(const uint8_t *data, size_t size)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);
	enum lines_result got;
	struct lines *l;
	char *text;
	size_t len;

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && !lseek(fd, 0, SEEK_SET));
	l = lines__new(fd, 1 << 16);
	FUZZ_CHECK(l);
	do {
		got = lines__next(l, &text, &len);
		if (got == LINES_LINE || got == LINES_REST)
			text[len] = 0;
	} while (got != LINES_END && got != LINES_FAILED);
	if (got == LINES_FAILED)
		check_message(lines__why(l));
	lines__free(l);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outputs *o = outputs__new(), *again;
	struct replay_total total;
	const char *written;
	size_t len;

	if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b)
		read_lines(data, size);
	total = play(o, data, size);
	/* without a session that can be read there is no report */
	if (!total.unreadable || !outputs__are_empty(o))
		outputs__check(o);
	written = outputs__recording(o, &len);
	if (total.verdict == VERDICT_CLEAN && !total.unreadable && total.recordings) {
		again = outputs__new();
		total = play(again, (const uint8_t *)written, len);
		FUZZ_CHECK(total.verdict == VERDICT_CLEAN && !total.unreadable);
		outputs__free(again);
	}
	outputs__free(o);
	return 0;
}
