// SPDX-License-Identifier: GPL-2.0-only
/* What is missing, and what fixes it. */
#include <stdlib.h>

#include "doctor/diagnose.h"
#include "kern.h"
#include "test.h"

/* A machine that lacks nothing. */
static const struct system good = {
	.machine = "x86_64",
	.cap = { TRISTATE_YES, TRISTATE_YES, TRISTATE_YES, TRISTATE_YES },
	.initial_user_ns = TRISTATE_YES,
	.seccomp = TRISTATE_NO,
	.lockdown = LOCKDOWN_NONE,
	.kprobes = KPROBES_ON,
	.overlay = OVERLAY_MODULE,
	.perf_event_paranoid = 2,
	.kptr_restrict = 1,
	.unprivileged_bpf_disabled = 2,
	.ftrace_enabled = 1,
	.btf_vmlinux = TRISTATE_YES,
	.btf_overlay = TRISTATE_YES,
	.config = { TRISTATE_YES, TRISTATE_YES, TRISTATE_YES, TRISTATE_YES, TRISTATE_YES },
};

static struct kern *k;
static struct plan *plan;

/* the shortfalls, as "id id(less)" */
static const char *ids(const struct diagnosis *d)
{
	static char text[1024];
	size_t i, n = 0;

	text[0] = 0;
	for (i = 0; i < d->n; i++) {
		const struct shortfall *s = &d->v[i];

		n += snprintf(text + n, sizeof(text) - n, "%s%s%s", i ? " " : "", s->id,
			      s->blocks ? "" : "(less)");
		CHECK(s->what[0] && s->why[0] && s->remedy[0]);
	}
	return text;
}

static const struct diagnosis *of(const struct system *sys, bool planned, const char *refusal)
{
	static struct diagnosis d;
	struct diagnose_input in = { sys, planned ? plan : NULL, refusal, NULL };

	diagnose(&d, &in);
	CHECK_EQ(d.traceable, planned && !refusal);
	CHECK(d.traceable || !d.complete);
	return &d;
}

/* It prevents a trace, and the shortfalls are `want`. */
static const struct diagnosis *refused(const struct system *sys, const char *want)
{
	const struct diagnosis *d = of(sys, false, "refused");

	CHECK_STR(ids(d), want);
	return d;
}

static void nothing_short(void)
{
	const struct diagnosis *d = of(&good, true, NULL);

	CHECK_STR(ids(d), "");
	CHECK(d->complete);
}

/* Where tracing works, suspicious settings are not reported. */
static void no_false_alarm(void)
{
	struct system s = good;

	s.lockdown = LOCKDOWN_CONFIDENTIALITY;
	s.seccomp = TRISTATE_YES;
	s.initial_user_ns = TRISTATE_NO;
	s.kptr_restrict = 2;
	s.overlay = OVERLAY_ABSENT;
	CHECK_STR(ids(of(&s, true, NULL)), "");
}

static void unknown_is_no_cause(void)
{
	struct system s = { .machine = "x86_64" };
	const struct diagnosis *d;

	s.perf_event_paranoid = s.kptr_restrict = s.ftrace_enabled = SYSTEM_UNKNOWN;
	d = of(&s, false, "an unknown refusal");
	CHECK_STR(ids(d), "other");
	CHECK_STR(d->v[0].what, "an unknown refusal");
	CHECK(d->v[0].blocks);
}

