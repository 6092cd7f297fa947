// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel sources that this relies on, read at 6.1, 6.12 and 7.3:
 * kallsyms_show_value() in kernel/ksyms_common.c (kernel/kallsyms.c before
 * 6.5), bpf_prog_load() in kernel/bpf/syscall.c, perf_kprobe_event_init() in
 * kernel/events/core.c, enum lockdown_reason in include/linux/security.h.
 */
#include "doctor/diagnose.h"

#include "code/insn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	REFUSED_MAX = 8, /* more of them have the same cause */
};

/* Adds a shortfall with its `what`; the caller fills in why and remedy. */
__attribute__((format(printf, 4, 5))) static struct shortfall *
add(struct diagnosis *d, const char *id, bool blocks, const char *fmt, ...)
{
	/* a full table overwrites its last entry */
	struct shortfall *s = &d->v[d->n < DIAGNOSE_MAX ? d->n++ : DIAGNOSE_MAX - 1];
	va_list ap;

	memset(s, 0, sizeof(*s));
	s->id = id;
	s->blocks = blocks;
	va_start(ap, fmt);
	vsnprintf(s->what, sizeof(s->what), fmt, ap);
	va_end(ap);
	return s;
}

#define WHY(s, ...) snprintf((s)->why, sizeof((s)->why), __VA_ARGS__)
#define FIX(s, ...) snprintf((s)->remedy, sizeof((s)->remedy), __VA_ARGS__)

static bool lacks(const struct system *sys, enum system_cap cap)
{
	if (sys->cap[cap] != TRISTATE_NO)
		return false;
	/* CAP_SYS_ADMIN still implies CAP_BPF and CAP_PERFMON, which were split off it in 5.8 */
	return (cap != SYSTEM_CAP_BPF && cap != SYSTEM_CAP_PERFMON) ||
	       sys->cap[SYSTEM_CAP_SYS_ADMIN] != TRISTATE_YES;
}

/* Does /proc/kallsyms show addresses only with CAP_SYSLOG? */
static bool needs_syslog(const struct system *sys)
{
	return sys->kptr_restrict != 0 || sys->perf_event_paranoid > 1 ||
	       sys->perf_event_paranoid == SYSTEM_UNKNOWN;
}

static void diagnose_caps(struct diagnosis *d, const struct system *sys)
{
	static const struct {
		enum system_cap cap;
		const char *why;
	} needed[] = {
		{ SYSTEM_CAP_BPF, "CAP_BPF loads BPF programs" },
		{ SYSTEM_CAP_PERFMON,
		  "CAP_PERFMON lets them read kernel memory and attaches probes" },
		{ SYSTEM_CAP_SYSLOG, "CAP_SYSLOG shows addresses in /proc/kallsyms" },
	};
	char names[80] = "", options[120] = "", why[sizeof(d->v[0].why)] = "";
	struct shortfall *s;
	size_t i, n = 0;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		const char *name = system_cap__name(needed[i].cap);
		size_t a = strlen(names), b = strlen(options), c = strlen(why);

		if (!lacks(sys, needed[i].cap) ||
		    (needed[i].cap == SYSTEM_CAP_SYSLOG && !needs_syslog(sys)))
			continue;
		snprintf(names + a, sizeof(names) - a, "%s%s", n ? ", " : "", name);
		snprintf(options + b, sizeof(options) - b, " --cap-add=%s", name + 4);
		snprintf(why + c, sizeof(why) - c, "%s%s", n ? "; " : "", needed[i].why);
		n++;
	}
	if (!n)
		return;
	s = add(d, "privilege", true, "%s missing: %s",
		n > 1 ? "capabilities are" : "a capability is", names);
	WHY(s, "%s", why);
	if (sys->uid)
		FIX(s, "run it as root: sudo ovltrace run");
	else
		FIX(s, "grant them to root here, in a container with%s", options);
}

/* Without /proc and /sys, nothing else can be diagnosed. */
static void diagnose_mounts(struct diagnosis *d, const struct system *sys)
{
	struct shortfall *s;

	if (sys->procfs == TRISTATE_NO) {
		s = add(d, "proc", true, "/proc is not mounted");
		WHY(s, "/proc/kallsyms has the kernel's symbols");
		FIX(s, "mount -t proc proc /proc");
	}
	if (sys->sysfs == TRISTATE_NO) {
		s = add(d, "sysfs", true, "/sys is not mounted");
		WHY(s,
		    "/sys/kernel/btf has the kernel's types, /sys/bus the type of kprobe events");
		FIX(s, "mount -t sysfs sysfs /sys");
	}
}

