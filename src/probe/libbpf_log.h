/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVLTRACE_LIBBPF_LOG_H
#define OVLTRACE_LIBBPF_LOG_H

#include "probe/load_log.h"

/* Silences libbpf but for option -v: our own errors are more specific. */
void libbpf_log__init(void);
/* Forgets what libbpf warned about: to be called before an object is loaded. */
void libbpf_log__forget(void);
/* What it warned about since then. */
const struct load_log *libbpf_log__load(void);

#endif
