// SPDX-License-Identifier: GPL-2.0-only
/* Each record that the JSON Lines sink writes is read back equal, field by field. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/raw.h"
#include "samples.h"
#include "sink/sink.h"
#include "test.h"

/* What the sink wrote; to be freed. */
static char *sink_end(struct sink *sink, int fd, size_t *len)
{
	struct writer_wait wait = { .signal_fd = -1 };
	char *line;

	CHECK_EQ(sink->tick(sink, NULL, 0), 0);
	CHECK(writer__finish(sink->writer, &wait));
	sink->free(sink);
	*len = lseek(fd, 0, SEEK_END);
	line = malloc(*len + 1);
	CHECK_EQ(pread(fd, line, *len, 0), *len);
	line[*len] = 0;
	close(fd);
	return line;
}

/* The same for one record. */
static char *write_line(const struct ovl_record *rec, size_t *len)
{
	int fd = memfd_create("jsonl_test", 0);
	struct sink *sink = sink_jsonl__new(fd);

	sink->record(sink, rec);
	return sink_end(sink, fd, len);
}

/* A line has one newline, at its end, and no byte that a terminal would obey. */
static bool is_harmless(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			return false;
	return len && line[len - 1] == '\n';
}

static void compare(const struct ovl_record *want, const struct ovl_record *got, unsigned int n)
{
	const struct record_field *f;

	CHECK_EQ(got->type, want->type);
	CHECK_EQ(got->seq, want->seq);
	CHECK_EQ(got->ts_ns, want->ts_ns);
	for (f = record_fields(want->type); f->name; f++)
		if (!CHECK(field_equal(f, want, got)))
			printf("# %s, sample %u: %s is not read as it was\n",
			       record_type__name(want->type), n, f->name);
}

static void round_trip(const struct ovl_record *rec, unsigned int n)
{
	struct record_reader *reader = record_reader__new();
	struct record_read got;
	size_t len;
	char *line = write_line(rec, &len);

	CHECK(is_harmless(line, len));
	memset(&got, 0xa5, sizeof(got)); /* what the reader does not set is not equal */
	if (CHECK_EQ(record_reader__line(reader, line, len - 1, &got), READ_OK))
		compare(rec, &got.rec, n);
	else
		printf("# %s, sample %u: %s\n", record_type__name(rec->type), n,
		       got.what ? got.what : "no JSON");
	record_reader__free(reader);
	free(line);
}

static void all_types(void)
{
	struct ovl_record rec;
	unsigned int n;
	int type;

	for (type = 0; type < RECORD_TYPES; type++) {
		for (n = 0; record_sample(type, n, &rec); n++)
			round_trip(&rec, n);
		/* full, bare and extreme at least */
		CHECK(n >= 3);
	}
}

enum {
	MANY = 8192,
};

/* Directory and task of record number n of a sequence: some repeat, each member differs once. */
static void vary(struct ovl_record *rec, unsigned int n, char *text)
{
	struct rec_dir *dir = (struct rec_dir *)record__dir(rec);
	struct rec_task *task = (struct rec_task *)record__task(rec);
	unsigned int which = n / 2 % 16;

	/* paths that are remembered, that are too long as text, and that are too long */
	memset(text, which == 9 ? '\1' : 'x', MANY);
	text[0] = '/';
	text[which == 8 ? 255 : which == 9 ? 250 : which == 10 ? 256 : which == 11 ? 4000 : 7] = 0;
	if (dir) {
		memset(dir, 0, sizeof(*dir));
		dir->dev = 40 + (which == 1);
		dir->ino = 2 + (which == 2);
		dir->path = which == 3 ? NULL : text;
		dir->path_in_mount = which == 4;
	}
	if (task) {
		memset(task, 0, sizeof(*task));
		task->pid = 3 + (which == 1);
		task->tid = 4 + (which == 2);
		task->cgroup = 5 + (which == 3);
		task->comm[15] = which == 4 ? 'a' : 'b';
		task->comm[0] = which == 5 ? 'a' : 'b';
		task->cgroup_path = which == 6 ? NULL : text;
	}
}

