// SPDX-License-Identifier: GPL-2.0-only
/* One JSON object, "ovltrace-check/1": docs/check.md says what is in it. */
#include "check/check.h"

#include <string.h>

#include "util/json.h"
#include "util/exit_status.h"

static const char *state_name(enum check_state state)
{
	return state == CHECK_OK ? "ok" : state == CHECK_FAIL ? "not ok" : "skip";
}

static const char *verdict_of(int status)
{
	return status == EXIT_CLEAN	  ? "clean" :
	       status == EXIT_FINDINGS	  ? "findings" :
	       status == EXIT_UNTRACEABLE ? "untraceable" :
					    "inconclusive";
}

static void lines(struct json *j, const char *key, const char *text)
{
	json__open(j, key, '[');
	while (text && *text) {
		size_t n = strcspn(text, "\n");

		json__bytes(j, NULL, text, n);
		text += n + (text[n] == '\n');
	}
	json__close(j, ']');
}

static void findings(struct json *j, const struct check_report *r, enum check_id id)
{
	const struct check_finding *fd;

	json__open(j, "findings", '[');
	for (fd = r->findings; fd; fd = fd->next) {
		if (fd->id != id)
			continue;
		json__open(j, NULL, '{');
		json__word(j, "scenario", r->subject[fd->subject].name);
		json__str(j, "text", fd->text);
		lines(j, "timeline", fd->story);
		json__close(j, '}');
	}
	json__close(j, ']');
}

static void result(struct json *j, const struct check_report *r, enum check_id id)
{
	const struct check_result *res = &r->result[id];
	size_t i;

	json__open(j, NULL, '{');
	json__word(j, "name", check_id__name(id));
	json__word(j, "result", state_name(res->state));
	json__str(j, "todo", res->todo ? CHECK_TODO : NULL);
	json__str(j, "why", *res->why ? res->why : NULL);
	json__str(j, "note", *res->note ? res->note : NULL);
	json__u64(j, "count", res->count);
	json__open(j, "scenarios", '[');
	for (i = 0; i < r->nsubjects; i++) {
		if (!res->sub[i].used)
			continue;
		json__open(j, NULL, '{');
		json__word(j, "name", r->subject[i].name);
		json__word(j, "result", state_name(res->sub[i].state));
		json__str(j, "why", *res->sub[i].why ? res->sub[i].why : NULL);
		json__close(j, '}');
	}
	json__close(j, ']');
	findings(j, r, id);
	json__close(j, '}');
}

static void scenario(struct json *j, const struct check_report *r, size_t i)
{
	const struct scenario_state *st = &r->facts->state[i];

	json__open(j, NULL, '{');
	json__word(j, "name", r->subject[i].name);
	json__str(j, "property", r->subject[i].property);
	json__str(j, "end", scenario_phase__text(st->phase));
	json__u64(j, "duration_ns", st->ran_ns);
	json__u64(j, "rebuilds", r->facts->rebuilds[i]);
	json__u64(j, "listings", st->listings);
	json__u64(j, "getdents", st->calls);
	json__u64(j, "modifications", st->modifications);
	json__u64(j, "verified", st->verified);
	json__u64(j, "entries", st->entries);
	json__u64(j, "wrong_ino", st->wrong_ino + st->unflagged);
	json__u64(j, "wrong_names", st->wrong_names);
	json__u64(j, "errors", st->errors);
	if (scenarios[i].explores) {
		json__u64(j, "covered", st->covered);
		if (st->of)
			json__u64(j, "of", st->of);
		else
			json__null(j, "of");
	}
	json__close(j, '}');
}

void check_json__write(FILE *f, const struct check_report *r)
{
	struct json j = { 0 };
	size_t i;
	int id;

	json__open(&j, NULL, '{');
	json__word(&j, "schema", "ovltrace-check/1");
	json__str(&j, "version", r->version);
	json__str(&j, "kernel", r->kernel);
	json__str(&j, "arch", r->arch);
	json__u64(&j, "seed", r->seed);
	json__u64(&j, "duration_ns", (uint64_t)(r->seconds * 1e9));
	json__str(&j, "widen", *r->widen ? r->widen : NULL);
	json__word(&j, "verdict", verdict_of(r->status));
	json__u64(&j, "status", r->status);
	json__open(&j, "results", '[');
	for (id = 0; id < CHECK_RESULTS; id++)
		result(&j, r, id);
	json__close(&j, ']');
	json__open(&j, "scenarios", '[');
	for (i = 0; r->facts && i < r->nsubjects; i++)
		if (r->facts->selected[i])
			scenario(&j, r, i);
	json__close(&j, ']');
	if (r->explored)
		explore_json__write(&j, r->explored);
	json__close(&j, '}');
	json__newline(&j);
	fwrite(j.buf, 1, j.len, f);
	json__deinit(&j);
}
