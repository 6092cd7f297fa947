#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# usage: guest.sh SECONDS
# One row of the matrix: what the tracer says that it can see on this kernel, then
# a trace of each kind of load, beside the truth where this module counts it.
. /lab/guest-lib.sh

seconds=$1

# run LABEL WORKLOAD-OPTION...: leaves LABEL.jsonl and LABEL.truth
run() {
	label=$1
	shift
	[ ! -e $T/truth_rebuilds ] || truth_mark
	$OVL run -q -o "/out/$label.jsonl" -- /lab/workload --make /mnt/w "$@" > /dev/null
	echo "status $?" > "/out/$label.truth"
	[ -e $T/truth_rebuilds ] || return 0
	for pair in $PAIRS; do
		echo "${pair%:*} $(truth_since "${pair#*:}")"
	done >> "/out/$label.truth"
}

uname -r > /out/release
cat /sys/devices/system/cpu/vulnerabilities/retbleed > /out/retbleed 2> /dev/null
[ ! -e /sys/kernel/debug/sched/preempt ] || cat /sys/kernel/debug/sched/preempt > /out/preempt
$OVL doctor --json > /out/doctor.json
echo $? > /out/doctor-status
# nothing happens in it: its exit status is what doctor predicts
$OVL run -q -d 1 2> /out/run-stderr
echo $? > /out/run-status

[ ! -e $T/truth_widen_us ] || echo 500 > $T/truth_widen_us
run race-wide --mode race --readers 4 --renamers 3 --duration "$seconds"
run empty-wide --mode empty --duration "$seconds"
[ ! -e $T/truth_widen_us ] || echo 0 > $T/truth_widen_us
run race --mode race --readers 2 --renamers 1 --duration "$seconds"
run many --mode many --dirs 53 --duration "$seconds"
run cold --mode read --cold --readers 4 --rounds 23
run alternate --mode alternate --rounds 23

# A second witness, where the kernel has it. kmemleak reports what is older than five
# seconds, was the same in two scans, and has no pointer to it, not even a stale one. A
# cache is what overlayfs allocated outside the functions that fill it.
leaks=/sys/kernel/debug/kmemleak
name_leaks() {
	awk '
		function name() {
			if (object) print (!overlay ? "other" : filling ? "entry" : "cache"), object
		}
		/^unreferenced object/ { name(); object = $(NF - 2); overlay = filling = 0 }
		/ ovl_/ { overlay = 1 }
		/ ovl_(fill_|cache_entry_)/ { filling = 1 }
		END { name() }' $leaks
}

# Stale pointers hide some. The stack of a kernel thread begins with the address of its
# kthread_create_info, which was freed, and which is as large as a cache. kmemleak knows
# what is allocated, and how many pointers it found.
name_hidden() {
	sed -n 's/.*"kind":"unfreed_cache".* the cache \(0x[0-9a-f]*\),.*/\1/p' /out/*.jsonl |
		while read -r cache; do
			! grep -qx "cache $cache" /out/kmemleak || continue
			dmesg -c > /dev/null
			echo "dump=$cache" > $leaks
			dmesg | awk -v cache="$cache" '
				/kmemleak: +count = [1-9]/ { counted = 1 }
				/ ovl_/ { overlay = 1 }
				/ ovl_(fill_|cache_entry_)/ { filling = 1 }
				END { if (counted && overlay && !filling) print "hidden", cache }'
		done
}

if [ -e $leaks ]; then
	sleep 6
	for _ in 1 2 3; do
		echo scan > $leaks
	done
	name_leaks > /out/kmemleak
	name_hidden > /tmp/hidden
	cat /tmp/hidden >> /out/kmemleak
	awk '/^unreferenced object/ { n++ } n < 20' $leaks > /out/kmemleak-first
fi
