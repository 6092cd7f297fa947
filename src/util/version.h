/* SPDX-License-Identifier: GPL-2.0-only */
#define OVLTRACE_VERSION "0.1.0"
