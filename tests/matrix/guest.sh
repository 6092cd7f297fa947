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

# A second witness, where the kernel has it. kmemleak reports what is older than five seconds,
# was the same in two scans, and has no pointer to it, not even a stale one. Stale pointers on
# the stacks of running tasks disappear with time. A cache is what overlayfs allocated outside
# the functions that fill it.
leaks=/sys/kernel/debug/kmemleak
count_leaks() {
	awk '
		function count() {
			if (object) what[!overlay ? "other" : filling ? "entries" : "caches"]++
		}
		/^unreferenced object/ { count(); object = 1; overlay = filling = 0 }
		/ ovl_/ { overlay = 1 }
		/ ovl_(fill_|cache_entry_)/ { filling = 1 }
		END { count(); print "caches " what["caches"] + 0; print "entries " what["entries"] + 0
			print "other " what["other"] + 0 }' $leaks > /out/kmemleak
}
if [ -e $leaks ]; then
	sleep 6
	echo scan > $leaks
	for _ in 1 2 3 4; do
		echo scan > $leaks
		count_leaks
		! grep -qx "caches $(cat $T/truth_unfreed)" /out/kmemleak || break
		find /proc /sys -maxdepth 2 > /dev/null
	done
	awk '/^unreferenced object/ { n++ } n < 20' $leaks > /out/kmemleak-first
fi
