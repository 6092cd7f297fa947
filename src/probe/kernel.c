// SPDX-License-Identifier: GPL-2.0-only
#include "probe/kernel.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "kcode.skel.h"
#include "probe/types.h"
#include "util/log.h"

__attribute__((format(printf, 4, 5))) static int refuse(struct kernel *k, int err,
							const char *remedy, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->why, sizeof(k->why), fmt, ap);
	va_end(ap);
	snprintf(k->remedy, sizeof(k->remedy), "%s", remedy);
	return err;
}

static int read_code(void *ctx, uint64_t addr, void *buf, size_t len)
{
	struct kcode_bpf *skel = ctx;
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	size_t off, n;
	int err;

	for (off = 0; off < len; off += n) {
		n = len - off;
		if (n > sizeof(skel->bss->code))
			n = sizeof(skel->bss->code);
		skel->bss->code_addr = addr + off;
		skel->bss->code_len = n;
		err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.ovlt_read_code), &opts);
		if (err)
			return err;
		if (skel->bss->code_err)
			return skel->bss->code_err;
		memcpy((char *)buf + off, skel->bss->code, n);
	}
	return 0;
}

/* The BTF with the types of overlayfs; NULL if there is none. */
static struct btf *overlay_types(const struct kernel *k)
{
	return k->overlay ? k->overlay : k->ks.module ? NULL : k->vmlinux;
}

static int dentry_args(void *ctx, const char *func, int arg[2])
{
	return types__dentry_args(overlay_types(ctx), func, arg);
}

static int arg_is(void *ctx, const char *func, int n, const char *type)
{
	return types__arg_is(overlay_types(ctx), func, n, type);
}

static int symbols_read(struct ksyms *ks, FILE *f)
{
	size_t cap = 0;
	char *line = NULL;
	ssize_t len;
	int err = 0;

	memset(ks, 0, sizeof(*ks));
	while (!err && (len = getline(&line, &cap, f)) > 0)
		err = ksyms__add_line(ks, line, len);
	free(line);
	if (!err && ferror(f))
		err = -EIO;
	ksyms__finish(ks);
	return err;
}

static int symbols_init(struct kernel *k)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	int err;

	if (!f)
		return refuse(k, -errno, "mount /proc with kallsyms readable",
			      "/proc/kallsyms cannot be read: %s", strerror(errno));
	setvbuf(f, NULL, _IOFBF, 1 << 18);
	err = symbols_read(&k->ks, f);
	fclose(f);
	if (err)
		return refuse(k, err, "try again", "/proc/kallsyms cannot be read: %s",
			      strerror(-err));
	if (k->ks.hidden)
		return refuse(k, -EPERM,
			      "run as root with CAP_SYSLOG, and set kernel.kptr_restrict to 0 or 1",
			      "/proc/kallsyms shows no addresses");
	/* a file operation, so it is a function however much was inlined */
	if (!ksyms__find(&k->ks, "ovl_iterate"))
		return refuse(k, -ENOENT, "modprobe overlay",
			      "overlayfs is neither built in nor loaded");
	return 0;
}

static int code_init(struct kernel *k)
{
	int err;

	k->code = kcode_bpf__open_and_load();
	if (k->code)
		return 0;
	err = -errno;
	if (err == -EPERM || err == -EACCES)
		return refuse(k, err, "run as root (needs CAP_BPF, CAP_PERFMON and CAP_SYS_ADMIN)",
			      "the kernel does not allow BPF programs");
	return refuse(k, err, "use a kernel with CONFIG_BPF_SYSCALL and CONFIG_DEBUG_INFO_BTF",
		      "the kernel cannot load BPF programs: %s", strerror(-err));
}

/* The types of overlayfs: from the file, the module's BTF or the kernel's. */
static int layout_init(struct kernel *k, const char *btf_file)
{
	if (btf_file) {
		/* a module has split BTF, based on the kernel's */
		k->overlay = btf__parse_split(btf_file, k->vmlinux);
		if (!k->overlay) {
			int err = -errno;
			char why[128];

			/* numbers from 4000 on are libbpf's own */
			libbpf_strerror(err, why, sizeof(why));
			return refuse(k, err,
				      "use an overlay.ko with BTF that was built for this "
				      "kernel",
				      "'%s' has no BTF that fits this kernel: %s", quoted(btf_file),
				      why);
		}
		if (!types__are_aligned(k->overlay))
			return refuse(k, -EINVAL, "use an overlay.ko with BTF",
				      "the types in '%s' are not aligned", quoted(btf_file));
	} else if (k->vmlinux && k->ks.module) {
		k->overlay = btf__load_module_btf("overlay", k->vmlinux);
	}
	k->has_layout = types__layout(overlay_types(k), &k->btf_layout);
	if (btf_file && !k->has_layout)
		return refuse(k, -ENOENT, "use an overlay.ko with BTF",
			      "'%s' does not have the types of overlayfs", quoted(btf_file));
	k->from_file = btf_file != NULL;
	return 0;
}

static int arch_init(struct kernel *k)
{
	struct utsname un;

	k->arch = uname(&un) ? NULL : insn__arch(un.machine);
	return k->arch ? 0 :
			 refuse(k, -EOPNOTSUPP, "use an x86-64 or arm64 machine",
				"ovltrace decodes machine code of x86-64 and arm64 only");
}

