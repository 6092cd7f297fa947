// SPDX-License-Identifier: GPL-2.0-only
/* What was observed, and what the results of `check` have in common. Pure. */
#include "check/judge.h"

#include <inttypes.h>
#include <stdarg.h>

#define SET_TEXT(buf, ...) judge__set_text(buf, sizeof(buf), __VA_ARGS__)

size_t judge__set_text(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	/* truncation is harmless: the text ends at the NUL */
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

void judge__set_sub(struct check_result *r, size_t i, enum check_state state, const char *why)
{
	r->sub[i].used = true;
	r->sub[i].state = state;
	SET_TEXT(r->sub[i].why, "%s", why);
}

void judge__combine(struct check_result *r)
{
	bool ok = false, any = false;
	size_t i;

	r->state = CHECK_SKIP;
	for (i = 0; i < nscenarios; i++) {
		if (!r->sub[i].used)
			continue;
		any = true;
		if (r->sub[i].state == CHECK_FAIL && r->state != CHECK_FAIL) {
			r->state = CHECK_FAIL;
			SET_TEXT(r->why, "%.60s: %.440s", scenarios[i].name, r->sub[i].why);
		}
		ok |= r->sub[i].state == CHECK_OK;
	}
	if (r->state == CHECK_FAIL)
		return;
	if (ok)
		r->state = CHECK_OK;
	else if (!*r->why)
		SET_TEXT(r->why, "%s",
			 any ? "no scenario could look for it" :
			       "no selected scenario looks for it");
	r->vital |= any;
}

bool judge__is_realized(const struct check_facts *f, size_t i)
{
	return !f->traced ||
	       (f->windows[i] >= f->state[i].windows_due && f->mods[i] >= f->state[i].mods_due);
}

/* How far a scenario that explores came. False: it is judged as all others. */
static bool cover_scopes(const struct check_facts *f, struct check_result *r, size_t i)
{
	const struct scenario_state *st = &f->state[i];
	struct check_sub *sub = &r->sub[i];
	size_t n;

	if (st->phase != SCENARIO_DONE && st->phase != SCENARIO_NOT_RUN)
		return false;
	if (scenarios[i].merged && f->hazard == TRISTATE_YES)
		return false;
	if (st->idle || !st->covered) {
		judge__set_sub(r, i, CHECK_SKIP, *st->why ? st->why : "no time was left for it");
		return true;
	}
	judge__set_sub(r, i, CHECK_OK, "");
	if (st->of)
		n = SET_TEXT(sub->why, "%" PRIu64 " of %" PRIu64 " %s", st->covered, st->of,
			     scenarios[i].explores);
	else
		n = SET_TEXT(sub->why, "%" PRIu64 " %s, of more: the time was over", st->covered,
			     scenarios[i].explores);
	if (st->of > st->covered)
		n += judge__set_text(sub->why + n, sizeof(sub->why) - n, ": the time was over");
	if (!judge__is_realized(f, i))
		n += judge__set_text(sub->why + n, sizeof(sub->why) - n, "; " JUDGE_UNREALIZED);
	if (*st->why)
		judge__set_text(sub->why + n, sizeof(sub->why) - n, "; %s", st->why);
	return true;
}

void judge__coverage(const struct check_facts *f, struct check_result *r)
{
	bool ready = true;
	size_t i;

	r->state = CHECK_OK;
	r->vital = true;
	for (i = 0; i < nscenarios; i++) {
		const struct scenario_state *st = &f->state[i];

		if (!f->selected[i])
			continue;
		if (scenarios[i].explores && cover_scopes(f, r, i))
			continue;
		if (st->phase == SCENARIO_DONE && !st->errors) {
			judge__set_sub(r, i, CHECK_OK, "");
			continue;
		}
		judge__set_sub(r, i, CHECK_FAIL, scenario_phase__text(st->phase));
		if (st->phase == SCENARIO_UNFIT || st->errors)
			SET_TEXT(r->sub[i].why, "%s", st->why);
		else if (st->phase == SCENARIO_NOT_RUN && scenarios[i].merged &&
			 f->hazard == TRISTATE_YES)
			SET_TEXT(r->sub[i].why, "not run: it would hang, see lock_hazard");
		ready = false;
	}
	if (f->timed_out) {
		r->state = CHECK_FAIL;
		SET_TEXT(r->why, "the tracer itself did not end in time; -d gives it more");
	} else if (!f->traced) {
		r->state = CHECK_SKIP;
		SET_TEXT(r->why, "this system cannot be traced: %.440s", f->untraced);
	} else if (!f->complete) {
		r->state = CHECK_FAIL;
		SET_TEXT(r->why, "%s", f->gap);
	} else if (*f->inconsistencies) {
		r->state = CHECK_FAIL;
		SET_TEXT(r->why, "a cross-check failed: %.480s", f->inconsistencies);
	} else if (!ready) {
		judge__combine(r);
	}
}