static void privileges(void)
{
	struct system s = good;
	const struct diagnosis *d;

	s.uid = 1000;
	memset(s.cap, 0, sizeof(s.cap));
	s.cap[SYSTEM_CAP_BPF] = s.cap[SYSTEM_CAP_PERFMON] = s.cap[SYSTEM_CAP_SYSLOG] =
		s.cap[SYSTEM_CAP_SYS_ADMIN] = TRISTATE_NO;
	d = refused(&s, "privilege privilege_types(less)");
	CHECK_STR(d->v[0].what, "capabilities are missing: CAP_BPF, CAP_PERFMON, CAP_SYSLOG");
	CHECK_STR(d->v[0].remedy, "run it as root: sudo ovltrace run");
	s.uid = 0;
	d = refused(&s, "privilege privilege_types(less)");
	CHECK_STR(d->v[0].remedy, "grant them to root here, in a container with "
				  "--cap-add=BPF --cap-add=PERFMON --cap-add=SYSLOG");
	/* addresses are shown to everybody */
	s.kptr_restrict = 0;
	s.perf_event_paranoid = 1;
	d = refused(&s, "privilege privilege_types(less)");
	CHECK_STR(d->v[0].what, "capabilities are missing: CAP_BPF, CAP_PERFMON");
	s.cap[SYSTEM_CAP_PERFMON] = TRISTATE_YES;
	CHECK_STR(refused(&s, "privilege privilege_types(less)")->v[0].what,
		  "a capability is missing: CAP_BPF");
	/* the older one stands for both */
	s.cap[SYSTEM_CAP_SYS_ADMIN] = TRISTATE_YES;
	s.cap[SYSTEM_CAP_PERFMON] = TRISTATE_NO;
	refused(&s, "other");
	/* it is the types of a module that need it */
	s = good;
	s.cap[SYSTEM_CAP_SYS_ADMIN] = TRISTATE_NO;
	CHECK_STR(ids(of(&s, true, NULL)), "privilege_types(less)");
	s.overlay = OVERLAY_BUILTIN;
	CHECK_STR(ids(of(&s, true, NULL)), "");
}

static void settings(void)
{
	struct system s = good;

	s.kptr_restrict = 2;
	CHECK_STR(refused(&s, "kptr_restrict")->v[0].remedy, "sysctl kernel.kptr_restrict=1");
	s = good;
	s.lockdown = LOCKDOWN_INTEGRITY;
	refused(&s, "other");
	s.lockdown = LOCKDOWN_CONFIDENTIALITY;
	refused(&s, "lockdown");
	s = good;
	s.ftrace_enabled = 0;
	CHECK_STR(refused(&s, "ftrace_enabled")->v[0].remedy, "sysctl kernel.ftrace_enabled=1");
	/* Debian's third level asks for CAP_SYS_ADMIN; without CAP_PERFMON it is not the cause */
	s = good;
	s.perf_event_paranoid = 3;
	refused(&s, "other");
	s.cap[SYSTEM_CAP_SYS_ADMIN] = TRISTATE_NO;
	refused(&s, "perf_event_paranoid privilege_types(less)");
	s.cap[SYSTEM_CAP_PERFMON] = TRISTATE_NO;
	refused(&s, "privilege privilege_types(less)");
}

static void kernels(void)
{
	struct system s = good;

	s.kprobes = KPROBES_ABSENT;
	refused(&s, "kprobes");
	s.kprobes = KPROBES_OFF;
	refused(&s, "kprobes_off");
	s = good;
	s.btf_vmlinux = TRISTATE_NO;
	refused(&s, "btf");
	s = good;
	s.config[CONFIG_HAS_BPF] = TRISTATE_NO;
	refused(&s, "bpf");
	s = good;
	strcpy(s.machine, "riscv64");
	refused(&s, "arch");
	s = good;
	s.overlay = OVERLAY_ABSENT;
	CHECK_STR(refused(&s, "overlayfs")->v[0].remedy, "modprobe overlay");
	s.config[CONFIG_HAS_OVERLAY] = TRISTATE_NO;
	CHECK_STR(refused(&s, "overlayfs")->v[0].remedy, "boot a kernel with CONFIG_OVERLAY_FS=m");
}

static void mounts(void)
{
	struct system s = good;

	s.sysfs = TRISTATE_NO;
	CHECK_STR(refused(&s, "sysfs")->v[0].remedy, "mount -t sysfs sysfs /sys");
	s.procfs = TRISTATE_NO;
	CHECK_STR(refused(&s, "proc sysfs")->v[0].remedy, "mount -t proc proc /proc");
}

static void containers(void)
{
	struct system s = good;

	s.seccomp = TRISTATE_YES;
	refused(&s, "seccomp");
	s.initial_user_ns = TRISTATE_NO;
	refused(&s, "user_namespace");
	s = good;
	s.seccomp = TRISTATE_YES;
	s.kprobes = KPROBES_ABSENT; /* explains it all */
	refused(&s, "kprobes");
}