int kernel__init(struct kernel *k, const char *btf_file)
{
	int err;

	memset(k, 0, sizeof(*k));
	err = arch_init(k);
	if (err)
		return err;
	debug("loading the code reader");
	err = code_init(k);
	if (err)
		return err;
	debug("reading BTF");
	k->vmlinux = btf__load_vmlinux_btf();
	debug("reading symbols");
	err = symbols_init(k);
	if (err)
		return err;
	debug("reading the types of overlayfs");
	return layout_init(k, btf_file);
}

void kernel__deinit(struct kernel *k)
{
	ksyms__deinit(&k->ks);
	kcode_bpf__destroy(k->code);
	btf__free(k->overlay);
	btf__free(k->vmlinux);
	k->code = NULL;
	k->overlay = k->vmlinux = NULL;
}

/* libbpf finds a module's functions by the module's BTF id. Only CAP_SYS_ADMIN may list these. */
static bool lists_btf(void)
{
	__u32 id;

	return !bpf_btf_get_next_id(0, &id);
}

/* A trampoline needs the function's BTF in the kernel; BTF from a file does not help. */
static bool is_typed(void *ctx, const char *func)
{
	const struct kernel *k = ctx;

	if (k->overlay && !k->from_file &&
	    btf__find_by_name_kind(k->overlay, func, BTF_KIND_FUNC) > 0)
		return lists_btf();
	return k->vmlinux && btf__find_by_name_kind(k->vmlinux, func, BTF_KIND_FUNC) > 0;
}

bool kernel__has_plain_loads(const struct kernel *k)
{
	return k->vmlinux &&
	       btf__find_by_name_kind(k->vmlinux, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
}

/*
 * Whether a task can be preempted in kernel mode (kernel/sched/core.c and
 * include/linux/sched.h: preempt_dynamic_mode; 2 is full, 3 lazy). A fentry program
 * can then be preempted, too. Until it resumes, the kernel skips this program for all
 * other tasks on that CPU (__bpf_prog_enter_recur). A kprobe cannot be preempted.
 */
static bool preemptible(struct kernel *k)
{
	struct utsname un;
	int32_t mode;
	size_t i;

	for (i = 0; i < k->ks.n; i++)
		if (!strcmp(k->ks.v[i].name, "preempt_dynamic_mode") &&
		    !read_code(k->code, k->ks.v[i].addr, &mode, sizeof(mode)))
			return mode >= 2;
	return uname(&un) || strstr(un.version, "PREEMPT");
}

/* Since 6.7 a link has the number of runs that were skipped within another kprobe's handler. */
static bool counts_nested(const struct kernel *k)
{
	const struct btf_type *proto =
		k->vmlinux ? types__prototype(k->vmlinux, "bpf_get_kprobe_info") : NULL;

	return proto && btf_vlen(proto) > 5;
}

void kernel__plan_input(struct kernel *k, struct plan_input *in)
{
	const struct btf *btf = overlay_types(k);

	memset(in, 0, sizeof(*in));
	in->code.ks = &k->ks;
	in->code.read = read_code;
	in->code.arch = k->arch;
	in->code.ctx = k->code;
	in->btf_layout = k->has_layout ? &k->btf_layout : NULL;
	in->fexit = !k->arch->trampolines || ksyms__find(&k->ks, k->arch->trampolines);
	in->is_typed = is_typed;
	in->preemptible = preemptible(k);
	in->counts_nested = counts_nested(k);
	in->dentry_args = btf ? dentry_args : NULL;
	in->arg_is = btf ? arg_is : NULL;
	in->btf_ctx = k;
}

int kernel__audit_layout(struct kernel *k, struct ovla_layout *l)
{
	const struct btf *btf;
	const char *missing;
	int err = code_init(k);

	/* its errors explain best why BPF is not available */
	if (err)
		return err;
	debug("reading BTF");
	k->vmlinux = btf__load_vmlinux_btf();
	if (!k->vmlinux)
		return refuse(k, -ENOENT, "use a kernel with CONFIG_DEBUG_INFO_BTF",
			      "this kernel's BTF cannot be read from /sys/kernel/btf/vmlinux");
	btf = k->vmlinux;
	if (btf__find_by_name_kind(btf, "ovl_inode", BTF_KIND_STRUCT) < 0) {
		if (access("/sys/module/overlay", F_OK))
			return refuse(k, -ENOENT, "modprobe overlay",
				      "overlayfs is neither built in nor loaded");
		btf = k->overlay = btf__load_module_btf("overlay", k->vmlinux);
	}
	if (!btf)
		return refuse(k, -ENOENT,
			      "run as root on a kernel with CONFIG_DEBUG_INFO_BTF_MODULES, whose "
			      "overlay module was built for it",
			      "the BTF of module 'overlay' cannot be read");
	missing = types__audit_layout(btf, l);
	if (missing)
		return refuse(k, -ENOENT, "this version of ovltrace does not support this kernel",
			      "the BTF of overlayfs lacks %s", missing);
	return 0;
}

void kernel__dirstat_layout(const struct kernel *k, struct ovls_layout *l)
{
	types__dirstat_layout(overlay_types(k), l);
}

void kernel__plan(struct kernel *k, const struct plan *plan, void (*make)(void *ctx), void *ctx)
{
	const struct timespec wait = { .tv_nsec = 200000000 };
	int tries;

	make(ctx);
	for (tries = 0; tries < 5 && code__has_gap(&plan->graph); tries++) {
		nanosleep(&wait, NULL);
		debug("planning again, because part of the code cannot be followed");
		ksyms__deinit(&k->ks);
		/* without symbols there is an empty plan, rather than one that points nowhere */
		(void)symbols_init(k);
		make(ctx);
	}
}
