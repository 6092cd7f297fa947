// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "doctor/doctor.h"

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

static void write_system(FILE *f, const struct system *sys)
{
	static const char *const btf[] = { "unknown", "no", "yes" };
	char a[16], b[16];
	int i, n = 0;

	fprintf(f, "overlayfs   %s\n", system_overlay__name(sys->overlay));
	fprintf(f, "BTF         kernel %s%s%s\n", btf[sys->btf_vmlinux],
		sys->overlay == OVERLAY_MODULE ? ", overlay " : "",
		sys->overlay == OVERLAY_MODULE ? btf[sys->btf_overlay] : "");
	fprintf(f, "kprobes     %s\n", word(kprobes__name(sys->kprobes)));
	fprintf(f, "privileges  uid %d:", sys->uid);
	for (i = 0; i < SYSTEM_CAPS; i++)
		if (sys->cap[i] == TRISTATE_YES && ++n)
			fprintf(f, " %s", system_cap__name(i));
	fprintf(f, "%s\n", n ? "" : " no capability of those that matter");
	fprintf(f, "settings    lockdown %s, perf_event_paranoid %s, kptr_restrict %s\n",
		word(lockdown__name(sys->lockdown)), number(sys->perf_event_paranoid, a),
		number(sys->kptr_restrict, b));
}

static void write_coverage(FILE *f, const struct doctor *d)
{
	int i;

	fputs("\nevent            provider           target and evidence\n", f);
	for (i = 0; i < EVENTS; i++) {
		const struct coverage *c = &d->session.plan.cover[i];

		if (!coverage__reports(i, d->session.plan.merged))
			continue;
		fprintf(f, "%-16s %-18s %s\n", logical_event__name(i),
			provider__name(doctor__provider(d, i)),
			doctor__refused(d, i) ? "not traceable" : c->target);
		if (!doctor__refused(d, i))
			fprintf(f, "%35s %s\n", "", c->evidence);
		if (*c->refused)
			fprintf(f, "%35s refused: %s\n", "", c->refused);
		if (c->proof != PROOF_NOT_RUN)
			fprintf(f, "%35s %s: %s\n", "", proof_state__name(c->proof),
				c->proof_evidence);
	}
}

static void write_defects(FILE *f, const struct doctor *d)
{
	size_t i;

	fputs("\nknown defects, by the code of this kernel:\n", f);
	for (i = 0; i < DEFECTS; i++) {
		fprintf(f, "%-23s %s: %s\n", defect_defs[i].name,
			defect_state__name(d->defect[i].state), d->defect[i].evidence);
		if (d->defect[i].state == DEFECT_IS_THERE)
			fprintf(f, "%23s %s\n%23s fixed by: %s\n", "", defect_defs[i].what, "",
				defect_defs[i].fix ? defect_defs[i].fix : "no released kernel yet");
	}
}

/* What the reader came for. */
static void write_answer(FILE *f, const struct doctor *d)
{
	size_t i, n = 0, unknown = 0;

	fputs(!d->diag.traceable ? "this system cannot be traced" :
	      d->diag.complete	 ? "this system can be traced completely" :
				   "this system can be traced in part",
	      f);
	fputs(d->diag.n ? ", see the end for what to do; " : "; ", f);
	for (i = 0; i < DEFECTS; i++) {
		unknown += d->defect[i].state == DEFECT_IS_UNKNOWN;
		if (d->defect[i].state == DEFECT_IS_THERE)
			fprintf(f, "%s%s", n++ ? ", " : "its overlayfs has known defects: ",
				defect_defs[i].name);
	}
	if (!n)
		fputs(unknown ? "whether its overlayfs has known defects is not certain" :
				"its overlayfs has none of the known defects",
		      f);
	fputs("\n\n", f);
}

void doctor__write_text(FILE *f, const struct doctor *d)
{
	size_t i;

	write_answer(f, d);
	fprintf(f, "kernel      %s %s\n", d->session.release, d->session.machine);
	fprintf(f, "traceable   %s\n",
		!d->diag.traceable ? "no" :
		d->diag.complete   ? "yes" :
				     "in part");
	fprintf(f, "lock drop   %s\n", doctor__lock_drop(d));
	if (d->planned)
		fprintf(f, "            %s\nlayout      %s\n", d->session.plan.lock_evidence,
			d->session.plan.layout_evidence);
	write_system(f, &d->sys);
	fprintf(f, "programs    %s\n",
		d->programs == TRISTATE_YES ? "all that the plan needs can be loaded" :
					      d->programs_why);
	if (d->session.proof.asked)
		fprintf(f, "proof       %s%s%s\n", proof_state__name(d->session.proof.result),
			*d->session.proof.why ? ": " : "", d->session.proof.why);
	if (d->planned)
		write_coverage(f, d);
	write_defects(f, d);
	for (i = 0; i < d->diag.n; i++) {
		const struct shortfall *s = &d->diag.v[i];

		fprintf(f, "\n%s: %s\n  why: %s\n  fix: %s\n",
			s->blocks ? "not traceable" : "reduced coverage", s->what, s->why,
			s->remedy);
	}
}