static void module_types(void)
{
	struct system s = good;

	s.btf_overlay = TRISTATE_NO;
	CHECK_STR(ids(of(&s, true, NULL)), "module_btf(less)");
	s.cap[SYSTEM_CAP_SYS_ADMIN] = TRISTATE_NO;
	CHECK_STR(ids(of(&s, true, NULL)), "module_btf(less)");
	s.config[CONFIG_HAS_MODULE_BTF] = TRISTATE_NO;
	CHECK_STR(of(&s, true, NULL)->v[0].remedy,
		  "boot a kernel with CONFIG_DEBUG_INFO_BTF_MODULES=y");
}

static void hidden_events(void)
{
	const struct diagnosis *d;
	int i;

	plan->cover[EVENT_CACHE_STORED].provider = PROVIDER_NONE;
	strcpy(plan->cover[EVENT_CACHE_STORED].evidence, "no symbol ovl_set_dir_cache");
	d = of(&good, true, NULL);
	CHECK_STR(ids(d), "event(less)");
	CHECK(!d->complete && d->traceable);
	CHECK_STR(d->v[0].what, "cache_stored cannot be seen");
	CHECK_STR(d->v[0].why, "no symbol ovl_set_dir_cache");
	plan->graph.err = -14;
	plan->layout_known = false;
	CHECK_STR(ids(of(&good, true, NULL)), "layout(less) code(less) event(less)");
	/* all at once has room */
	for (i = 0; i < EVENTS; i++) {
		plan->cover[i].provider = PROVIDER_NONE;
		strcpy(plan->cover[i].evidence, "x");
	}
	CHECK(of(&good, true, NULL)->n <= DIAGNOSE_MAX);
}

/* A refused program is a shortfall. It is the reason if there is no other. */
static void programs(void)
{
	static struct refusals none_left;
	struct diagnose_input in = { &good, plan, NULL, &none_left };
	struct refusal r = { .what = "program ovlt_at_free",
			     .reason = "R1 invalid mem access 'scalar'",
			     .remedy = "report it" };
	struct system s = good;
	struct diagnosis d;
	int i;

	refusals__add(&none_left, &r);
	diagnose(&d, &in);
	CHECK_STR(ids(&d), "program(less)");
	CHECK(d.traceable && d.complete);
	CHECK_STR(d.v[0].what, "the kernel refuses program ovlt_at_free");
	CHECK_STR(d.v[0].why, "R1 invalid mem access 'scalar'");
	CHECK_STR(d.v[0].remedy, "report it");
	in.refusal = "the kernel refuses all";
	diagnose(&d, &in);
	CHECK_STR(ids(&d), "program");
	s.kprobes = KPROBES_ABSENT;
	in.sys = &s;
	diagnose(&d, &in);
	CHECK_STR(ids(&d), "kprobes program(less)");
	/* very many have one cause */
	for (i = 0; i < REFUSALS_MAX; i++) {
		r.addr = (uint64_t)i + 1;
		r.prog = PROG_at_lock;
		refusals__add(&none_left, &r);
	}
	diagnose(&d, &in);
	CHECK(d.n < DIAGNOSE_MAX / 2);
}

int main(void)
{
	static const struct kfunc funcs[] = {
		{ "ovl_iterate_real",
		  "kfree ovl_path_upper ovl_path_open iterate_dir vfs_removexattr "
		  "ovl_set_dir_cache" },
		{ "ovl_iterate", "ovl_cache_update" },
		{ "ovl_cache_update", "lookup_one dput" },
		{ "ovl_copy_up_start", "" },
		{ "ovl_inode_update", "" },
		{ NULL, NULL },
	};

	k = calloc(1, sizeof(*k));
	plan = calloc(1, sizeof(*plan));
	kern__make(k, funcs);
	kern__plan(k, plan);
	/* which takes types, and they have none here */
	plan->cover[EVENT_KIND_SERVED].provider = PROVIDER_FEXIT;
	plan->cover[EVENT_OPERATION_RETURNED].provider = PROVIDER_FEXIT;
	TEST(nothing_short);
	TEST(no_false_alarm);
	TEST(unknown_is_no_cause);
	TEST(privileges);
	TEST(settings);
	TEST(kernels);
	TEST(containers);
	TEST(mounts);
	TEST(module_types);
	TEST(programs);
	TEST(hidden_events);
	kern__deinit(k);
	free(k);
	free(plan);
	return test_done();
}
