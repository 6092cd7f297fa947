#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Looks for a kernel's complaints in a console log.
#
#   splats.sh [--leaks] [--oom] LOG
#
# With --leaks, what kmemleak reports is no complaint, for a kernel that leaks on purpose;
# nor that kmemleak was turned off. With --oom, one report is expected, that a control group is
# out of memory: the call trace in it is no complaint.
# Status 0: a kernel booted and never complained. 1: it complained; the lines are
# printed. 2: the log proves nothing (missing, or no kernel booted); prints why.
# No log is no proof of health: whatever is not 0 must fail the test.
set -euo pipefail

leaks="" ooms=0
while [ $# -gt 1 ]; do
	case $1 in
	--leaks) leaks=1 ;;
	--oom) ooms=1 ;;
	*) echo "unknown option $1" && exit 2 ;;
	esac
	shift
done
log=$1

# The log without the call traces of the first OOMS reports of a control group. Such a report is
# what stands from "invoked oom-killer" to its cause.
without_ooms() {
	awk -v left="$ooms" '
		function flush(drop, i) {
			for (i = 0; i < n; i++)
				if (!drop || held[i] !~ /Call Trace:/)
					print held[i]
			n = 0
		}
		/invoked oom-killer:/ { flush(0); open = left > 0 }
		open { held[n++] = $0 }
		!open
		open && /oom-kill:constraint=/ {
			memcg = /oom-kill:constraint=CONSTRAINT_MEMCG,/
			flush(memcg)
			left -= memcg
			open = 0
		}
		END { flush(0) }' "$log"
}

# What begins a line. A program's crash has the program in front of the same words
# ("traps: prog[12] general protection fault"), and is none of the kernel's.
FIRST=(
	'general protection' 'double fault' 'PANIC' 'int3' 'invalid opcode' 'stack segment'
	'divide error' 'segment not present' 'invalid TSS' 'Internal error' 'Bad mode in'
	'Unexpected kernel BRK' 'Unhandled .*exception'
)
# What may stand anywhere in a line.
ANYWHERE=(
	'BUG: ' 'BUG at ' 'WARNING: ' 'cut here' 'Oops' 'Kernel panic' 'Call Trace:'
	'\[#[0-9]+\]' '[Uu]nable to handle' 'KASAN' 'KCSAN' 'KFENCE' 'UBSAN:'
	'circular locking' 'recursive locking' 'inconsistent lock state' 'lock held when returning'
	'bad unlock balance' 'suspicious RCU' 'rcu.*(self-)?detected.*stall' 'rcu: INFO:'
	'soft lockup' 'hard LOCKUP' 'blocked for more than' 'list_(add|del) corruption'
	'refcount_t: ' 'Bad page' 'Poison overwritten' 'Redzone overwritten' 'Object already free'
	'scheduling while atomic' 'sleeping function called' 'Unhandled fault' 'Machine check'
	'non-static key' 'lockdep is turned off' 'possible irq lock inversion' 'CFI failure' 'Missing ENDBR'
	'kmemleak: (Cannot|Memory pool empty)'
)
[ -n "$leaks" ] || ANYWHERE+=('kmemleak: ([0-9]+ new suspected|Kernel memory leak detector disabled)'
	'unreferenced object')

if [ ! -r "$log" ]; then
	echo "cannot be read"
	exit 2
fi
first=$(IFS='|' && echo "${FIRST[*]}")
anywhere=$(IFS='|' && echo "${ANYWHERE[*]}")
if without_ooms | grep -aE "^\[ *[0-9]+\.[0-9]+\] (.*($anywhere)|($first))"; then
	exit 1
fi
if ! grep -aq '^\[ *[0-9.]*\] Linux version ' "$log"; then
	echo "has no boot banner"
	exit 2
fi