/* What a record repeats from the one before it is written as if it stood alone. */
static void repeats(void)
{
	static char text[MANY];
	int fd = memfd_create("jsonl_test", 0), type;
	struct sink *sink = sink_jsonl__new(fd);
	char *all, *line, *at;
	struct ovl_record rec;
	size_t len, n;
	unsigned int i;

	for (i = 0; i < 96; i++)
		for (type = 0; type < RECORD_TYPES; type++) {
			record_sample(type, 0, &rec);
			vary(&rec, i, text);
			sink->record(sink, &rec);
		}
	all = at = sink_end(sink, fd, &len);
	for (i = 0; i < 96; i++)
		for (type = 0; type < RECORD_TYPES; type++) {
			record_sample(type, 0, &rec);
			vary(&rec, i, text);
			line = write_line(&rec, &n);
			if (!CHECK(!strncmp(at, line, n)))
				printf("# record %u: %s\n", i, line);
			at += n;
			free(line);
		}
	CHECK_EQ(at - all, len);
	free(all);
}

/* Each field of the registry is written in a sample, and as null where it may be null. */
static void fields_are_written(void)
{
	static const struct {
		const char *name;
		unsigned int kinds;
	} fields[] = {
#define FIELD(place, name, kinds) { #name, kinds },
#include "record/fields.def"
	};
	char *all = strdup(""), name[64];
	struct ovl_record rec;
	size_t i, len, n = 0;
	unsigned int k;
	int type;

	for (type = 0; type < RECORD_TYPES; type++) {
		for (k = 0; record_sample(type, k, &rec); k++) {
			char *line = write_line(&rec, &len);

			all = realloc(all, n + len + 1);
			memcpy(all + n, line, len + 1);
			n += len;
			free(line);
		}
	}
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		snprintf(name, sizeof(name), "\"%s\":", fields[i].name);
		if (!CHECK(strstr(all, name)))
			printf("# %s\n", name);
		snprintf(name, sizeof(name), "\"%s\":null", fields[i].name);
		if (fields[i].kinds & K_NULL && !CHECK(strstr(all, name)))
			printf("# %s\n", name);
	}
	free(all);
}

/* A field that is the same in all samples could be lost without notice. */
static void samples_vary(void)
{
	static struct ovl_record rec, first;
	const struct record_field *f;
	unsigned int n;
	int type;

	for (type = 0; type < RECORD_TYPES; type++) {
		for (f = record_fields(type); f->name; f++) {
			bool varies = f->kind == FIELD_ABSENT;

			for (n = 1; !varies && record_sample(type, n, &rec); n++) {
				record_sample(type, 0, &first);
				/* strings and lists are those of the later call */
				record_sample(type, n, &rec);
				varies = f->kind == FIELD_LIST || !field_equal(f, &first, &rec);
			}
			if (!CHECK(varies || !strcmp(f->name, "schema") ||
				   !strcmp(f->name, "version")))
				printf("# %s: all samples have the same %s\n",
				       record_type__name(type), f->name);
		}
	}
}

/* A table of fields has all bytes of its struct, but for padding. */
static void check_bytes(const char *type, const struct record_field *fields, size_t size)
{
	bool covered[4096] = { false };
	const struct record_field *f;
	size_t i, gap;

	if (!CHECK(size < sizeof(covered)))
		return;
	for (f = fields; f->name; f++) {
		memset(covered + f->at, true, f->size);
		if (f->fields)
			check_bytes(f->name, f->fields, f->element);
	}
	for (i = gap = 0; i <= size; i++) {
		if (i < size && !covered[i]) {
			gap++;
			continue;
		}
		/* padding ends at a boundary, and is shorter than what follows it */
		if (!CHECK(!gap || (gap < 8 && i % 4 == 0)))
			printf("# %s: %zu bytes before %zu are in no field\n", type, gap, i);
		gap = 0;
	}
}

