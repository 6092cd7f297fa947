// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this kernel is and what can be seen on it. Attaches nothing, but for --proof.
 */
#include <stdlib.h>

#include "doctor/diagnose.h"
#include "util/json.h"
#include "cmd/options.h"
#include "session/session.h"
#include "doctor/system.h"
#include "util/version.h"
#include "util/exit_status.h"
#include "util/log.h"
#include "probe/kprobe.h"

struct doctor_opts {
	bool json, proof;
};

static const struct option_spec doctor_options[] = {
	{ "json", 0, OPTION_FLAG, NULL, "one JSON object", offsetof(struct doctor_opts, json) },
	{ "proof", 0, OPTION_FLAG, NULL, "prove it, too: attaches for a moment",
	  offsetof(struct doctor_opts, proof) },
	{ 0 },
};

static int doctor_main(const struct command_spec *spec, int argc, char **argv);

const struct command_spec command_doctor = {
	.name = "doctor",
	.synopsis = "[--json] [--proof]",
	.summary = "Says what this kernel is and what can be seen on it.",
	.details = "exit status: 0 all that a verdict needs can be seen, 3 not all of it,\n"
		   "4 this system can't be traced",
	.options = doctor_options,
	.main = doctor_main,
};

struct doctor {
	struct session session;
	struct system sys;
	struct diagnosis diag;
	bool planned; /* the kernel could be looked at */
	char reason[400]; /* why it is not traceable; "" */
};

/* The same proof as run's, and nothing else is traced meanwhile. */
static void prove(struct doctor *d, const struct session_opts *opts)
{
	char why[256];

	if (session__attach(&d->session, opts, why))
		proof__not_run(&d->session.proof, why);
	else
		session__prove(&d->session);
}

static void examine(struct doctor *d, bool proof)
{
	struct session_opts opts = { .wishes.hits = true };
	struct diagnose_input in = { .sys = &d->sys };
	char why[256];

	d->planned = !session__plan(&d->session, &opts);
	if (!d->planned)
		snprintf(d->reason, sizeof(d->reason), "%s; %s", d->session.kernel.why,
			 d->session.kernel.remedy);
	else if (kprobe__check(true, why))
		snprintf(d->reason, sizeof(d->reason), "%s", why);
	if (proof && !*d->reason)
		prove(d, &opts);
	else
		proof__not_run(&d->session.proof, proof ? d->reason : NULL);
	system__read(&d->sys, "", d->session.release);
	in.plan = d->planned ? &d->session.plan : NULL;
	in.refusal = *d->reason ? d->reason : NULL;
	diagnose(&d->diag, &in);
}

static const char *lock_drop(const struct doctor *d)
{
	return d->planned ? lock_drop__name(d->session.plan.lock_drop) : "unknown";
}

/* Where no probe can be had, only what the code itself says is left. */
static enum provider provider(const struct doctor *d, int ev)
{
	enum provider p = d->session.plan.cover[ev].provider;

	return d->diag.traceable || p == PROVIDER_CODE ? p : PROVIDER_NONE;
}

static bool refused(const struct doctor *d, int ev)
{
	return !d->planned || provider(d, ev) != d->session.plan.cover[ev].provider;
}

static void coverage_json(struct json *j, const struct doctor *d)
{
	int i;

	json__open(j, "coverage", '{');
	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &d->session.plan.cover[i];

		if (!coverage__reports(i, d->session.plan.merged))
			continue;
		json__open(j, logical_event__name(i), '{');
		json__word(j, "provider", provider__name(provider(d, i)));
		json__str(j, "target", c->target);
		json__str(j, "evidence", refused(d, i) ? d->reason : c->evidence);
		json__word(j, "confidence",
			   provider(d, i) == PROVIDER_NONE ? "none" : coverage__confidence(c));
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

static void print_json(const struct doctor *d)
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
	json__word(&j, "lock_drop", lock_drop(d));
	json__str(&j, "lock_drop_evidence", d->planned ? d->session.plan.lock_evidence : NULL);
	json__str(&j, "layout", d->planned ? d->session.plan.layout_evidence : NULL);
	json__bool(&j, "complete", d->diag.complete);
	json__open(&j, "proof", '{');
	json__word(&j, "result", proof_state__name(d->session.proof.result));
	json__str(&j, "why",
		  d->session.proof.result == PROOF_NOT_RUN ? d->session.proof.why : NULL);
	json__u64(&j, "duration_ns", d->session.proof.took_ns);
	json__close(&j, '}');
	coverage_json(&j, d);
	system_json(&j, &d->sys);
	shortfalls_json(&j, &d->diag);
	json__close(&j, '}');
	json__newline(&j);
	fwrite(j.buf, 1, j.len, stdout);
	json__deinit(&j);
}