/* Namespaces and filters can void capabilities that the process seems to have. */
static void diagnose_container(struct diagnosis *d, const struct system *sys)
{
	struct shortfall *s;

	if (sys->initial_user_ns == TRISTATE_NO) {
		s = add(d, "user_namespace", true, "this is not the initial user namespace");
		WHY(s,
		    "BPF checks capabilities in the initial user namespace; those of this one do not count");
		FIX(s,
		    "run it on the host, or in a container without a user namespace (--userns=host)");
	}
	if (sys->seccomp == TRISTATE_YES && !d->n) {
		s = add(d, "seccomp", true, "a seccomp filter is in force");
		WHY(s,
		    "it may refuse bpf() and perf_event_open(), as the default filters of containers do");
		FIX(s,
		    "run it on the host, or in a container with --security-opt seccomp=unconfined");
	}
}

static void diagnose_settings(struct diagnosis *d, const struct system *sys)
{
	struct shortfall *s;

	if (sys->lockdown == LOCKDOWN_CONFIDENTIALITY) {
		s = add(d, "lockdown", true, "the kernel is locked down for confidentiality");
		WHY(s,
		    "lockdown refuses kprobes, and BPF programs that read kernel memory, even to root");
		FIX(s, "boot with lockdown=integrity, which allows both");
	}
	if (sys->kptr_restrict >= 2) {
		s = add(d, "kptr_restrict", true, "kernel.kptr_restrict is %d", sys->kptr_restrict);
		WHY(s,
		    "/proc/kallsyms then hides addresses from root, too: functions cannot be located");
		FIX(s, "sysctl kernel.kptr_restrict=1");
	}
	/* Debian's own level 3: only CAP_SYS_ADMIN passes it */
	if (sys->perf_event_paranoid >= 3 && sys->cap[SYSTEM_CAP_SYS_ADMIN] == TRISTATE_NO &&
	    !lacks(sys, SYSTEM_CAP_PERFMON)) {
		s = add(d, "perf_event_paranoid", true, "kernel.perf_event_paranoid is %d",
			sys->perf_event_paranoid);
		WHY(s,
		    "perf_event_open() then requires CAP_SYS_ADMIN; CAP_PERFMON is not enough to "
		    "attach a probe");
		FIX(s, "sysctl kernel.perf_event_paranoid=2");
	}
	if (sys->ftrace_enabled == 0) {
		s = add(d, "ftrace_enabled", true, "kernel.ftrace_enabled is 0");
		WHY(s, "probes at function entries attach, and never fire");
		FIX(s, "sysctl kernel.ftrace_enabled=1");
	}
}

static void diagnose_kernel(struct diagnosis *d, const struct system *sys)
{
	struct shortfall *s;

	if (!insn__arch(sys->machine)) {
		s = add(d, "arch", true, "this machine is %s", sys->machine);
		WHY(s, "ovltrace decodes machine code of x86-64 and arm64 only");
		FIX(s, "use an x86-64 or arm64 machine");
	}
	if (sys->config[CONFIG_HAS_BPF] == TRISTATE_NO) {
		s = add(d, "bpf", true, "the kernel has no BPF");
		WHY(s, "ovltrace observes the kernel through BPF programs");
		FIX(s, "boot a kernel with CONFIG_BPF_SYSCALL=y");
	}
	if (sys->btf_vmlinux == TRISTATE_NO) {
		s = add(d, "btf", true, "the kernel has no BTF (/sys/kernel/btf/vmlinux)");
		WHY(s, "without BTF the offsets of struct members are unknown");
		FIX(s, "boot a kernel with CONFIG_DEBUG_INFO_BTF=y (Debian's have it)");
	}
	if (sys->kprobes == KPROBES_ABSENT) {
		s = add(d, "kprobes", true, "the kernel has no kprobes");
		WHY(s,
		    "only kprobes can observe calls in inlined code; 'ovltrace audit' works without, and "
		    "lock_drop is read from code");
		FIX(s, "boot a kernel with CONFIG_KPROBE_EVENTS=y (Debian's have it)");
	} else if (sys->kprobes == KPROBES_OFF) {
		s = add(d, "kprobes_off", true, "kprobes are switched off");
		WHY(s, "kprobes attach, and never fire");
		FIX(s, "echo 1 > /sys/kernel/debug/kprobes/enabled");
	}
	if (sys->overlay == OVERLAY_ABSENT) {
		s = add(d, "overlayfs", true, "overlayfs is neither built in nor loaded");
		WHY(s, "there is no overlayfs code to examine yet");
		if (sys->config[CONFIG_HAS_OVERLAY] == TRISTATE_NO)
			FIX(s, "boot a kernel with CONFIG_OVERLAY_FS=m");
		else
			FIX(s, "modprobe overlay");
	}
}

