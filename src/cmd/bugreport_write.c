// SPDX-License-Identifier: GPL-2.0-only
/* What is in the archive, and what is missing, in two forms. */
#include <string.h>
#include <sys/utsname.h>

#include "cmd/bugreport.h"
#include "util/json.h"
#include "util/text.h"
#include "util/version.h"

static void part_json(struct json *j, const struct bugreport_part *p)
{
	json__open(j, NULL, '{');
	json__str(j, "file", p->file.name);
	if (p->command[0]) {
		json__str(j, "command", p->command);
		json__i64(j, "status", p->status);
	}
	json__u64(j, "bytes", p->file.len);
	json__str(j, "missing", p->missing[0] ? p->missing : NULL);
	json__str(j, "remark", p->remark[0] ? p->remark : NULL);
	json__close(j, '}');
}

void bugreport__write_json(FILE *f, const struct bugreport *b)
{
	struct json j = { 0 };
	struct utsname un;
	size_t i;

	uname(&un);
	json__open(&j, NULL, '{');
	json__word(&j, "schema", "ovltrace-bugreport/1");
	json__str(&j, "version", OVLTRACE_VERSION);
	json__str(&j, "kernel", un.release);
	json__str(&j, "kernel_build", un.version);
	json__str(&j, "arch", un.machine);
	json__u64(&j, "created_realtime_ns", b->created_realtime_ns);
	json__bool(&j, "paths", !b->opts.no_paths);
	json__open(&j, "parts", '[');
	for (i = 0; i < b->n; i++)
		part_json(&j, &b->part[i]);
	json__close(&j, ']');
	json__close(&j, '}');
	json__newline(&j);
	if (!j.failed)
		fwrite(j.buf, 1, j.len, f);
	json__deinit(&j);
}

static void part_text(FILE *f, const struct bugreport_part *p)
{
	const char *more = p->missing[0] ? p->missing : p->remark;

	fprintf(f, "  %-20s ", p->file.name);
	if (p->missing[0])
		fputs("missing", f);
	else
		fprintf(f, "%zu bytes", p->file.len);
	if (p->command[0] && (p->status || !p->missing[0]))
		fprintf(f, ", exit status %d", p->status);
	if (*more)
		fputs(": ", f);
	text__message(f, more, strlen(more));
	fputc('\n', f);
}

void bugreport__write_text(FILE *f, const struct bugreport *b, const char *archive)
{
	size_t missing = bugreport__missing(b), i;
	struct utsname un;

	uname(&un);
	if (archive) {
		text__message(f, archive, strlen(archive));
		fputs(" is written: ", f);
	}
	if (missing)
		fprintf(f, "bug report with %zu of %zu parts, %zu missing\n", b->n - missing, b->n,
			missing);
	else
		fprintf(f, "bug report with all %zu parts\n", b->n);
	fprintf(f, "  ovltrace %s, kernel %s %s, %s\n", OVLTRACE_VERSION, un.release, un.machine,
		un.version);
	for (i = 0; i < b->n; i++)
		part_text(f, &b->part[i]);
	if (!archive)
		return;
	if (b->opts.no_paths)
		fputs("  without paths; it still has names of tasks and numbers of inodes\n", f);
	else
		fputs("  with paths and names of files: read it before you pass it on, or use "
		      "--no-paths\n",
		      f);
	fputs("  'ovltrace report FILE' shows it\n", f);
}
