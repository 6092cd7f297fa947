// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "doctor/doctor.h"
#include "util/json.h"
#include "util/version.h"

static void coverage_json(struct json *j, const struct doctor *d)
{
	int i;

	json__open(j, "coverage", '{');
	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &d->session.plan.cover[i];

		if (!coverage__reports(i, d->session.plan.merged))
			continue;
		json__open(j, logical_event__name(i), '{');
		json__word(j, "provider", provider__name(doctor__provider(d, i)));
		json__str(j, "target", c->target);
		json__str(j, "evidence", doctor__refused(d, i) ? d->reason : c->evidence);
		if (*c->refused)
			json__str(j, "refused", c->refused);
		json__word(j, "confidence",
			   doctor__provider(d, i) == PROVIDER_NONE ? "none" :
								     coverage__confidence(c));
		json__word(j, "proof", proof_state__name(c->proof));
		if (c->proof != PROOF_NOT_RUN)
			json__str(j, "proof_evidence", c->proof_evidence);
		json__close(j, '}');
	}
	json__close(j, '}');
}

static void answer_json(struct json *j, const char *key, enum tristate a)
{
	if (a == TRISTATE_UNKNOWN)
		json__null(j, key);
	else
		json__bool(j, key, a == TRISTATE_YES);
}

static void number_json(struct json *j, const char *key, int v)
{
	if (v == SYSTEM_UNKNOWN)
		json__null(j, key);
	else
		json__i64(j, key, v);
}

static void system_json(struct json *j, const struct system *sys)
{
	int i;

	json__open(j, "system", '{');
	json__u64(j, "uid", sys->uid);
	json__open(j, "capabilities", '{');
	for (i = 0; i < SYSTEM_CAPS; i++)
		answer_json(j, system_cap__name(i), sys->cap[i]);
	json__close(j, '}');
	answer_json(j, "initial_user_namespace", sys->initial_user_ns);
	answer_json(j, "seccomp_filter", sys->seccomp);
	json__str(j, "lockdown", lockdown__name(sys->lockdown));
	json__str(j, "kprobes", kprobes__name(sys->kprobes));
	number_json(j, "perf_event_paranoid", sys->perf_event_paranoid);
	number_json(j, "kptr_restrict", sys->kptr_restrict);
	number_json(j, "unprivileged_bpf_disabled", sys->unprivileged_bpf_disabled);
	number_json(j, "ftrace_enabled", sys->ftrace_enabled);
	answer_json(j, "btf_vmlinux", sys->btf_vmlinux);
	answer_json(j, "btf_overlay", sys->btf_overlay);
	json__open(j, "config", '{');
	for (i = 0; i < SYSTEM_CONFIGS; i++)
		answer_json(j, system_config__name(i), sys->config[i]);
	json__close(j, '}');
	json__close(j, '}');
}

static void programs_json(struct json *j, const struct doctor *d)
{
	const struct refusals *refused = &d->session.refused;
	size_t i;

	json__open(j, "programs", '{');
	answer_json(j, "loaded", d->programs);
	json__str(j, "why", *d->programs_why ? d->programs_why : NULL);
	json__open(j, "refused", '[');
	for (i = 0; i < refused->n; i++) {
		json__open(j, NULL, '{');
		json__str(j, "what", refused->v[i].what);
		json__str(j, "reason", refused->v[i].reason);
		json__str(j, "remedy", refused->v[i].remedy);
		json__close(j, '}');
	}
	json__close(j, ']');
	json__close(j, '}');
}

static void shortfalls_json(struct json *j, const struct diagnosis *diag)
{
	size_t i;

	json__open(j, "shortfalls", '[');
	for (i = 0; i < diag->n; i++) {
		const struct shortfall *s = &diag->v[i];

		json__open(j, NULL, '{');
		json__word(j, "id", s->id);
		json__bool(j, "blocks", s->blocks);
		json__str(j, "what", s->what);
		json__str(j, "why", s->why);
		json__str(j, "remedy", s->remedy);
		json__close(j, '}');
	}
	json__close(j, ']');
}

static void defects_json(struct json *j, const struct doctor *d)
{
	size_t i;

	json__open(j, "known_defects", '[');
	for (i = 0; i < DEFECTS; i++) {
		json__open(j, NULL, '{');
		json__word(j, "id", defect_defs[i].name);
		json__word(j, "state", defect_state__name(d->defect[i].state));
		json__str(j, "evidence", d->defect[i].evidence);
		json__str(j, "what", defect_defs[i].what);
		json__str(j, "fix", defect_defs[i].fix);
		json__close(j, '}');
	}
	json__close(j, ']');
}

void doctor__write_json(FILE *f, const struct doctor *d)
{
	struct json j = { 0 };

	json__open(&j, NULL, '{');
	json__word(&j, "schema", "ovltrace-doctor/1");
	json__word(&j, "version", OVLTRACE_VERSION);
	json__str(&j, "kernel", d->session.release);
	json__str(&j, "arch", d->session.machine);
	json__bool(&j, "traceable", d->diag.traceable);
	json__str(&j, "reason", d->diag.traceable ? NULL : d->reason);
	json__word(&j, "overlayfs", system_overlay__name(d->sys.overlay));
	json__word(&j, "lock_drop", doctor__lock_drop(d));
	json__str(&j, "lock_drop_evidence", d->planned ? d->session.plan.lock_evidence : NULL);
	json__str(&j, "layout", d->planned ? d->session.plan.layout_evidence : NULL);
	json__bool(&j, "complete", d->diag.complete);
	programs_json(&j, d);
	json__open(&j, "proof", '{');
	json__word(&j, "result", proof_state__name(d->session.proof.result));
	json__str(&j, "why",
		  d->session.proof.result == PROOF_NOT_RUN ? d->session.proof.why : NULL);
	json__u64(&j, "duration_ns", d->session.proof.took_ns);
	json__close(&j, '}');
	coverage_json(&j, d);
	defects_json(&j, d);
	system_json(&j, &d->sys);
	shortfalls_json(&j, &d->diag);
	json__close(&j, '}');
	json__newline(&j);
	fwrite(j.buf, 1, j.len, f);
	json__deinit(&j);
}