/* Types are missing: tracing still works, with less detail. */
static void diagnose_types(struct diagnosis *d, const struct diagnose_input *in)
{
	const struct system *sys = in->sys;
	struct shortfall *s;

	if (sys->overlay != OVERLAY_MODULE)
		return;
	if (sys->btf_overlay == TRISTATE_NO) {
		s = add(d, "module_btf", false, "module overlay has no BTF");
		WHY(s,
		    "offsets are read from code, arguments are not checked, and modifications have no "
		    "names");
		if (sys->config[CONFIG_HAS_MODULE_BTF] == TRISTATE_NO)
			FIX(s, "boot a kernel with CONFIG_DEBUG_INFO_BTF_MODULES=y");
		else
			FIX(s,
			    "build overlay.ko with pahole installed and the kernel's vmlinux in place");
	} else if (lacks(sys, SYSTEM_CAP_SYS_ADMIN)) {
		s = add(d, "privilege_types", false, "a capability is missing: CAP_SYS_ADMIN");
		WHY(s,
		    "without it the BTF of module overlay cannot be read: offsets are read from code, "
		    "arguments are not checked, and modifications have no names");
		if (sys->uid)
			FIX(s, "run it as root: sudo ovltrace run");
		else
			FIX(s, "grant it to root here, in a container with --cap-add=SYS_ADMIN");
	}
}

static void diagnose_plan(struct diagnosis *d, const struct plan *plan)
{
	static const char *const partial = "ovltrace run --allow-partial traces the rest";
	struct shortfall *s;
	int i;

	if (!plan->layout_known) {
		s = add(d, "layout", false,
			"the offsets of cache and version in struct ovl_inode are unknown");
		WHY(s, "%s", plan->layout_evidence);
		FIX(s, "load an overlay.ko that has BTF");
	}
	if (plan->graph.err || plan->graph.truncated) {
		s = add(d, "code", false, "part of overlayfs' code could not be read");
		WHY(s, "unread code may release the lock in another way");
		FIX(s, "%s", partial);
	}
	for (i = 0; i < EVENT_READDIR; i++) {
		const struct coverage *cov = &plan->cover[i];

		if (cov->provider != PROVIDER_NONE)
			continue;
		s = add(d, "event", false, "%s cannot be seen", logical_event__name(i));
		WHY(s, "%s", cov->evidence);
		if (logical_event__need(i) <= NEED_DETAIL)
			FIX(s, "%s", partial);
		else if (strstr(cov->evidence, "--costly"))
			FIX(s,
			    "ovltrace run --costly; otherwise the count is null, and the verdict does "
			    "not need it");
		else
			FIX(s,
			    "none needed: the count is null while it is 0, and the verdict does not "
			    "need it");
	}
}

/* Where nothing else explains why there is no trace, these do. */
static void diagnose_refused(struct diagnosis *d, const struct refusals *refused)
{
	bool blocks = !d->traceable && !d->n;
	struct shortfall *s;
	size_t i;

	for (i = 0; refused && i < refused->n && i < REFUSED_MAX; i++) {
		const struct refusal *r = &refused->v[i];

		s = add(d, "program", blocks, "the kernel refuses %s", r->what);
		WHY(s, "%s", r->reason);
		FIX(s, "%s", r->remedy);
	}
}

void diagnose(struct diagnosis *d, const struct diagnose_input *in)
{
	enum logical_event missing;
	struct shortfall *s;

	memset(d, 0, sizeof(*d));
	d->traceable = in->plan && !in->refusal;
	d->complete = d->traceable && plan__complete(in->plan, &missing);
	/* a setting that did not prevent tracing is no shortfall */
	if (!d->traceable) {
		diagnose_mounts(d, in->sys);
		diagnose_caps(d, in->sys);
		diagnose_settings(d, in->sys);
		diagnose_kernel(d, in->sys);
		diagnose_container(d, in->sys);
	}
	diagnose_refused(d, in->refused);
	if (!d->traceable && !d->n) {
		s = add(d, "other", true, "%s",
			in->refusal ? in->refusal : "the kernel could not be examined");
		WHY(s, "none of the known causes applies");
		FIX(s, "ovltrace doctor -v shows the kernel's messages");
	}
	diagnose_types(d, in);
	if (in->plan)
		diagnose_plan(d, in->plan);
}
