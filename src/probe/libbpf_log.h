/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_LIBBPF_LOG_H
#define OVLTRACE_LIBBPF_LOG_H

/* Silences libbpf but for option -v: our own errors are more specific. */
void libbpf_log__init(void);

#endif