static const char *number(int v, char buf[16])
{
	if (v == SYSTEM_UNKNOWN)
		return "unknown";
	snprintf(buf, 16, "%d", v);
	return buf;
}

static const char *word(const char *name)
{
	return name ? name : "unknown";
}

static void print_system(const struct system *sys)
{
	static const char *const btf[] = { "unknown", "no", "yes" };
	char a[16], b[16];
	int i, n = 0;

	printf("overlayfs   %s\n", system_overlay__name(sys->overlay));
	printf("BTF         kernel %s%s%s\n", btf[sys->btf_vmlinux],
	       sys->overlay == OVERLAY_MODULE ? ", overlay " : "",
	       sys->overlay == OVERLAY_MODULE ? btf[sys->btf_overlay] : "");
	printf("kprobes     %s\n", word(kprobes__name(sys->kprobes)));
	printf("privileges  uid %d:", sys->uid);
	for (i = 0; i < SYSTEM_CAPS; i++)
		if (sys->cap[i] == TRISTATE_YES && ++n)
			printf(" %s", system_cap__name(i));
	printf("%s\n", n ? "" : " no capability of those that matter");
	printf("settings    lockdown %s, perf_event_paranoid %s, kptr_restrict %s\n",
	       word(lockdown__name(sys->lockdown)), number(sys->perf_event_paranoid, a),
	       number(sys->kptr_restrict, b));
}

static void print_coverage(const struct doctor *d)
{
	int i;

	puts("\nevent            provider           target and evidence");
	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &d->session.plan.cover[i];

		if (!coverage__reports(i, d->session.plan.merged))
			continue;
		printf("%-16s %-18s %s\n", logical_event__name(i), provider__name(provider(d, i)),
		       refused(d, i) ? "not traceable" : c->target);
		if (!refused(d, i))
			printf("%35s %s\n", "", c->evidence);
		if (c->proof != PROOF_NOT_RUN)
			printf("%35s %s: %s\n", "", proof_state__name(c->proof), c->proof_evidence);
	}
}

static void print_text(const struct doctor *d)
{
	size_t i;

	printf("kernel      %s %s\n", d->session.release, d->session.machine);
	printf("traceable   %s\n", !d->diag.traceable ? "no" :
				   d->diag.complete   ? "yes" :
							"in part");
	printf("lock drop   %s\n", lock_drop(d));
	if (d->planned)
		printf("            %s\nlayout      %s\n", d->session.plan.lock_evidence,
		       d->session.plan.layout_evidence);
	print_system(&d->sys);
	if (d->session.proof.asked)
		printf("proof       %s%s%s\n", proof_state__name(d->session.proof.result),
		       *d->session.proof.why ? ": " : "", d->session.proof.why);
	if (d->planned)
		print_coverage(d);
	for (i = 0; i < d->diag.n; i++) {
		const struct shortfall *s = &d->diag.v[i];

		printf("\n%s: %s\n  why: %s\n  fix: %s\n",
		       s->blocks ? "not traceable" : "reduced coverage", s->what, s->why,
		       s->remedy);
	}
}

static int doctor_main(const struct command_spec *spec, int argc, char **argv)
{
	struct doctor_opts opts = { 0 };
	struct doctor *d;
	int first, status;

	first = options__parse(spec, argc, argv, &opts);
	if (first < 0)
		return -1 - first;
	if (first < argc) {
		complain("argument '%s': doctor takes none", quoted(argv[first]));
		return EXIT_USAGE;
	}
	d = calloc(1, sizeof(*d));
	if (!d) {
		complain("out of memory");
		return EXIT_USAGE;
	}
	examine(d, opts.proof);
	if (opts.json)
		print_json(d);
	else
		print_text(d);
	status = !d->diag.traceable ? EXIT_UNTRACEABLE :
		 d->diag.complete   ? EXIT_CLEAN :
				      EXIT_INCONCLUSIVE;
	session__deinit(&d->session);
	free(d);
	return status;
}