static void fields_are_all(void)
{
	int type;

	for (type = 0; type < RECORD_TYPES; type++)
		check_bytes(record_type__name(type), record_fields(type), record_size(type));
}

enum {
	MAX_PARTS = 256,
	PART_BYTES = 3000,
};

struct parts {
	int fd[MAX_PARTS];
	size_t n, max;
};

static int next_part(void *ctx, const char *head, size_t len)
{
	struct parts *p = ctx;

	if (p->n == p->max)
		return -1;
	p->fd[p->n] = memfd_create("jsonl_test", 0);
	CHECK(write(p->fd[p->n], head, len) == (ssize_t)len);
	return p->fd[p->n++];
}

/* All that was written, without the session record at the start of further parts; to be freed. */
static char *join(const struct parts *p, bool fits)
{
	char *all = strdup(""), *text, *from;
	size_t i, len, n = 0;

	for (i = 0; i < p->n; i++) {
		len = lseek(p->fd[i], 0, SEEK_END);
		text = calloc(1, len + 1);
		CHECK(pread(p->fd[i], text, len, 0) == (ssize_t)len && text[len - 1] == '\n');
		CHECK(!strncmp(text, "{\"type\":\"session\"", 17));
		from = strchr(text, '\n') + 1;
		/* too large only for a single record */
		CHECK(!fits || len <= PART_BYTES || !strchr(from, '\n')[1]);
		from = i ? from : text;
		CHECK(*from);
		all = realloc(all, n + strlen(from) + 1);
		strcpy(all + n, from);
		n += strlen(from);
		free(text);
		close(p->fd[i]);
	}
	return all;
}

/* Sends all samples; returns what is in the parts, or in the only one. */
static char *write_all(struct parts *p, uint64_t bytes, uint64_t tick_every)
{
	const struct jsonl_rotation rotation = { .bytes = bytes, .next = next_part, .ctx = p };
	struct sink *sink = sink_jsonl__new(next_part(p, "", 0));
	struct writer_wait wait = { .signal_fd = -1 };
	struct ovl_record rec, first;
	uint64_t sent = 0;
	unsigned int n;
	int type;

	sink_jsonl__rotate(sink, &rotation);
	record_sample(RECORD_SESSION, 1, &first);
	first.session.part = 0;
	sink->record(sink, &first);
	for (type = RECORD_SESSION + 1; type < RECORD_TYPES; type++) {
		for (n = 0; record_sample(type, n, &rec); n++) {
			sink->record(sink, &rec);
			if (++sent % tick_every == 0)
				CHECK_EQ(sink->tick(sink, NULL, 0), 0);
		}
	}
	CHECK_EQ(sink->tick(sink, NULL, 0), 0);
	CHECK(writer__finish(sink->writer, &wait));
	sink->free(sink);
	return join(p, bytes && p->max == MAX_PARTS);
}

/* No record is lost, split or written twice, wherever a part ends. */
static void rotation(void)
{
	struct parts one = { .max = 1 }, some = { .max = MAX_PARTS };
	char *whole = write_all(&one, 0, 3), *parts;
	uint64_t every;

	CHECK_EQ(one.n, 1);
	for (every = 1; every < 1000; every *= 6) {
		some.n = 0;
		parts = write_all(&some, PART_BYTES, every);
		CHECK(some.n > 5);
		/* only the session differs, which has a number */
		CHECK_STR(strchr(parts, '\n'), strchr(whole, '\n'));
		CHECK(strstr(parts, "\"part\":1,") && !strstr(whole, "\"part\""));
		free(parts);
	}
	/* if another part cannot be made, the last one continues */
	some.n = 0;
	some.max = 2;
	parts = write_all(&some, PART_BYTES, 6);
	CHECK_EQ(some.n, 2);
	CHECK_STR(strchr(parts, '\n'), strchr(whole, '\n'));
	free(parts);
	free(whole);
}

int main(void)
{
	TEST(all_types);
	TEST(repeats);
	TEST(fields_are_written);
	TEST(samples_vary);
	TEST(fields_are_all);
	TEST(rotation);
	return test_done();
}
