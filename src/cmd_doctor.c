// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this kernel is and what can be seen on it. Attaches nothing, but for --proof.
 */
#include <stdlib.h>

#include "json.h"
#include "options.h"
#include "session.h"

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

struct diagnosis {
	struct session session;
	bool planned; /* the kernel could be looked at */
	bool traceable;
	bool complete;
	char reason[400]; /* why it is not traceable; "" */
};

/* The same proof as run's, and nothing else is traced meanwhile. */
static void prove(struct diagnosis *d, const struct session_opts *opts)
{
	char why[256];

	if (session__attach(&d->session, opts, why))
		proof__not_run(&d->session.proof, why);
	else
		session__prove(&d->session);
}

static void diagnose(struct diagnosis *d, bool proof)
{
	struct session_opts opts = { .hits = true };
	enum plan_event missing;
	char why[256];

	if (session__plan(&d->session, &opts)) {
		snprintf(d->reason, sizeof(d->reason), "%s; %s", d->session.kernel.why,
			 d->session.kernel.remedy);
		return;
	}
	d->planned = true;
	if (attach__possible(why))
		snprintf(d->reason, sizeof(d->reason), "%s", why);
	else
		d->traceable = true;
	if (proof && d->traceable)
		prove(d, &opts);
	else
		proof__not_run(&d->session.proof, proof ? d->reason : NULL);
	d->complete = plan__complete(&d->session.plan, &missing) && d->traceable;
}

static const char *overlayfs(const struct diagnosis *d)
{
	if (!d->planned)
		return "unknown";
	return d->session.kernel.ks.module ? "module" : "builtin";
}

static const char *lock_drop(const struct diagnosis *d)
{
	return d->planned ? plan__lock_drop_name(&d->session.plan) : "unknown";
}

/* Where no probe can be had, only what the code itself says is left. */
static enum plan_provider provider(const struct diagnosis *d, int ev)
{
	enum plan_provider p = d->session.plan.cover[ev].provider;

	return d->traceable || p == PLAN_CODE ? p : PLAN_NONE;
}

static const char *evidence(const struct diagnosis *d, int ev)
{
	bool refused = !d->planned || provider(d, ev) != d->session.plan.cover[ev].provider;

	return refused ? d->reason : d->session.plan.cover[ev].evidence;
}

static void coverage_json(struct json *j, const struct diagnosis *d)
{
	int i;

	json__open(j, "coverage", '{');
	for (i = 0; i < PLAN_EVENTS; i++) {
		const struct plan_coverage *c = &d->session.plan.cover[i];

		json__open(j, plan_event__name(i), '{');
		json__word(j, "provider", plan_provider__name(provider(d, i)));
		json__str(j, "target", c->target);
		json__str(j, "evidence", evidence(d, i));
		json__word(j, "confidence", provider(d, i) == PLAN_NONE ? "none" :
						    plan_coverage__confidence(c));
		json__word(j, "proof", plan_proof__name(c->proof));
		if (c->proof != PLAN_NOT_PROVED)
			json__str(j, "proof_evidence", c->proof_evidence);
		json__close(j, '}');
	}
	json__close(j, '}');
}

static void print_json(const struct diagnosis *d)
{
	struct json j = { 0 };

	json__open(&j, NULL, '{');
	json__str(&j, "kernel", d->session.release);
	json__str(&j, "arch", d->session.machine);
	json__bool(&j, "traceable", d->traceable);
	json__str(&j, "reason", d->traceable ? NULL : d->reason);
	json__word(&j, "overlayfs", overlayfs(d));
	json__word(&j, "lock_drop", lock_drop(d));
	json__str(&j, "lock_drop_evidence", d->planned ? d->session.plan.lock_evidence : NULL);
	json__str(&j, "layout", d->planned ? d->session.plan.layout_evidence : NULL);
	json__bool(&j, "complete", d->complete);
	json__open(&j, "proof", '{');
	json__word(&j, "result", plan_proof__name(d->session.proof.result));
	json__str(&j, "why", d->session.proof.result == PLAN_NOT_PROVED ? d->session.proof.why : NULL);
	json__u64(&j, "duration_ns", d->session.proof.took_ns);
	json__close(&j, '}');
	coverage_json(&j, d);
	json__close(&j, '}');
	json__newline(&j);
	fwrite(j.buf, 1, j.len, stdout);
	json__deinit(&j);
}

static void print_text(const struct diagnosis *d)
{
	const struct plan *plan = &d->session.plan;
	int i;

	printf("kernel      %s %s\n", d->session.release, d->session.machine);
	printf("traceable   %s%s%s\n", d->traceable ? "yes" : "no", d->traceable ? "" : ": ",
	       d->reason);
	printf("overlayfs   %s\n", overlayfs(d));
	printf("lock drop   %s\n", lock_drop(d));
	if (!d->planned)
		return;
	printf("            %s\n", plan->lock_evidence);
	printf("layout      %s\n", plan->layout_evidence);
	if (d->session.proof.asked)
		printf("proof       %s%s%s\n", plan_proof__name(d->session.proof.result),
		       *d->session.proof.why ? ": " : "", d->session.proof.why);
	puts("\nevent            provider           target");
	for (i = 0; i < PLAN_EVENTS; i++) {
		const struct plan_coverage *c = &plan->cover[i];

		printf("%-16s %-18s %s\n", plan_event__name(i), plan_provider__name(provider(d, i)),
		       c->target);
		printf("%35s %s\n", "", evidence(d, i));
		if (c->proof != PLAN_NOT_PROVED)
			printf("%35s %s: %s\n", "", plan_proof__name(c->proof), c->proof_evidence);
	}
}

static int doctor_main(const struct command_spec *spec, int argc, char **argv)
{
	struct doctor_opts opts = { 0 };
	struct diagnosis *d;
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
	diagnose(d, opts.proof);
	if (opts.json)
		print_json(d);
	else
		print_text(d);
	status = !d->traceable ? EXIT_UNTRACEABLE : d->complete ? EXIT_CLEAN : EXIT_INCONCLUSIVE;
	session__deinit(&d->session);
	free(d);
	return status;
}
