/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probes of --merged: see bpf/trace/merged.h. Included once, by trace.bpf.c.
 */
#ifndef OVLTRACE_BPF_TRACE_MERGED_HOOKS_H
#define OVLTRACE_BPF_TRACE_MERGED_HOOKS_H

#include "trace/merged.h"

/* ovl_iterate(file, ctx), with the directory's lock held */
SEC("fentry")
int BPF_PROG(ovlt_m_in_iterate, struct file *file, struct dir_context *ctx_)
{
	merged_begin(file, MERGED_ITERATE, ctx_->pos);
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_m_out_iterate, struct file *file)
{
	merged_end((__u64)file, MERGED_ITERATE);
	return 0;
}

SEC("kprobe")
int ovlt_m_on_iterate(struct pt_regs *ctx)
{
	struct dir_context *dc = (struct dir_context *)PT_REGS_PARM2(ctx);

	merged_begin((struct file *)PT_REGS_PARM1(ctx), MERGED_ITERATE, BPF_CORE_READ(dc, pos));
	return 0;
}

SEC("kretprobe")
int ovlt_m_ret_iterate(struct pt_regs *ctx)
{
	merged_end(0, MERGED_ITERATE);
	return 0;
}

/* ovl_dir_llseek(file, offset, origin): takes the lock, and may rewind */
SEC("fentry")
int BPF_PROG(ovlt_m_in_llseek, struct file *file)
{
	merged_begin(file, MERGED_LLSEEK, 0);
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_m_out_llseek, struct file *file)
{
	merged_end((__u64)file, MERGED_LLSEEK);
	return 0;
}

SEC("kprobe")
int ovlt_m_on_llseek(struct pt_regs *ctx)
{
	merged_begin((struct file *)PT_REGS_PARM1(ctx), MERGED_LLSEEK, 0);
	return 0;
}

SEC("kretprobe")
int ovlt_m_ret_llseek(struct pt_regs *ctx)
{
	merged_end(0, MERGED_LLSEEK);
	return 0;
}

/* ovl_dir_release(inode, file): takes the lock if the stream has a cache */
SEC("fentry")
int BPF_PROG(ovlt_m_in_release, struct inode *inode, struct file *file)
{
	merged_begin(file, MERGED_RELEASE, 0);
	return 0;
}

SEC("fexit")
int BPF_PROG(ovlt_m_out_release, struct inode *inode, struct file *file)
{
	merged_end((__u64)file, MERGED_RELEASE);
	return 0;
}

SEC("kprobe")
int ovlt_m_on_release(struct pt_regs *ctx)
{
	merged_begin((struct file *)PT_REGS_PARM2(ctx), MERGED_RELEASE, 0);
	return 0;
}

SEC("kretprobe")
int ovlt_m_ret_release(struct pt_regs *ctx)
{
	merged_end(0, MERGED_RELEASE);
	return 0;
}

/* Entry of ovl_cache_put() or of a clone of it: no argument is read. */
SEC("kprobe")
int ovlt_m_on_put(struct pt_regs *ctx)
{
	merged_puts();
	return 0;
}

/* Entry of ovl_dir_read_merged(): the content is read from here on. */
SEC("kprobe")
int ovlt_m_on_read(struct pt_regs *ctx)
{
	merged_reads();
	return 0;
}

/* Call site of up_write(sem) or a variant. */
SEC("kprobe")
int ovlt_m_at_unlock(struct pt_regs *ctx)
{
	merged_unlocks(PT_REGS_PARM1(ctx));
	return 0;
}

/* Call site of kfree(p) or a variant where a cache is put. */
SEC("kprobe")
int ovlt_m_at_free(struct pt_regs *ctx)
{
	__u64 cookie = bpf_get_attach_cookie(ctx), p = arg_of(ctx, OVLW_COOKIE_ARG(cookie));

	if (p)
		merged_freed(p, OVLW_COOKIE_SITE(cookie) & (OVLW_MAX_SITES - 1));
	return 0;
}

SEC("raw_tp/kfree")
int BPF_PROG(ovlt_m_tp_kfree, unsigned long call_site, __u64 p)
{
	merged_freed_anywhere(p);
	return 0;
}

#endif
